"""Commands that the documentation shows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from mailsignals.cli import app as program
from tests.house.conftest import ROOT
from tests.house.test_docs import PAGES, code


def command_lines(file: Path) -> Iterator[list[str]]:
    """The words after each ``mailsignals``."""
    for line in code(file):
        found = re.match(r"(?:\$ )?(?:\S*/)?mailsignals ([a-z].*)", line)
        if found:
            yield found[1].split()


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_command_in_the_documentation_exists(file: Path) -> None:
    """Each command line that a page shows is one that the program has, with its options."""
    group = typer.main.get_group(program.app)
    everywhere = {option for parameter in group.params for option in parameter.opts}
    for words in command_lines(file):
        assert words[0] in group.commands, f"there is no `mailsignals {words[0]}`"
        command = program.command(words[0])
        below = getattr(command, "commands", {}).get(words[1] if len(words) > 1 else "")
        parameters = (command if below is None else below).params
        known = everywhere | {option for parameter in parameters for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, " ".join(words)
