"""The prose check reads every help text of the program."""

import re
from collections.abc import Iterator

import typer.core

from mailsignals.cli import app as program
from tests.house.conftest import ROOT
from tests.house.prose.passage import Kind
from tests.house.prose.sources import passages


def help_texts(command: typer.core.TyperGroup | typer.core.TyperCommand) -> Iterator[str]:
    """Yield the help of a command, of its options, and of the commands below it."""
    yield command.help or ""
    yield from (
        getattr(parameter, "help", None) or "" for parameter in command.params if parameter.name != "help"
    )
    for below in getattr(command, "commands", {}).values():
        yield from help_texts(below)


def words(text: str) -> str:
    """Return a text without marks of code and line ends, so that two ways of reading it compare."""
    return " ".join(text.replace("`", "").split())


def test_every_help_text_is_checked() -> None:
    """Each help of a command, an option or an argument is a passage of the check, by its place in the code."""
    read = [each.text for each in passages(ROOT, below=("mailsignals/cli/",)) if each.kind is Kind.HELP]
    # Code and inserted values are words of capital X there.
    patterns = [re.compile(re.sub(r"X+", ".*", re.escape(words(text)))) for text in read]
    found = {words(text) for name in program.COMMANDS for text in help_texts(program.command(name))}
    found |= {words(place.help) for place in program.COMMANDS.values()}
    unread = {text for text in found if text and not any(pattern.fullmatch(text) for pattern in patterns)}
    assert unread == set()
