"""Flags: every episode of high risk of every account, with its state."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals.clock import local_date
from mailsignals.flags.episodes import (
    CHURNED,
    COOL_DOWN,
    DISMISSED,
    ENTERING,
    HIGH,
    PERSISTING,
    RECENT_DAYS,
    SAVED,
    SNOOZED,
    Event,
    Flag,
    RecordedDay,
    Word,
    flags_of,
)
from mailsignals.flags.feedback import standing_feedback, with_departures
from mailsignals.flags.method import with_methods
from mailsignals.schema import INSTANT

FLAG_SCHEMA = pl.Schema(
    {
        "account_id": pl.String(),
        "opened_on": pl.Date(),
        "state": pl.String(),
        "since_at": INSTANT,
        "by": pl.String(),
        "until": pl.String(),
        "note": pl.String(),
        "closed_on": pl.Date(),
        "churned_on": pl.Date(),
        "held_back": pl.Boolean(),
        "opening_risk": pl.Float64(),
        "opening_source": pl.String(),
        "level": pl.String(),
        "risk": pl.Float64(),
        "source": pl.String(),
    }
)
"""One row per flag.

``until`` is the end of a snooze (a day or an event); for a flag that a person closed, the day before which the account
gets no other flag. ``closed_on`` is null while the flag is open. ``churned_on`` is the churn date, if known.
The level at opening is high; ``level``, ``risk`` and ``source`` are those of the last day on which the account was
judged, before another flag of it opened. Risks compare only if ``opening_source`` and ``source`` are the same.
"""

HIDDEN_SCHEMA = pl.Schema({"account_id": pl.String(), "hidden_because": pl.String()})
HELD_BACK = "held back"


def flags(
    scores: pl.DataFrame,
    feedback: pl.DataFrame,
    book: pl.DataFrame,
    *,
    as_of: dt.datetime,
    timezone: str,
) -> pl.DataFrame:
    """Return all flags of the listed accounts at a date and time, in ``FLAG_SCHEMA``, by account and opening.

    Args:
        scores: all recorded days (``SCORES_SCHEMA``) of every account that was ever at high risk, in any order; other
            accounts may be left out.
        feedback: all feedback, in ``FEEDBACK_SCHEMA``, in any order.
        book: the account list's rows.
        as_of: later days, feedback and events don't count.
        timezone: of days.
    """
    today = local_date(as_of, timezone)
    left = with_departures(book, feedback, as_of=as_of).filter(pl.col("churned_on") <= today)
    churned_on = dict(left.select("account_id", "churned_on").iter_rows())
    rows = [
        _row(account_id, flag, today, churned_on.get(account_id))
        for account_id, events in _events(scores, feedback, book, as_of, timezone).items()
        for flag in flags_of(events)
    ]
    return pl.DataFrame(rows, schema=FLAG_SCHEMA).sort("account_id", "opened_on")


def hidden_accounts(found: pl.DataFrame, *, as_of: dt.datetime, timezone: str) -> pl.DataFrame:
    """Return the accounts that have no card at a date and time, with the reason, in ``HIDDEN_SCHEMA``.

    They are snoozed, dismissed, saved or churned by feedback, or held out for comparison.

    Args:
        found: in ``FLAG_SCHEMA``, at the date and time.
        as_of: the date and time.
        timezone: of days.
    """
    today = local_date(as_of, timezone)
    newest = found.sort("opened_on").group_by("account_id").last()
    closed_by_word = pl.col("state").is_in([DISMISSED, SAVED]) & (pl.col("until") > today.isoformat())
    # A closed one is back as it was if the account is at high risk again within the cool-down.
    may_return = pl.col("opened_on") + COOL_DOWN > today
    held_back = pl.col("held_back").fill_null(value=False) & (pl.col("closed_on").is_null() | may_return)
    return (
        newest.with_columns(
            hidden_because=pl.when(held_back)
            .then(pl.lit(HELD_BACK))
            .when(closed_by_word | pl.col("state").is_in([SNOOZED, CHURNED]))
            .then("state")
        )
        .filter(pl.col("hidden_because").is_not_null())
        .select(HIDDEN_SCHEMA.names())
        .sort("account_id")
    )


def shown_level() -> pl.Expr:
    """Return the visible level: medium instead of high for accounts whose flag is held out.

    Reads ``level`` and ``hidden_because``.
    """
    held_back = (pl.col("hidden_because") == HELD_BACK).fill_null(value=False)
    return pl.when(held_back & (pl.col("level") == HIGH)).then(pl.lit("medium")).otherwise("level")


def visible_flags(found: pl.DataFrame) -> pl.DataFrame:
    """Return the flags that people may see, open ones first, by risk from the highest."""
    place = pl.col("state").replace_strict({PERSISTING: 0, ENTERING: 1, SNOOZED: 2}, default=3)
    return found.filter(~pl.col("held_back").fill_null(value=False)).sort(
        [place, -pl.col("closed_on").to_physical(), "risk", "account_id"],
        descending=[False, False, True, False],
        nulls_last=True,
    )


def _events(
    scores: pl.DataFrame, feedback: pl.DataFrame, book: pl.DataFrame, as_of: dt.datetime, timezone: str
) -> dict[str, list[Event]]:
    """Return the events of each account that was ever at high risk, in order."""
    flagged = scores.filter(pl.col("level") == HIGH)["account_id"].unique().implode()
    in_question = pl.col("account_id").is_in(flagged) & pl.col("account_id").is_in(
        book["account_id"].implode()
    )
    recorded = scores.filter(in_question, pl.col("scored_at") <= as_of)
    days = with_methods(recorded).filter(pl.col("level").is_not_null())
    words = standing_feedback(feedback, as_of).filter(in_question)
    local = words.with_columns(on=pl.col("given_at").dt.convert_time_zone(timezone).dt.date())
    left = book.filter(in_question, pl.col("churned_on").is_not_null())
    found: list[tuple[str, Event]] = [
        *_days(days_of_flags(days, local)),
        *_words(local),
        *_departures(left, timezone),
    ]
    told: dict[str, list[Event]] = {}
    for account_id, event in found:
        if event.at <= as_of:
            told.setdefault(account_id, []).append(event)
    for own in told.values():
        own.sort(key=lambda event: (event.at, isinstance(event, Word)))
    return told


def days_of_flags(days: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """Return the recorded days that can affect a flag; most days of most accounts can't.

    These are days at high risk, days on which a flag may be open or keep another from opening, days after feedback, and
    days after a change of method.

    Args:
        days: in ``SCORES_SCHEMA`` with what ``with_methods`` adds, in any order.
        words: in ``FEEDBACK_SCHEMA``, with their day (``on``).
    """
    own, place, cool_down = "account_id", pl.int_range(pl.len()), pl.lit(COOL_DOWN)
    high = pl.col("level") == HIGH
    changed = (pl.col("scored_on") < pl.col("decides_on")).fill_null(value=False)
    said = words.select(own, scored_at="given_at", said_on="on").sort("scored_at")
    near = (
        (pl.col("scored_on") < pl.col("high_on") + cool_down)
        | (pl.col("place") - pl.col("last_place") <= RECENT_DAYS)
        | (pl.col("scored_on") < pl.col("said_on") + cool_down)
    )
    return (
        days.sort("scored_at")
        .join_asof(said, on="scored_at", by=own, check_sortedness=False)
        .with_columns(place=place.over(own))
        .with_columns(
            high_on=pl.when(high).then("scored_on").forward_fill().over(own),
            last_place=pl.when(high | changed).then("place").forward_fill().over(own),
        )
        .filter(high | changed | near.fill_null(value=False))
        .select(days.columns)
    )


def _days(rows: pl.DataFrame) -> Iterator[tuple[str, RecordedDay]]:
    columns = rows.select(
        *("account_id", "scored_on", "scored_at", "level", "score", "risk", "source", "held_back"),
        *("method", "baseline_until"),
    )
    return ((account_id, RecordedDay(*day)) for account_id, *day in columns.iter_rows())


def _words(rows: pl.DataFrame) -> Iterator[tuple[str, Word]]:
    for row in rows.iter_rows(named=True):
        yield (
            row["account_id"],
            Word(
                on=row["on"],
                at=row["given_at"],
                kind=row["kind"],
                by=row["given_by"],
                until=row["until"],
                note=row["note"],
            ),
        )


def _departures(rows: pl.DataFrame, timezone: str) -> Iterator[tuple[str, Word]]:
    for account_id, on in rows.select("account_id", "churned_on").iter_rows():
        at = dt.datetime.combine(on, dt.time(), ZoneInfo(timezone)).astimezone(dt.UTC)
        yield account_id, Word(on=on, at=at, kind=CHURNED)


def _row(account_id: str, flag: Flag, today: dt.date, churned_on: dt.date | None) -> Mapping[str, Any]:
    stands = flag.standing(today)
    return {
        "account_id": account_id,
        "opened_on": flag.opened.on,
        "state": stands.state,
        "since_at": stands.since_at,
        "by": stands.by,
        "until": stands.until,
        "note": stands.note,
        "closed_on": flag.closed_on,
        "churned_on": churned_on,
        "held_back": flag.opened.held_back,
        "opening_risk": flag.opened.risk,
        "opening_source": flag.opened.source,
        "level": flag.latest.level,
        "risk": flag.latest.risk,
        "source": flag.latest.source,
    }
