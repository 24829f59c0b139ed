"""Laws of flags, on random records and words."""

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from mailsignals.flags import flags as room
from mailsignals.flags.episodes import COOL_DOWN
from mailsignals.flags.flags import flags
from mailsignals.flags.method import with_methods
from tests.mailsignals.flags.records import (
    BERLIN,
    OF_BEFORE,
    at,
    book,
    by_methods,
    feedback,
    on,
    recorded,
    said,
)

KINDS = ("snoozed", "dismissed", "saved", "churned", "undone")
DAYS = 90
LAW = settings(deadline=None)

LEVELS = st.lists(st.sampled_from("hhhmml? "), max_size=DAYS).map("".join)
METHODS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{"source": "quiet+scorecard"}, {"source": "quiet+churn-b"}, {"source": "churn-b"}]
)
CHANGES = st.tuples(
    st.sampled_from([{}, OF_BEFORE]), st.dictionaries(st.integers(1, DAYS), METHODS, max_size=3)
).map(lambda first_and_later: {0: first_and_later[0], **first_and_later[1]})
RECORDS = st.tuples(st.fixed_dictionaries({"A": LEVELS, "B": LEVELS}), CHANGES).map(
    lambda own: pl.concat([by_methods(levels, own[1], name) for name, levels in own[0].items()])
)
"""Levels of two accounts, and up to three changes of method, the first perhaps from days of before."""


@st.composite
def words(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Anything that people may say, each at an hour of its own."""
    hours = draw(st.lists(st.integers(0, DAYS * 24), unique=True, max_size=6))
    found = []
    for hour in hours:
        kind, account = draw(st.sampled_from(KINDS)), draw(st.sampled_from("AB"))
        day = on(hour // 24 + draw(st.integers(0, 20)))
        until = draw(st.sampled_from([day.isoformat(), "worse", "returns"])) if kind == "snoozed" else None
        left = day if kind == "churned" else None
        word = said(kind, 0, account, until=until, churned_on=left)
        found.append({**word, "given_at": at(0, 0) + dt.timedelta(hours=hour, minutes=30)})
    return found


BOOKS = st.dictionaries(st.sampled_from("AB"), st.integers(0, DAYS).map(on)).map(
    lambda churned: book("A", "B", churned=churned)
)
MOMENTS = st.integers(0, DAYS * 24).map(lambda hour: at(0, 0) + dt.timedelta(hours=hour))


@pytest.mark.slow
@LAW
@given(scores=RECORDS, told=words(), accounts=BOOKS, as_of=MOMENTS)
def test_what_comes_later_changes_nothing(
    scores: pl.DataFrame, told: list[dict[str, Any]], accounts: pl.DataFrame, as_of: dt.datetime
) -> None:
    """Feedback given, and days recorded, after the as-of instant do not exist at it."""
    known = scores.filter(pl.col("scored_at") <= as_of)
    then = [word for word in told if word["given_at"] <= as_of]
    assert_frame_equal(
        flags(scores, feedback(*told), accounts, as_of=as_of, timezone=BERLIN),
        flags(known, feedback(*then), accounts, as_of=as_of, timezone=BERLIN),
    )


@pytest.mark.slow
@LAW
@given(scores=RECORDS, told=words(), accounts=BOOKS, seed=st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(
    scores: pl.DataFrame, told: list[dict[str, Any]], accounts: pl.DataFrame, seed: int
) -> None:
    """Flags are what happened, however it is listed."""
    one = flags(scores, feedback(*told), accounts, as_of=at(DAYS), timezone=BERLIN)
    mixed = feedback(*told).sample(fraction=1, shuffle=True, seed=seed)
    other = scores.sample(fraction=1, shuffle=True, seed=seed)
    assert_frame_equal(one, flags(other, mixed, accounts.reverse(), as_of=at(DAYS), timezone=BERLIN))


@pytest.mark.slow
@LAW
@given(scores=RECORDS, told=words(), accounts=BOOKS, as_of=MOMENTS)
def test_flags_of_an_account_follow_each_other(
    scores: pl.DataFrame, told: list[dict[str, Any]], accounts: pl.DataFrame, as_of: dt.datetime
) -> None:
    """At most the newest is open; it opened after those before were closed, and sixty days or more after they opened.

    A flag is open exactly while its state is one of the open ones.
    """
    found = flags(scores, feedback(*told), accounts, as_of=as_of, timezone=BERLIN)
    is_open = pl.col("state").is_in(["entering", "persisting", "snoozed"])
    assert found.filter(is_open != pl.col("closed_on").is_null()).is_empty()
    for own in found.partition_by("account_id"):
        opened, closed = own["opened_on"].to_list(), own["closed_on"].to_list()
        assert all(day is not None for day in closed[:-1])
        for number, day in enumerate(opened[1:]):
            assert closed[number] < day
            assert (day - opened[number]).days >= 60


@pytest.mark.slow
@LAW
@given(levels=LEVELS)
def test_a_flag_opens_only_on_a_day_that_was_recorded_as_high(levels: str) -> None:
    """And whoever was high on the last recorded day, and of whom nobody said anything, has an open flag."""
    scores = recorded(levels)
    found = flags(scores, feedback(), book(), as_of=at(DAYS), timezone=BERLIN)
    high = scores.filter(pl.col("level") == "high")["scored_on"].to_list()
    assert set(found["opened_on"]) <= set(high)
    judged = levels.replace("?", "").replace(" ", "")
    if judged.endswith("h"):
        assert found["closed_on"].null_count() == 1


@pytest.mark.slow
@LAW
@given(scores=RECORDS, told=words(), accounts=BOOKS, as_of=MOMENTS)
def test_days_that_are_left_out_say_nothing(
    scores: pl.DataFrame, told: list[dict[str, Any]], accounts: pl.DataFrame, as_of: dt.datetime
) -> None:
    """Flags are the same if every judged day is told, also those that ``days_of_flags`` spares."""
    with pytest.MonkeyPatch.context() as every:
        every.setattr(room, "days_of_flags", lambda days, _: days)
        expected = flags(scores, feedback(*told), accounts, as_of=as_of, timezone=BERLIN)
    assert_frame_equal(flags(scores, feedback(*told), accounts, as_of=as_of, timezone=BERLIN), expected)


def test_days_long_after_a_flag_are_left_out() -> None:
    """A hundred quiet days are told no further than another flag could be kept from opening."""
    days = with_methods(recorded("l" * 20 + "h" + "l" * 100))
    words = feedback().with_columns(on=pl.lit(None, dtype=pl.Date))
    told = room.days_of_flags(days, words)["scored_on"]
    assert told.to_list() == [on(day) for day in range(20, 20 + COOL_DOWN.days)]


def test_a_flag_stays_open_while_nothing_is_recorded() -> None:
    """However long ago it was high: the next three judged days decide."""
    scores = recorded("h" + " " * 80 + "lll")
    found = flags(scores, feedback(), book("A"), as_of=at(90), timezone=BERLIN)
    assert found.select("state", "closed_on").row(0) == ("recovered", on(83))


def test_a_late_word_keeps_a_flag_in_sight() -> None:
    """What is dismissed long after it recovered shows the level of the days that follow."""
    scores = pl.concat([recorded("hh" + "l" * 50), recorded("m", start=100)])
    word = said("dismissed", 55)
    found = flags(scores, feedback(word), book("A"), as_of=at(110), timezone=BERLIN)
    assert found.select("state", "level").row(0) == ("dismissed", "medium")
