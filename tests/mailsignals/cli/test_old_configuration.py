"""A configuration of an earlier version: every command warns once, and runs."""

import json
from pathlib import Path

import pytest

from tests.mailsignals import small_company
from tests.mailsignals.cli.program import Program

WARNING = "Warning: config.toml, line {line}: risk.high_score no longer has an effect: "


@pytest.fixture
def old(stocked: Path) -> str:
    """The warning of the company in the current folder, whose configuration still has a key of before."""
    small_company.configure(stocked, "[risk]\n", "[risk]\nhigh_score = 80\n")
    lines = (stocked / "config.toml").read_text(encoding="utf-8").splitlines()
    return WARNING.format(line=lines.index("high_score = 80") + 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [("check",), ("status",), ("flag",), ("run", "--dry-run"), ("export", "turns")]
)
def test_a_command_warns_once_on_standard_error_and_runs(
    run: Program, old: str, command: tuple[str, ...]
) -> None:
    """Its result is the same as without the key, and standard output is untouched."""
    ran = run(*command, "--json") if command[0] != "export" else run(*command, "--output", "turns.csv")
    assert ran.status == 0
    assert ran.err.count("risk.high_score") == 1
    assert old in ran.err
    if command[0] != "export":
        json.loads(ran.out)


def test_the_environment_is_warned_of_too(
    run: Program, stocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the name of the variable."""
    monkeypatch.setenv("MAILSIGNALS_RISK__HIGH_SCORE", "70")
    ran = run("flag")
    assert ran.status == 0
    assert (
        "Warning: Environment variable MAILSIGNALS_RISK__HIGH_SCORE: risk.high_score no longer has an effect"
        in ran.err
    )


def test_whoever_wants_no_remarks_gets_no_warning(run: Program, old: str) -> None:
    """A remark is one: --quiet leaves it out."""
    assert run("--quiet", "flag").err == ""
