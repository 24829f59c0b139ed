"""One rule for CSV, whoever writes it: nothing for a spreadsheet to obey, and numbers stay numbers."""

import csv
import io
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsignals.cli.files import write_result
from mailsignals.formats import csv_rows
from mailsignals.web.files import csv_of
from tests.mailsignals.spreadsheet import TEXTS, harmless


def by_command(frame: pl.DataFrame, folder: Path) -> str:
    """CSV as commands write it."""
    write_result(frame, folder / "out.csv")
    return (folder / "out.csv").read_bytes().decode()


WRITERS: dict[str, Callable[[pl.DataFrame, Path], str]] = {
    "commands": by_command,
    "dashboard": lambda frame, _: bytes(csv_of(frame, name="x.csv").body).decode("utf-8-sig"),
    "API": lambda frame, _: csv_rows(frame),
}
"""All that write CSV."""

FORMULAS = [
    *("=1+1", "+1", "-1", "@A1", "\t=1", " =1", "\r1", "\uff1d1", "\n@x", "\uff0b1", "\uff0d1", "\uff20a"),
    *("\u00a0=1", "\u3000+1", "\u200b=1", "\ufeff@x", "\u202e-1", "\ufe661", "-", "=", "\x1f\u2003=1"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for files that tests write over."""
    return tmp_path_factory.mktemp("csv")


@pytest.mark.scenario("formulas-in-csv")
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("cell", FORMULAS)
def test_a_spreadsheet_obeys_no_cell(writer: str, cell: str, folder: Path) -> None:
    """What it would take for a formula begins with an apostrophe, in cells and in names of columns."""
    text = WRITERS[writer](pl.DataFrame({cell: [cell], "n": [-1]}), folder)
    shown = "'" + cell.replace("\x1f", "")
    assert list(csv.reader(io.StringIO(text, newline=""))) == [[shown, "n"], [shown, "-1"]]


@pytest.mark.scenario("formulas-in-csv")
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("cell", ["\x1b[31m=1+1", "\x1b]0;title\x07@x", "\x9b=1", "\x00+1", "a\x1b[2Jb"])
def test_no_terminal_obeys_a_cell(writer: str, cell: str, folder: Path) -> None:
    """Escape bytes go from cells, column names and categories; what they hid is judged after that."""
    names = pl.Series([cell]).cast(pl.Categorical)
    text = WRITERS[writer](pl.DataFrame({cell: [cell], "kind": names}), folder)
    assert not {sign for sign in text if unicodedata.category(sign) == "Cc"} - {"\r", "\n"}
    assert list(csv.reader(io.StringIO(text, newline=""))) == [[harmless(cell), "kind"], [harmless(cell)] * 2]


@pytest.mark.scenario("formulas-in-csv")
@pytest.mark.parametrize("writer", WRITERS)
def test_nothing_within_a_cell_is_obeyed(writer: str, folder: Path) -> None:
    """Lists and structs are JSON, which escapes what they hold, also in a column of a hostile name."""
    frame = pl.DataFrame(
        {
            "=cells": [["=1+1", "\x1b[31m@x", "\x9bm"], []],
            "@struct": [{"=a": "-1", "n": -1.5}, {"=a": None, "n": None}],
            "n": [-1, None],
        }
    )
    text = WRITERS[writer](frame, folder)
    assert not {sign for sign in text if unicodedata.category(sign) == "Cc"} - {"\r", "\n"}
    header, first, second = csv.reader(io.StringIO(text, newline=""))
    assert header == ["'=cells", "'@struct", "n"]
    assert json.loads(first[0]) == ["=1+1", "\x1b[31m@x", "m"]  # escaped in the file
    assert json.loads(first[1]) == {"=a": "-1", "n": -1.5}
    assert (first[2], second[0], second[2]) == ("-1", "[]", "")


@pytest.mark.slow
@pytest.mark.parametrize("writer", WRITERS)
@given(TEXTS, st.floats(-9, -1), st.integers(-9, -1))
def test_texts_are_harmless_and_numbers_are_numbers(
    writer: str, folder: Path, texts: list[str | None], number: float, count: int
) -> None:
    """Whoever writes it, a text loses control characters alone; numbers below zero stay what they are."""
    frame = pl.DataFrame(
        {"text": texts, "number": [number] * len(texts), "count": [count] * len(texts), "last": "x"},
        schema={"text": pl.String, "number": pl.Float64, "count": pl.Int64, "last": pl.String},
    )
    rows = list(csv.DictReader(io.StringIO(WRITERS[writer](frame, folder), newline="")))
    assert [row["text"] for row in rows] == [harmless(text or "") for text in texts]
    assert all(float(row["number"]) == number and row["count"] == str(count) for row in rows)
