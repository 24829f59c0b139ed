"""Frames as other programs read them."""

import csv
import io
import json
from pathlib import Path

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given

from mailsignals.formats import csv_rows, json_rows, parquet_rows
from tests.mailsignals.spreadsheet import NOT_IN_JSON, TEXTS, harmless


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
