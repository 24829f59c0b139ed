"""The table of scenarios: each with the result of the tests that bear its marker."""

import collections
import sys
from collections.abc import Mapping, Sequence

import pytest

from tests.faults.scenarios import SCENARIOS

ORDER = ("failed", "no test", "skipped", "passed")
"""The results, the worst first: a scenario has the worst of its tests."""


class Results:
    """A plugin that notes the result of each test by scenario."""

    def __init__(self) -> None:
        self.by_scenario: dict[str, list[str]] = collections.defaultdict(list)
        self._scenarios: dict[str, list[str]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests that have the marker."""
        items[:] = [item for item in items if item.get_closest_marker("scenario")]
        for item in items:
            self._scenarios[item.nodeid] = scenarios_of(item)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a result; a test whose set-up fails has failed."""
        if report.when == "call" or report.outcome != "passed":
            for name in self._scenarios[report.nodeid]:
                self.by_scenario[name].append(report.outcome)


def scenarios_of(item: pytest.Item) -> list[str]:
    """Return the scenarios that a test names."""
    return [str(name) for mark in item.iter_markers("scenario") for name in mark.args]


def scenario_results(by_scenario: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the worst result of each scenario; ``no test`` where there is none."""
    return {
        name: min(by_scenario.get(name) or ["no test"], key=ORDER.index)
        for name in (*SCENARIOS, *(by_scenario.keys() - SCENARIOS.keys()))
    }


def scenario_table(by_scenario: Mapping[str, Sequence[str]]) -> str:
    """Return a line per scenario: its result, its number of tests, its name and its sentence."""
    return "\n".join(
        f"{result:8} {len(by_scenario.get(name, ())):5}  {name:28}  {SCENARIOS.get(name, 'unknown scenario')}"
        for name, result in scenario_results(by_scenario).items()
    )


def main() -> int:
    """Run the tests of all scenarios, print the table, and return 0 if every scenario has passed."""
    results = Results()
    pytest.main(["-q", "-m", "scenario", "-p", "no:cacheprovider", "--no-header"], plugins=[results])
    print(f"\nresult   tests  scenario\n{scenario_table(results.by_scenario)}")
    found = scenario_results(results.by_scenario)
    return int(any(result in {"failed", "no test"} for result in found.values()))


if __name__ == "__main__":
    sys.exit(main())
