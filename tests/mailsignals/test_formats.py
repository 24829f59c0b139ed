"""Frames as other programs read them."""

import csv
import io
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given

from mailsignals.cli.files import write_result
from mailsignals.formats import csv_rows, json_rows, parquet_rows
from mailsignals.web.files import csv_of

TEXTS = st.lists(st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0")), max_size=5)

NOT_IN_JSON = dict.fromkeys(range(0x7F, 0xA0))
"""Control characters that JSON writes as they are, so that they go from a cell like others."""

LEADING = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"


def harmless(text: str) -> str:
    """A text as CSV has it, sign by sign."""
    kept = "".join(sign for sign in text if unicodedata.category(sign) != "Cc" or sign in "\t\r\n")
    bare = kept
    while bare and (bare[0].isspace() or unicodedata.category(bare[0]) == "Cf"):
        bare = bare[1:]
    return f"'{kept}" if bare[:1] in {*LEADING} or kept[:1] in {*"\t\r\n"} else kept


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


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("cell", FORMULAS)
def test_a_spreadsheet_obeys_no_cell(writer: str, cell: str, folder: Path) -> None:
    """What it would take for a formula begins with an apostrophe, in cells and in names of columns."""
    text = WRITERS[writer](pl.DataFrame({cell: [cell], "n": [-1]}), folder)
    shown = "'" + cell.replace("\x1f", "")
    assert list(csv.reader(io.StringIO(text, newline=""))) == [[shown, "n"], [shown, "-1"]]


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


def test_other_formats_keep_texts_as_they_are() -> None:
    """Parquet and JSON are read by programs, which take no text for a formula."""
    frame = pl.DataFrame({"=a": ["=1\x1b", "-1"]})
    assert pl.read_parquet(io.BytesIO(parquet_rows(frame))).equals(frame)
    assert json.loads(json_rows(frame)) == frame.to_dicts()


def test_nobody_else_writes_csv() -> None:
    """Whoever writes CSV goes through the one rule: no other module has a writer of its own."""
    root = Path(__file__).parents[2]
    writers = {
        str(file.relative_to(root))
        for package in ("mailsignals", "connectors", "models")
        for file in (root / package).rglob("*.py")
        if any(
            word in file.read_text(encoding="utf-8") for word in ("write_csv(", "csv.writer", "DictWriter")
        )
    }
    assert writers == {"mailsignals/formats.py", "mailsignals/cli/files.py"}


@pytest.mark.slow
@given(TEXTS, st.lists(st.lists(st.text(st.characters(codec="utf-8")), max_size=3), max_size=5))
def test_any_text_comes_through(texts: list[str | None], lists: list[list[str]]) -> None:
    """Quotes, commas, line ends and brackets survive, in cells and in lists within cells.

    Control characters go, and a formula has an apostrophe in front.
    """
    rows = min(len(texts), len(lists))
    reasons = [[{"text": text, "value": 0.5} for text in texts] for texts in lists[:rows]]
    reason = pl.List(pl.Struct({"text": pl.String, "value": pl.Float64}))
    frame = pl.DataFrame(
        {"text": texts[:rows], "reasons": reasons}, schema={"text": pl.String, "reasons": reason}
    )
    assert json.loads(json_rows(frame)) == [
        {"text": text, "reasons": told} for text, told in zip(texts[:rows], reasons, strict=True)
    ]
    read = list(csv.DictReader(io.StringIO(csv_rows(frame), newline="")))
    assert [row["text"] for row in read] == [harmless(text or "") for text in texts[:rows]]
    assert [json.loads(row["reasons"]) for row in read] == [
        [{"text": text.translate(NOT_IN_JSON), "value": 0.5} for text in told] for told in lists[:rows]
    ]


def test_what_is_no_number_is_unknown() -> None:
    """Neither form has a number that is none; unknown is null, or an empty cell."""
    frame = pl.DataFrame({"hours": [float("nan"), float("inf"), None, 1.5]})
    assert json.loads(json_rows(frame)) == [{"hours": None}] * 3 + [{"hours": 1.5}]
    assert csv_rows(frame).splitlines() == ["hours", "", "", "", "1.5"]
