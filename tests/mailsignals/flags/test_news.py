"""What is new in an account since its CSM was last told."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from mailsignals.flags.news import by_levels, by_record, told_on
from mailsignals.store.tables.deliveries import DELIVERIES_SCHEMA
from tests.mailsignals.flags.records import OF_BEFORE, SOURCE, book, flags_at, on, recorded, said


def news_on(day: int, levels: str, *words: Any, since: int, **more: Any) -> tuple[str | None, dt.date | None]:
    """The news of an account with these recorded days, and when its flag opened, by the evening of a day."""
    days = pl.DataFrame(
        {"csm": [None], "since_on": [on(since)], "before_on": [on(since)]},
        schema={"csm": pl.String(), "since_on": pl.Date(), "before_on": pl.Date()},
    )
    scores = recorded(levels, **more)
    before = scores.filter(pl.col("scored_on") == on(since))
    found = by_record(flags_at(day, scores, *words), book(), days, before, source=SOURCE)
    return found.item(0, "news"), found.item(0, "flagged_on")


@pytest.mark.parametrize(
    ("levels", "since", "news"),
    [
        ("llh", 1, "entered"),
        ("lhh", 1, "still"),
        ("lhh", 0, "entered"),
        ("hhm", 1, "still"),
        ("hlll", 2, "over"),
        ("hlll", 3, None),
        ("lll", 1, None),
        ("hlllh", 3, "still"),
    ],
)
def test_an_account_is_at_risk_as_long_as_its_flag_is_open(levels: str, since: int, news: str | None) -> None:
    """New is a flag that opened later than the CSM was told; one day of medium risk is no end, and a return no news."""
    assert news_on(len(levels) - 1, levels, since=since)[0] == news


@pytest.mark.parametrize(
    ("kind", "news"),
    [("saved", "over"), ("churned", "over"), ("dismissed", None), ("snoozed", None)],
)
def test_what_somebody_said_is_told_if_it_is_an_end(kind: str, news: str | None) -> None:
    """Who dismisses or snoozes a flag knows that it is gone; these are counted elsewhere."""
    assert news_on(3, "hhhh", said(kind, 3, until="worse"), since=2)[0] == news


def test_what_is_held_back_is_no_news() -> None:
    """Nobody is told of it in any way, also not that it is over."""
    assert news_on(1, "lh", since=0, held_back=True)[0] is None
    assert news_on(3, "hlll", since=2, held_back=True)[0] is None


def test_the_day_of_the_flag_and_what_was_scored_then_are_kept() -> None:
    """Both come from the record, not from what would be said of those days now."""
    assert news_on(3, "lhhh", since=2) == ("still", on(1))
    assert before_of(recorded("m"), source=SOURCE) == (on(0), 0.15, SOURCE)


@pytest.mark.parametrize("figures", [{"source": "churn-a"}, {**OF_BEFORE, "source": SOURCE}])
def test_trends_do_not_join_across_a_change_of_method(figures: Any) -> None:
    """What another source, or a score, said then is not what is compared with."""
    assert before_of(recorded("m", **figures), source=SOURCE) == (None, None, None)


def before_of(scores: pl.DataFrame, *, source: str) -> tuple[Any, ...]:
    """The day, risk and source that the news compares with, if this was recorded of the day before."""
    days = pl.DataFrame({"csm": [None], "since_on": [on(0)], "before_on": [on(0)]}).cast({"csm": pl.String})
    found = by_record(flags_at(1, scores), book(), days, scores, source=source)
    return found.select("before_on", "before_risk", "before_source").row(0)


def assessed(*levels: str | None, source: str = SOURCE) -> pl.DataFrame:
    """The accounts of a day that is not recorded."""
    rows = [
        {"account_id": f"A{number}", "level": level, "state": "active", "risk": 0.1, "source": source}
        for number, level in enumerate(levels)
    ]
    return pl.DataFrame(rows, schema_overrides={"level": pl.String})


def test_where_nothing_is_recorded_levels_say_what_is_new() -> None:
    """Between two days of different sources nobody enters and nothing is over."""
    before, today = assessed("high", "low", "high", None), assessed("high", "high", "low", None)
    found = by_levels(today, before, before_on=on(0))
    assert found["news"].to_list() == ["still", "entered", "over", None]
    assert found["before_risk"].to_list() == [0.1] * 4
    changed = by_levels(today.with_columns(source=pl.lit("churn-a")), before, before_on=on(0))
    assert changed["news"].to_list() == ["still", "still", None, None]
    assert changed.select("before_on", "before_risk", "before_source").null_count().row(0) == (4, 4, 4)


def a_delivery(recipient: str, day: int, **more: object) -> dict[str, object]:
    """A digest that was sent, unless it says otherwise."""
    known = {"kind": "digest", "recipient": recipient, "due_on": on(day), "state": "sent"}
    return {**dict.fromkeys(DELIVERIES_SCHEMA.names()), **known, **more}


def test_a_csm_was_told_by_the_last_digest_that_was_sent_before_today() -> None:
    """What was not sent told nobody, nor did a note in a channel; today's own digest does not count."""
    deliveries = pl.DataFrame(
        [
            a_delivery("ana@us.test", 1),
            a_delivery("ana@us.test", 3),
            a_delivery("ana@us.test", 4, state="refused"),
            a_delivery("ana@us.test", 4, kind="slack"),
            a_delivery("ana@us.test", 5),
            a_delivery("bo@us.test", 5),
        ],
        schema=DELIVERIES_SCHEMA,
    )
    told = told_on(deliveries, ["Ana@us.test", "bo@us.test", "no address", None], today=on(5))
    assert told == {"Ana@us.test": on(3)}
    assert told_on(deliveries.clear(), ["ana@us.test"], today=dt.date(2026, 3, 9)) == {}
