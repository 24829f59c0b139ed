"""Interruptions, by command."""

import pytest
import typer.core

from mailsignals.cli.app import COMMANDS, command
from mailsignals.cli.failures import KEPT, NOTHING, STORED, kept_words, report_failure
from mailsignals.cli.run import INTERRUPTED


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("risk", "--as-of", "today"), NOTHING),
        (("--quiet", "sync"), STORED),
        (("import", "risk", "--mailbox", "a@b.test"), STORED),
        (("--config", "run", "export", "turns", "--output", "sync"), NOTHING),
        (("flag",), NOTHING),
        (("flag", "record"), KEPT["flag record"]),
        (("accounts", "history"), NOTHING),
        (("accounts", "import", "x.csv"), KEPT["accounts import"]),
        ((), NOTHING),
    ],
)
def test_an_interrupted_command_reports_what_it_keeps(given: tuple[str, ...], words: str) -> None:
    """By the command alone, not by words of its arguments; whatever only reads changes nothing."""
    assert kept_words(given) == words


def test_every_named_command_exists() -> None:
    """A command that is renamed keeps its sentence."""
    for name in KEPT:
        first, *rest = name.split()
        assert first in COMMANDS
        if rest:
            group = command(first)
            assert isinstance(group, typer.core.TyperGroup)
            assert rest[0] in group.commands


def test_an_interruption_has_its_own_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    """130, as shells have it, and one sentence."""
    assert report_failure(KeyboardInterrupt(), ["sync"]) == INTERRUPTED == 130
    assert capsys.readouterr().err == f"Interrupted. {STORED}\n"
