"""Recorded days and feedback that state only what matters."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from mailsignals.flags.flags import flags
from mailsignals.schema import BOOK_SCHEMA
from mailsignals.store.tables.feedback import FEEDBACK_SCHEMA
from mailsignals.store.tables.scores import SCORES_SCHEMA

FIRST = dt.date(2026, 3, 2)
BERLIN = "Europe/Berlin"
LEVELS = {"h": "high", "m": "medium", "l": "low", "?": None}
RISKS = {"h": 0.4, "m": 0.15, "l": 0.02, "?": None}
SOURCE = "quiet+scorecard"
OF_BEFORE: dict[str, Any] = {
    "source": "scorecard",
    "score": 90.0,
    "risk": None,
    "quiet": None,
    "leaving": None,
}
"""What a day has that was recorded before risk had two causes."""


def on(day: int) -> dt.date:
    """The day so many days after the first."""
    return FIRST + dt.timedelta(days=day)


def at(day: int, hour: int = 6) -> dt.datetime:
    """An hour of that day, in UTC."""
    return dt.datetime.combine(on(day), dt.time(hour), dt.UTC)


def recorded(levels: str, account_id: str = "A", *, start: int = 0, **figures: Any) -> pl.DataFrame:
    """Days in a row of one account, a letter each: h(igh), m(edium), l(ow), ? not judged, space not recorded."""
    rows = [
        {
            "account_id": account_id,
            "scored_on": on(day),
            "scored_at": at(day),
            "state": "not_enough_sight" if letter == "?" else "active",
            "level": LEVELS[letter],
            "score": None,
            **dict.fromkeys(("risk", "quiet"), RISKS[letter]),
            "leaving": None if letter == "?" else 0.0,
            "source": SOURCE,
            **figures,
            **({"score": None, "risk": None} if letter == "?" else {}),
        }
        for day, letter in enumerate(levels, start)
        if letter != " "
    ]
    return pl.DataFrame(rows, schema=SCORES_SCHEMA)


def by_methods(
    levels: str, changes: Mapping[int, Mapping[str, Any]], account_id: str = "A", *, start: int = 0
) -> pl.DataFrame:
    """``recorded``, with other figures from the given days on: each change holds until the next one."""
    days = sorted({start, *(day for day in changes if start < day < start + len(levels))})
    parts = [
        recorded(
            levels[first - start : until - start],
            account_id,
            start=first,
            **changes.get(max((day for day in changes if day <= first), default=-1), {}),
        )
        for first, until in zip(days, [*days[1:], start + len(levels)], strict=True)
    ]
    return pl.concat(parts)


def said(kind: str, day: int, account_id: str = "A", *, hour: int = 12, **more: Any) -> dict[str, Any]:
    """What Ana said of an account on a day, at noon unless it says otherwise."""
    word = {"account_id": account_id, "given_at": at(day, hour), "given_by": "ana", "kind": kind}
    return {**word, **more}


def feedback(*words: Mapping[str, Any]) -> pl.DataFrame:
    """Rows of ``said``."""
    return pl.DataFrame(list(words), schema=FEEDBACK_SCHEMA)


def book(*account_ids: str, churned: Mapping[str, dt.date] | None = None) -> pl.DataFrame:
    """An account book of these accounts, or of A."""
    rows = [
        {"account_id": name, "name": name, "churned_on": (churned or {}).get(name)}
        for name in account_ids or "A"
    ]
    return pl.DataFrame(rows, schema=BOOK_SCHEMA)


def flags_at(
    day: int,
    scores: pl.DataFrame,
    *words: Mapping[str, Any],
    churned: Mapping[str, dt.date] | None = None,
    accounts: Iterable[str] = "A",
) -> pl.DataFrame:
    """All flags in the evening of a day."""
    return flags(
        scores, feedback(*words), book(*accounts, churned=churned), as_of=at(day, 20), timezone=BERLIN
    )


def states(days: int, scores: pl.DataFrame, *words: Mapping[str, Any], **more: Any) -> list[str]:
    """The state of A's newest flag in the evening of each of the first days; a dash where there is none."""
    found = [flags_at(day, scores, *words, **more)["state"] for day in range(days)]
    return [one.item(-1) if len(one) else "-" for one in found]
