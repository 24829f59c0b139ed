"""Faults at a fixed plan of system calls: nothing is lost or doubled, and every sentence is for a person."""

import errno
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.cases import ERRORS, KILLS, Case, Injection, plan
from tests.faults.commands import COMMANDS
from tests.faults.company_state import differences
from tests.faults.disk import Disk, Loss
from tests.faults.scenario_table import scenario_results
from tests.faults.scenarios import SCENARIOS
from tests.faults.system_calls import KILL, Call
from tests.house.conftest import ROOT

CASES = 60
"""About a minute on a quiet machine of two cores; `python3 dev.py faults` runs 2,500."""


@pytest.mark.slow
@pytest.mark.subprocess
@pytest.mark.scenario("disk-errors-in-words")
def test_commands_survive_faults_at_any_call(tmp_path: Path) -> None:
    """Killed, without power, or with an error of the disk: the next run makes everything as if nothing had been."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--quick", "--cases", str(CASES), "--workers", "1"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.stdout.startswith("Faults were not injected"):
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_plan_has_every_command_and_a_fifth_of_kills() -> None:
    """The same seed gives the same cases, another one others; 2,500 are 500 kills and 2,000 errors."""
    cases = list(plan(2_500, seed=17, commands=COMMANDS))
    assert cases == list(plan(2_500, seed=17, commands=COMMANDS))
    assert cases != list(plan(2_500, seed=18, commands=COMMANDS))
    assert {case.command for case in cases} == {command.name for command in COMMANDS}
    assert {case.fault for case in cases} == {*KILLS, *ERRORS}
    kills = sum(case.kills for case in cases)
    assert kills >= 500
    assert len(cases) - kills >= 2_000


def test_a_case_is_read_from_its_text() -> None:
    """A failing case prints how to run it alone."""
    for case in (Case("import", "kill", 57), Case("digest send", "ENOSPC", 3, lasts=True)):
        assert Case.parse(case.text(int(case.place))) == case
    with pytest.raises(ValueError, match="is not a case"):
        Case.parse("import: EPERM at 3")


def test_an_error_happens_once_or_from_a_call_on() -> None:
    """Only calls count that can end with it; a kill ends the process at any call that changes something."""
    calls = [Call("open", "a", flags=os.O_RDONLY), Call("write", "a"), Call("fsync", "a"), Call("write", "b")]

    def answers(case: Case) -> list[int | None]:
        injection = Injection(case, case.number(calls), lambda _: None)
        return [injection(call) for call in calls]

    full = errno.ENOSPC
    assert answers(Case("import", "ENOSPC", 1)) == [None, full, None, None]
    assert answers(Case("import", "ENOSPC", 1, lasts=True)) == [None, full, None, full]
    assert answers(Case("import", "EMFILE", 0.9)) == [errno.EMFILE, None, None, None]
    assert answers(Case("import", "kill", 3)) == [None, None, None, KILL]


@pytest.mark.parametrize(
    ("loss", "left"),
    [
        ("content", {"old": "old", "flushed": "flushed", "new": ""}),
        ("names", {"old": "old", "gone": "gone"}),
    ],
)
def test_a_disk_loses_what_was_not_flushed(tmp_path: Path, loss: Loss, left: dict[str, str]) -> None:
    """Content without fsync is as it was, or empty; names without fsync of their folder are as they were."""
    company, attic = tmp_path / "company", tmp_path / "attic"
    attic.mkdir()
    company.mkdir()
    (company / "old").write_text("old")
    (company / "gone").write_text("gone")
    disk = Disk(company, attic)
    (company / "old").write_text("changed")
    (company / "flushed").write_text("flushed")
    disk.note(Call("fsync", str(company / "flushed")))
    (company / "new").write_text("new")
    disk.note(Call("unlink", str(company / "gone")))
    (company / "gone").unlink()
    disk.cut_power(loss)
    assert _files(company) == left


def _files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_differences_are_counted() -> None:
    """What is there twice is as much a difference as what is missing."""
    lost, more = differences({"messages": ["a", "b"]}, {"messages": ["a", "a"], "score": ["c"]})
    assert (Counter(lost), Counter(more)) == (
        Counter(["messages: b"]),
        Counter(["messages: a", "score: c"]),
    )


def test_a_scenario_has_the_worst_of_its_results() -> None:
    """One without a test is named, and a marker of no scenario, too."""
    first, second, third, *_ = SCENARIOS
    found = scenario_results({first: ["passed", "failed"], second: ["passed"], "other": ["passed"]})
    assert (found[first], found[second], found[third], found["other"]) == (
        "failed",
        "passed",
        "no test",
        "passed",
    )
