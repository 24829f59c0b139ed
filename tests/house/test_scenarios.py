"""Every scenario of tests/faults/scenarios.py has a test that bears its name."""

import ast

from tests.faults.scenarios import SCENARIOS
from tests.house.conftest import ROOT


def marked_scenarios() -> dict[str, list[str]]:
    """Return the files of the tests by scenario, from the markers in the source of all tests."""
    found: dict[str, list[str]] = {}
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for name in _names(node):
                found.setdefault(name, []).append(str(file.relative_to(ROOT)))
    return found


def _names(node: ast.AST) -> list[str]:
    """The names in a call of ``pytest.mark.scenario``."""
    if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.scenario"):
        return []
    return [ast.literal_eval(each) for each in node.args]


def test_every_scenario_has_a_test_and_every_marker_a_scenario() -> None:
    """A fault that nothing proves is not survived; a misspelled name proves nothing."""
    marked = marked_scenarios()
    assert {name: files for name, files in marked.items() if name not in SCENARIOS} == {}
    assert sorted(SCENARIOS.keys() - marked.keys()) == []


def test_this_finds_markers() -> None:
    """Of functions, of modules, and several at once."""
    tree = ast.parse(
        'pytestmark = [pytest.mark.scenario("a")]\n@pytest.mark.scenario("b", "c")\ndef t(): pass'
    )
    assert {name for node in ast.walk(tree) for name in _names(node)} == {"a", "b", "c"}
