"""Names and addresses from outside are shown on the terminal as they are, and obeyed by nobody."""

import unicodedata
from pathlib import Path

import pytest

from tests.mailsignals import small_company
from tests.mailsignals.cli.program import Program

AS_OF = ("--as-of", small_company.AS_OF)
PAIRS = [("html", "markup"), ("escapes", "direction"), ("lines", "template")]


@pytest.fixture(params=PAIRS, ids=" and ".join)
def hostile(request: pytest.FixtureRequest, stocked: Path) -> list[str]:
    """Two texts that are names of the riskiest accounts, what a further column says of them, and their CSMs' names."""
    texts = [small_company.HOSTILE[name] for name in request.param]
    small_company.rename_quiet(stocked, *texts)
    return texts


@pytest.mark.parametrize("command", ["risk", "signals", "digest", "status", "check"])
def test_no_name_reaches_the_terminal_as_a_command(run: Program, hostile: list[str], command: str) -> None:
    """No control character and no change of direction is printed, and markup is plain text.

    A name with line ends is one line of the list of accounts at risk.
    """
    options = {"digest": (*AS_OF, "--to", "out"), "risk": AS_OF, "signals": AS_OF}.get(command, ())
    ran = run(command, *options)
    assert ran.status == 0
    for char in set(ran.out + ran.err) - {"\n"}:
        assert unicodedata.category(char) not in {"Cc", "Zl", "Zp"}, hex(ord(char))
        assert unicodedata.bidirectional(char) not in {"RLO", "LRO", "RLE", "LRE", "RLI", "LRI", "FSI"}
    if command in {"risk", "signals"}:
        plain = [text for text in hostile if "[" in text and text.isprintable()]
        assert [text for text in plain if text not in ran.out] == []
    heads = [line for line in ran.out.splitlines() if line.startswith(("high", "medium"))]
    assert len(heads) == (2 if command == "risk" else 0)


def test_an_error_that_quotes_a_name_is_no_command_either(run: Program, stocked: Path) -> None:
    """What is wrong with a hostile cell is said without obeying it."""
    book = (
        (stocked / "accounts.csv").read_text(encoding="utf-8").replace("2026-04-01", "\x1b[2J[red]\u202e", 1)
    )
    (stocked / "accounts.csv").write_text(book, encoding="utf-8")
    ran = run("risk")
    ran.refused("line 2", "renewal_on", "[red]")
    assert all(char == "\n" or char.isprintable() for char in ran.err)
