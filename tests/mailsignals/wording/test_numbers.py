"""Numbers, durations and dates as people read them."""

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsignals.wording.numbers import (
    Quantity,
    count_noun,
    date_and_time,
    day_count,
    days_ago,
    duration_words,
    number_of,
    on_day,
    percent,
    whole_days,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        *(
            (0, "0 emails"),
            (1, "1 email"),
            (2, "2 emails"),
            (1.04, "1 email"),
            (0.96, "1 email"),
            (1.1, "1.1 emails"),
        ),
        *(
            (0.04, "0 emails"),
            (2.5, "2.5 emails"),
            (9.96, "10 emails"),
            (10.6, "11 emails"),
            (12345, "12,345 emails"),
        ),
    ],
)
def test_a_count_has_its_noun_in_the_right_number(number: float, text: str) -> None:
    """What is shown as 1 is singular, everything else plural."""
    assert count_noun(number, "email") == text


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        *((0, "1 min"), (1 / 60, "1 min"), (0.5, "30 min"), (0.75, "45 min"), (0.999, "60 min"), (1, "1 h")),
        *(
            (1.5, "1.5 h"),
            (5.5, "5.5 h"),
            (47.9, "48 h"),
            (48, "2 days"),
            (60, "2.5 days"),
            (24 * 365, "365 days"),
        ),
    ],
)
def test_a_duration_has_the_unit_that_suits_it(hours: float, text: str) -> None:
    """Minutes under an hour and never none of them, hours under two days, then days."""
    assert duration_words(hours) == text


@pytest.mark.parametrize(
    ("template", "number", "text"),
    [
        ("{:email}", 1.0, "1 email"),
        ("{:business hour}", 0.5, "30 business minutes"),
        ("{:business hour}", 0.0, "1 business minute"),
        ("{:business hour}", 1.0, "1 business hour"),
        ("{:business hour}", 20.0, "20 business hours"),
        ("{:%}", 0.257, "26%"),
        ("{}", 3.14, "3.1"),
        ("{:~email}", 3.6, "4 emails"),
        ("{:~email}", 0.6, "1 email"),
        ("{:~}", 0.4, "under 1"),
        ("{:~email}", 0.0, "0 emails"),
        ("{:_day}", 33.9, "33 days"),
    ],
)
def test_a_sentence_says_how_its_number_is_worded(template: str, number: float, text: str) -> None:
    """A noun is counted, hours under 1 become minutes, a share is a percentage; people and emails are whole."""
    assert template.format(Quantity(number)) == text


@given(st.floats(0, 1e6))
def test_a_number_is_shown_close_to_what_it_is(number: float) -> None:
    """Rounding moves a number by less than a tenth below 10, by at most a half from there on."""
    shown = float(number_of(number).replace(",", ""))
    assert math.isclose(shown, number, abs_tol=0.0500001 if number < 10 else 0.5)


def test_days_and_shares() -> None:
    """Days are full days, shares whole percentages, and a date has a short month."""
    assert (whole_days(1.99), whole_days(0.2), whole_days(30.0)) == ("1 day", "0 days", "30 days")
    assert (percent(0.4), percent(1), percent(0.004)) == ("40%", "100%", "0%")
    assert on_day(dt.date(2026, 8, 5)) == "5 Aug 2026"


def test_days_ago_are_full_days() -> None:
    """A day that is not over has not passed."""
    assert [days_ago(days) for days in (None, 0.99, 1.0, 2.9)] == [
        "never",
        "less than a day ago",
        "1 day ago",
        "2 days ago",
    ]
    assert day_count(1234.9) == "1,234"


def test_an_instant_is_said_in_local_time() -> None:
    """With the time of day, unless that is midnight, where a day is meant."""
    moment = dt.datetime(2026, 7, 31, 22, tzinfo=dt.UTC)
    assert date_and_time(moment, "Europe/Berlin") == "2026-08-01"
    assert date_and_time(moment, "UTC") == "2026-07-31 22:00"
