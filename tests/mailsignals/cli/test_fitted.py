"""Tables and texts at every width, colour, and progress."""

import io
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from mailsignals.cli import progress
from mailsignals.cli.output import Output, table
from mailsignals.cli.tables.fitted import Hanging

HEADS = ["mailbox", "emails", "reason"]
ROWS = [
    ("ana@example.com", "1,200", "A sentence that is longer than a narrow terminal has room for."),
    ("bo@example.com", "3", "-"),
]


def lines(shown: object, width: int) -> list[str]:
    """What a console of a width prints, without colour."""
    console = Console(width=width, file=io.StringIO())
    console.print(shown)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_a_wide_table_has_a_line_per_row() -> None:
    """Numbers are right-aligned, and no line ends with spaces."""
    assert lines(table(HEADS, ROWS, right=["emails"]), 120) == [
        "mailbox          emails  reason",
        "ana@example.com   1,200  A sentence that is longer than a narrow terminal has room for.",
        "bo@example.com        3  -",
    ]


def test_a_long_last_column_is_wrapped_with_an_indent() -> None:
    """Where the rest has room in its row."""
    assert lines(table(HEADS, ROWS, right=["emails"]), 60) == [
        "mailbox          emails  reason",
        "ana@example.com   1,200  A sentence that is longer than a",
        "                           narrow terminal has room for.",
        "bo@example.com        3  -",
    ]


def test_what_has_no_room_stands_below_its_row_under_its_heading() -> None:
    """Unknown values are left out there."""
    assert lines(table(HEADS, ROWS, right=["emails"]), 40) == [
        "mailbox          emails",
        "ana@example.com   1,200",
        "    reason: A sentence that is longer",
        "      than a narrow terminal has room",
        "      for.",
        "bo@example.com        3",
    ]


def test_a_table_without_rows_may_have_a_sentence() -> None:
    """Instead of headings above nothing."""
    assert lines(table(HEADS, [], empty="No emails."), 80) == ["No emails."]


CELLS = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=30)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS, st.lists(CELLS, min_size=1, max_size=6).map(" ".join)), max_size=4),
    width=st.integers(min_value=12, max_value=120),
)
def test_nothing_is_cut_off_and_nothing_is_too_wide(rows: list[tuple[str, str, str]], width: int) -> None:
    """Whatever the width, each character of each cell is there, but for dashes below a row."""
    shown = lines(table(["a", "b", "c"], rows, right=["b"]), width)
    assert all(Text(line).cell_len <= width for line in shown)
    whole = "".join("".join(shown).split())
    for cell in (cell for row in rows for cell in row if cell != "-"):
        for character in "".join(cell.split()):
            assert character in whole
    assert len(shown) > len(rows)


def test_a_text_hangs() -> None:
    """Its further lines are indented more than its first one."""
    assert lines(Hanging(Text("one two three four five"), 2, 4), 12) == [
        "  one two",
        "    three",
        "    four",
        "    five",
    ]


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"CLICOLOR_FORCE": "0"}, False),
        ({"CLICOLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
    ],
    ids=str,
)
def test_colour_follows_the_environment(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    coloured: bool,  # a parameter of the test
) -> None:
    """A pipe has none unless it is forced, and NO_COLOR is stronger than all."""
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    Output().show(Text("high", style="red"))
    out = capsys.readouterr().out
    assert ("\x1b[31m" in out) == coloured
    assert "high" in out


@pytest.mark.parametrize(("columns", "width"), [(None, 200), ("90", 90), ("wide", 200)])
def test_a_pipe_is_as_wide_as_columns_says(
    monkeypatch: pytest.MonkeyPatch, columns: str | None, width: int
) -> None:
    """And 200 where it says nothing."""
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    assert Output().out.width == width


def test_long_work_is_reported_now_and_then_in_a_pipe(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line each time some seconds have passed, and none with --quiet or for short work."""
    with progress.working(Output(), "Counting"):
        pass
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0.05)
    with progress.working(Output(quiet=True), "Counting"):
        time.sleep(0.2)
    assert capsys.readouterr().err == ""
    with progress.working(Output(), "Counting"):
        time.sleep(0.4)
    said = capsys.readouterr().err.splitlines()
    assert 1 <= len(said) <= 8
    assert all(re.fullmatch(r"Counting: \d+ s so far\.", line) for line in said)


def test_a_terminal_shows_for_how_long_work_runs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line names the work, and is gone at the end."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", 0.01)
    with progress.working(Output(), "Counting"):
        time.sleep(0.4)
    err = capsys.readouterr().err
    assert "Counting" in err
    assert err.endswith("\x1b[2K")
