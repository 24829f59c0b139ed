"""Assessed accounts that state only what matters."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from mailsignals.digest.content import Digest, digests
from mailsignals.risk.reasons import REASON
from mailsignals.schema import BOOK_SCHEMA

AS_OF = dt.datetime(2026, 3, 1, 23, tzinfo=dt.UTC)
"""Midnight in Berlin, of 2 March."""

_SCHEMA = pl.Schema(
    {
        **BOOK_SCHEMA,
        "account": pl.UInt32(),
        "as_of": pl.Datetime("us", "UTC"),
        "state": pl.String(),
        "level": pl.String(),
        "score": pl.Float64(),
        "risk": pl.Float64(),
        "source": pl.String(),
        "reasons": pl.List(REASON),
        "overdue_turns": pl.UInt32(),
        "overdue_hours": pl.Float64(),
        "days_since_inbound": pl.Float64(),
        "days_since_outbound": pl.Float64(),
        "last_inbound_person": pl.String(),
        "last_outbound_person": pl.String(),
        "away": pl.String(),
    }
)


def reason(mark: str, text: str = "It is so.") -> dict[str, object]:
    """One reason of a mark."""
    return {"mark": mark, "signal": mark, "value": 1.0, "before": None, "text": text}


def a_row(name: str, level: str | None = "low", /, **figures: object) -> dict[str, Any]:
    """One account, of Ana's unless it says otherwise; without a level it is out of sight unless it says otherwise."""
    row = dict.fromkeys(_SCHEMA)
    known: dict[str, object] = {
        "account_id": name,
        "name": name,
        "csm": "ana@us.test",
        "as_of": AS_OF,
        "state": "scored" if level else "not_enough_sight",
        "level": level,
        "score": {"high": 90.0, "medium": 85.0, "low": 40.0}.get(level or ""),
        "source": "scorecard",
        "reasons": [reason("inbound_down")] if level == "high" else [],
        "overdue_turns": 0,
    }
    return {**row, **known, **figures}


def digests_of(
    *rows: Mapping[str, Any],
    before: Mapping[str, str | None] | None = None,
    further: Sequence[Mapping[str, str | None]] | None = None,
    weeks: Mapping[str, tuple[list[int], list[int]]] | None = None,
    at: dt.datetime = AS_OF,
) -> list[Digest]:
    """The digests of accounts in the order of their book.

    Args:
        rows: of ``a_row``.
        before: the level that an account had the day before, by name; the others had today's.
        further: further columns of the book, by row.
        weeks: weekly counts of theirs and ours, by name.
        at: the instant.
    """
    numbered = [{**row, "account": number, "as_of": at} for number, row in enumerate(rows)]
    today = pl.DataFrame(numbered, schema=_SCHEMA)
    yesterday = [{**row, "level": (before or {}).get(row["name"], row["level"])} for row in numbered]
    book = today.select(BOOK_SCHEMA.names())
    if further:
        book = pl.concat([book, pl.DataFrame(further)], how="horizontal")
    numbers = {row["name"]: row["account"] for row in numbered}
    charts = [
        {"account": numbers[name], "theirs": theirs, "ours": ours}
        for name, (theirs, ours) in (weeks or {}).items()
    ]
    return digests(
        today,
        pl.DataFrame(yesterday, schema=_SCHEMA),
        book=book,
        weeks=pl.DataFrame(
            charts, schema={"account": pl.UInt32(), "theirs": pl.List(pl.UInt32), "ours": pl.List(pl.UInt32)}
        ),
        company="Us",
        timezone="Europe/Berlin",
    )
