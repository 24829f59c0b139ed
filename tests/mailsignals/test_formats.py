"""Frames as other programs read them."""

import csv
import io
import json

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given

from mailsignals.formats import csv_rows, json_rows

TEXTS = st.lists(st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0")), max_size=5)


@pytest.mark.slow
@given(TEXTS, st.lists(st.lists(st.text(st.characters(codec="utf-8")), max_size=3), max_size=5))
def test_any_text_comes_through(texts: list[str | None], lists: list[list[str]]) -> None:
    """Quotes, commas, ends of lines and brackets are the same on the other side, in cells and in lists within cells."""
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
    assert [row["text"] for row in read] == [text or "" for text in texts[:rows]]
    assert [json.loads(row["reasons"]) for row in read] == reasons


def test_what_is_no_number_is_unknown() -> None:
    """Neither form has a number that is none; unknown is null, or an empty cell."""
    frame = pl.DataFrame({"hours": [float("nan"), float("inf"), None, 1.5]})
    assert json.loads(json_rows(frame)) == [{"hours": None}] * 3 + [{"hours": 1.5}]
    assert csv_rows(frame).splitlines() == ["hours", "", "", "", "1.5"]
