"""Amounts and dates of a column: read where all of its values agree, and never guessed."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsignals.accounts import Notation, read_book
from mailsignals.accounts.agreement import Kind
from mailsignals.accounts.amounts import AMOUNTS
from mailsignals.accounts.dates import DATES
from mailsignals.errors import UserError

POINT, COMMA = AMOUNTS.readings
DAY, MONTH = DATES.readings


def column(folder: Path, name: str, cells: list[str], **settled: str) -> list[object]:
    """The values of a column with these cells, one account each."""
    file = folder / "accounts.csv"
    rows = [f"A{number}\t{number}.example\t{cell}\n" for number, cell in enumerate(cells)]
    file.write_text(f"account_id\tdomains\t{name}\n" + "".join(rows), encoding="utf-8")
    return read_book(file, tiers=(), notation=Notation(**settled)).accounts[name].to_list()


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["48.000,50", "1.200"], [48000.5, 1200.0]),
        (["48,000.50", "1,200"], [48000.5, 1200.0]),
        (["48 000,50", "1\u202f200"], [48000.5, 1200.0]),
        (["48\u2019000.50", "1'200"], [48000.5, 1200.0]),
        (["EUR 48.000", "1.200 \u20ac"], [48000.0, 1200.0]),
        (["$12,000", "US$ 900"], [12000.0, 900.0]),
        (["KWD 1.234", "KWD 0.5"], [1.234, 0.5]),
        (["12,34,567.00"], [1234567.0]),
        (["12.000,-"], [12000.0]),
        (["1.2E+05", "48000"], [120000.0, 48000.0]),
        (["1,2E+05"], [120000.0]),
        (["48000", "1200"], [48000.0, 1200.0]),
        (["0,500"], [0.5]),
    ],
)
def test_amounts_that_agree(tmp_path: Path, cells: list[str], values: list[float]) -> None:
    """One value that can be read in one way only settles the column; marks between thousands and currencies go."""
    assert column(tmp_path, "arr", cells) == values


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["31.03.2024", "1.2.2024"], ["2024-03-31", "2024-02-01"]),
        (["31/03/2024", "01/02/2024"], ["2024-03-31", "2024-02-01"]),
        (["3/31/2024", "1/2/2024"], ["2024-03-31", "2024-01-02"]),
        (["31-03-2024", "01-02-2024"], ["2024-03-31", "2024-02-01"]),
        (["2024/03/31", "2024.02.01"], ["2024-03-31", "2024-02-01"]),
        (["2024-03-31 00:00:00", "2024-02-01T00:00:00.000+0000"], ["2024-03-31", "2024-02-01"]),
        (["3/31/2024 12:00 AM", "2024-02-01"], ["2024-03-31", "2024-02-01"]),
        (["31-Mar-2024", "Feb 1, 2024"], ["2024-03-31", "2024-02-01"]),
        (["05/05/2024"], ["2024-05-05"]),
        (["01.02.2024", "01/02/2024"], ["2024-02-01", "2024-02-01"]),
    ],
)
def test_dates_that_agree(tmp_path: Path, cells: list[str], values: list[str]) -> None:
    """One value that can be read in one way only settles the column; times of day go."""
    assert column(tmp_path, "renewal_on", cells) == [dt.date.fromisoformat(value) for value in values]


@pytest.mark.parametrize(
    ("name", "cells", "problem"),
    [
        (
            "arr",
            ["48000", "1,234"],
            (
                "line 3: arr: '1,234' is 1234 with a decimal point or 1.234 with a decimal comma, and no value of the "
                'column shows which; set decimal = "." or "," under [accounts] in the configuration (accounts.decimal).'
            ),
        ),
        (
            "started_on",
            ["2026-09-01", "01/02/2026", "05/05/2026"],
            (
                "line 3: started_on: '01/02/2026' is 2026-02-01 with the day first or 2026-01-02 with the month "
                'first, and no value of the column shows which; set date_format = "dd/mm/yyyy" or "mm/dd/yyyy" under '
                "[accounts] in the configuration (accounts.date_format)."
            ),
        ),
        (
            "arr",
            ["1,234", "1.234,50", "1,234.50"],
            (
                "line 4: arr: '1,234.50' is 1234.5 with a decimal point, but '1.234,50' on line 3 is 1234.5 with a "
                "decimal comma; use one format for the whole column."
            ),
        ),
        (
            "started_on",
            ["31/03/2026", "03/31/2026"],
            (
                "line 3: started_on: '03/31/2026' is 2026-03-31 with the month first, but '31/03/2026' on line 2 is "
                "2026-03-31 with the day first; use one format for the whole column."
            ),
        ),
        ("arr", ["12k"], "line 2: arr: '12k' is not an amount; use digits"),
        ("arr", ["-5"], "line 2: arr: '-5' is not an amount"),
        ("started_on", ["9/1/26"], "line 2: started_on: '9/1/26' is not a date; use the form 2026-03-31"),
        ("started_on", ["45382"], "line 2: started_on: '45382' is not a date"),
    ],
)
def test_a_column_without_one_reading_is_refused(
    tmp_path: Path, name: str, cells: list[str], problem: str
) -> None:
    """File, line, column, both readings, and what settles it."""
    with pytest.raises(UserError) as error:
        column(tmp_path, name, cells)
    (line,) = str(error.value).splitlines()
    assert line.startswith(f"{tmp_path}/accounts.csv, {problem}")


def test_the_configuration_settles_a_column(tmp_path: Path) -> None:
    """It decides where the column cannot, and what cannot be read so is named."""
    assert column(tmp_path, "arr", ["1,234"], decimal=".") == [1234.0]
    assert column(tmp_path, "arr", ["1,234"], decimal=",") == [1.234]
    assert column(tmp_path, "renewal_on", ["01/02/2026"], date_format="mm/dd/yyyy") == [dt.date(2026, 1, 2)]
    with pytest.raises(UserError, match="can be read with a decimal comma only"):
        column(tmp_path, "arr", ["1.234,50"], decimal=".")


def _grouped(whole: int, mark: str) -> str:
    return f"{whole:,}".replace(",", mark)


@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 99)), min_size=1, max_size=8),
    st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'"), (",", "\u00a0"), (".", ""), (",", "")]),
    st.sampled_from(["{}", "$ {}", "EUR {}", "{} \u20ac", "{} kr"]),
)
def test_an_amount_is_read_as_it_was_written(
    amounts: list[tuple[int, int]], marks: tuple[str, str], currency: str
) -> None:
    """Whatever the marks, a column with decimals has one reading, and it is what was written."""
    decimal, mark = marks
    texts = [currency.format(f"{_grouped(whole, mark)}{decimal}{part:02}") for whole, part in amounts]
    right, wrong = (POINT, COMMA) if decimal == "." else (COMMA, POINT)
    assert [right.read(text) for text in texts] == [float(f"{whole}.{part:02}") for whole, part in amounts]
    assert {wrong.read(text) for text in texts} == {None}


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), st.sampled_from("./-"), st.booleans())
def test_a_date_is_read_as_it_was_written(day: dt.date, mark: str, padded: bool) -> None:
    """The day first, the month first and the year first, with zeros or without."""
    width = 2 if padded else 1
    first, second, year = f"{day.day:0{width}}", f"{day.month:0{width}}", f"{day.year}"
    assert DAY.read(mark.join((first, second, year))) == day
    assert MONTH.read("/".join((second, first, year))) == day
    assert DAY.read(mark.join((year, second, first))) == MONTH.read(mark.join((year, second, first))) == day


@pytest.mark.parametrize("kind", [AMOUNTS, DATES])
@given(st.text(st.sampled_from("0123456789.,/- TZ:'\u20ac$EKRap"), max_size=14))
def test_any_text_is_a_value_or_none(kind: Kind[object], text: str) -> None:
    """Nothing raises, and no amount is below zero."""
    for reading in kind.readings:
        value = reading.read(text)
        assert value is None or isinstance(value, dt.date) or (isinstance(value, float) and value >= 0)


def test_an_empty_column_is_null(tmp_path: Path) -> None:
    """It settles nothing, and needs no settling."""
    assert column(tmp_path, "arr", ["", ""]) == [None, None]
    assert pl.Series(column(tmp_path, "renewal_on", ["", "2026-01-01"])).to_list() == [
        None,
        dt.date(2026, 1, 1),
    ]
