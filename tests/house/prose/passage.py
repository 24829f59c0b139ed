"""Pieces of text that people read, with the places where they stand."""

import dataclasses
import enum
from collections.abc import Iterable, Sequence
from pathlib import Path


class Kind(enum.Enum):
    """The surfaces on which text appears; a rule applies to some or all of them."""

    DOCS = "docs"
    """Markdown pages, README.md and CHANGELOG.md."""
    COMMENT = "comment"
    """Comments of the example configuration, of deployment files, templates and Python code."""
    TEMPLATE = "template"
    """The text of pages and emails."""
    LABEL = "label"
    """Headings, column heads, buttons and form labels of pages and emails."""
    HELP = "help"
    """Help texts of commands and options."""
    MESSAGE = "message"
    """String literals in Python code that hold several words."""
    DOCSTRING = "docstring"
    """Docstrings of public modules, classes and functions."""
    PRIVATE = "private docstring"
    """Docstrings of private functions, which may begin with any word."""


READ_BY_USERS = frozenset({Kind.DOCS, Kind.TEMPLATE, Kind.LABEL, Kind.HELP, Kind.MESSAGE})


@dataclasses.dataclass(frozen=True)
class Passage:
    """A text that begins on a line of a file."""

    file: Path
    line: int
    kind: Kind
    text: str
    """The text line by line as in the file, so that later lines can be numbered."""


@dataclasses.dataclass(frozen=True)
class Document:
    """All passages of one kind as one text, which a linter reads at once."""

    kind: Kind
    text: str
    places: Sequence[tuple[Path, int]]
    """The file and line of each line of the text."""


def documents(passages: Iterable[Passage]) -> list[Document]:
    """Return one document for each kind, with a blank line between two passages."""
    rows: dict[Kind, list[str]] = {}
    places: dict[Kind, list[tuple[Path, int]]] = {}
    for passage in passages:
        added = [*passage.text.split("\n"), ""]
        rows.setdefault(passage.kind, []).extend(added)
        places.setdefault(passage.kind, []).extend(
            (passage.file, passage.line + number) for number in range(len(added))
        )
    return [Document(kind, "\n".join(rows[kind]), places[kind]) for kind in rows]
