"""Commands, links and generated pages of the documentation are true."""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.api_description import FILE, text
from tests.house.conftest import ROOT
from tests.house.signals_page import PAGE, page

PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("connectors/*.md")),
]
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")


def code(file: Path) -> Iterator[str]:
    """Yield the lines of code in a page, also those within sentences."""
    for block in CODE.findall(file.read_text(encoding="utf-8")):
        yield from block.strip("`").splitlines()


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_dev_command_in_the_documentation_exists(file: Path) -> None:
    """Each ``dev.py`` command in a page is one that dev.py has."""
    known = set(runpy.run_path(str(ROOT / "dev.py"))["COMMANDS"])
    shown = {word for line in code(file) for word in re.findall(r"dev\.py ([a-z]+)", line)}
    assert shown <= known


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_in_the_documentation_leads_somewhere(file: Path) -> None:
    """Each relative link and picture of a page is a file of the project."""
    targets = LINK.findall(file.read_text(encoding="utf-8"))
    assert [target for target in targets if not (file.parent / target).exists()] == []


def test_the_page_of_signals_is_what_the_code_says() -> None:
    """docs/programmer/signals.md lists every signal with unit and meaning; ``python3 dev.py docs`` updates it."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_description_of_the_api_is_what_the_code_says() -> None:
    """docs/programmer/openapi.json shows every change of the API; ``python3 dev.py docs`` updates it."""
    assert FILE.read_text(encoding="utf-8") == text()
