"""Plain English in docstrings, comments and messages of the rooms that are done."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.conftest import ROOT
from tests.house.test_names import OPENINGS, modules

PLAIN_ROOMS = (
    "connectors",
    "mailsignals.accounts",
    "mailsignals.clock",
    "mailsignals.config",
    "mailsignals.credentials",
    "mailsignals.engines",
    "mailsignals.errors",
    "mailsignals.files",
    "mailsignals.formats",
    "mailsignals.schema",
    "mailsignals.store",
    "mailsignals.sync",
    "mailsignals.units",
)
"""Packages and modules whose texts follow these rules; a room is added when it is done."""

PRIVATE_LANGUAGE = {
    "account book": "account list",
    "there is no such": "... doesn't exist, unknown ...",
    r"(?<!there )is no(?! longer)": "isn't a",
    "mails": "emails",
    "set aside": "skipped",
    "somebody|someone": "a person, the user, another process",
    "whoever": "anyone who, the caller, people who",
    "who of us|of ours": "internal",
    "gives? out": "returns",
}
"""Patterns of words that readers would have to learn, with the plain words."""

FORBIDDEN = re.compile(rf"\b(?:{'|'.join(PRIVATE_LANGUAGE)})\b", re.IGNORECASE)
CODE = re.compile(r"``.+?``|`.+?`", re.DOTALL)


def plain_modules() -> dict[str, Path]:
    """Return the files of all modules in ``PLAIN_ROOMS`` by dotted name."""
    return {
        name: file
        for name, file in modules().items()
        if any(name == room or name.startswith(f"{room}.") for room in PLAIN_ROOMS)
    }


def docstrings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of every docstring: of modules, classes, functions, fields and constants."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for child in body if isinstance(body, list) else ():
            if (
                isinstance(child, ast.Expr)
                and isinstance(child.value, ast.Constant)
                and isinstance(child.value.value, str)
            ):
                yield child.lineno, child.value.value


def texts(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of every comment, and of every string with several words."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def reads_alone(docstring: str) -> bool:
    """Return whether a docstring isn't a clause, a stub, or a reference to its neighbour."""
    words = docstring.split()
    return (
        words[0] not in OPENINGS
        and words[0] not in {"Nothing", "Nothing."}
        and words[:2] != ["The", "same"]
        and len(words) > 2
    )


def test_every_plain_room_exists() -> None:
    """A room that was renamed isn't forgotten here."""
    names = modules()
    missing = [
        room
        for room in PLAIN_ROOMS
        if room not in names and not any(name.startswith(f"{room}.") for name in names)
    ]
    assert missing == []


@pytest.mark.slow
def test_every_docstring_reads_alone() -> None:
    """Those of modules, private functions, fields and constants follow the rule of public names, too."""
    found = [
        f"{file.relative_to(ROOT)}:{line}: {text.splitlines()[0]}"
        for file in plain_modules().values()
        for line, text in docstrings(ast.parse(file.read_text(encoding="utf-8")))
        if not reads_alone(text)
    ]
    assert found == []


@pytest.mark.slow
def test_no_text_uses_private_language() -> None:
    """Comments, docstrings and messages use the plain words; code in backticks may have any name."""
    found = [
        f"{file.relative_to(ROOT)}:{line}: {use[0]!r} (see PRIVATE_LANGUAGE)"
        for file in plain_modules().values()
        for line, text in texts(file.read_text(encoding="utf-8"))
        if (use := FORBIDDEN.search(CODE.sub("", text)))
    ]
    assert found == []


def test_a_clause_is_not_a_docstring() -> None:
    """The rule finds what it forbids."""
    refused = ("Who may get in.", "The same for a page.", "Nothing is stored.", "``SCHEMA``.")
    assert [text for text in refused if reads_alone(text)] == []
    assert reads_alone("Return the people with access, by address.")
