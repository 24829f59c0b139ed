"""Assessed accounts that state only what matters."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from mailsignals.flags.news import NEWS_SCHEMA, by_levels
from mailsignals.notifications.digest.digest import Digest, digests
from mailsignals.notifications.digest.links import Links
from mailsignals.notifications.digest.mail_links import OWN_COPY
from mailsignals.risk.reasons import REASON
from mailsignals.schema import BOOK_SCHEMA

AS_OF = dt.datetime(2026, 3, 1, 23, tzinfo=dt.UTC)
"""Midnight in Berlin, of 2 March."""

OWED_SCHEMA = pl.Schema(
    {
        "account": pl.UInt32(),
        "contact": pl.String(),
        "opened_at": pl.Datetime("us", "UTC"),
        "copy": OWN_COPY,
        "tier": pl.String(),
        "figure": pl.String(),
        "late": pl.Boolean(),
        "due_on": pl.Date(),
        "open_hours": pl.Float64(),
        "by_calendar": pl.Boolean(),
    }
)

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
        "days_since_inbound": pl.Float64(),
        "days_since_outbound": pl.Float64(),
        "last_inbound_person": pl.String(),
        "last_outbound_person": pl.String(),
        "copy": OWN_COPY,
        "hidden_because": pl.String(),
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
    }
    return {**row, **known, **figures}


def a_ticket(name: str, open_hours: float, **more: object) -> dict[str, Any]:
    """An answer that an account is owed within so many open hours, unless it says otherwise."""
    known = {
        "name": name,
        "contact": f"kim@{name.lower()}.test",
        "tier": "gold",
        "figure": "response",
        "late": False,
        "due_on": AS_OF.date(),
        "open_hours": open_hours,
        "by_calendar": True,
    }
    return {**known, **more}


def digests_of(
    *rows: Mapping[str, Any],
    before: Mapping[str, str | None] | None = None,
    news: pl.DataFrame | None = None,
    further: Sequence[Mapping[str, str | None]] | None = None,
    weeks: Mapping[str, tuple[list[int], list[int]]] | None = None,
    owed: Sequence[Mapping[str, Any]] = (),
    at: dt.datetime = AS_OF,
    most: int = 5,
    links: Links | None = None,
) -> list[Digest]:
    """The digests of accounts in the order of their book.

    Args:
        rows: of ``a_row``.
        before: the level that an account had the day before, by name; the others had today's.
        news: in ``NEWS_SCHEMA``, instead of what follows from the levels of the two days.
        further: further columns of the book, by row.
        weeks: weekly counts of theirs and ours, by name.
        owed: of ``a_ticket``, in order.
        at: the instant.
        most: how many cards at most.
        links: into the dashboard, if there is one.
    """
    numbered = [{**row, "account": number, "as_of": at} for number, row in enumerate(rows)]
    today = pl.DataFrame(numbered, schema=_SCHEMA)
    if news is None:
        yesterday = [{**row, "level": (before or {}).get(row["name"], row["level"])} for row in numbered]
        news = by_levels(today, pl.DataFrame(yesterday, schema=_SCHEMA), before_on=dt.date(2026, 3, 1))
    book = today.select(BOOK_SCHEMA.names())
    if further:
        book = pl.concat([book, pl.DataFrame(further)], how="horizontal")
    numbers = {row["name"]: row["account"] for row in numbered}
    charts = [
        {"account": numbers[name], "theirs": theirs, "ours": ours}
        for name, (theirs, ours) in (weeks or {}).items()
    ]
    tickets = [{**ticket, "account": numbers[ticket["name"]]} for ticket in owed]
    return digests(
        today.join(news.select(NEWS_SCHEMA.names()), on="account_id", how="left", maintain_order="left"),
        book=book,
        weeks=pl.DataFrame(
            charts, schema={"account": pl.UInt32(), "theirs": pl.List(pl.UInt32), "ours": pl.List(pl.UInt32)}
        ),
        owed=pl.DataFrame(tickets, schema=OWED_SCHEMA),
        remarks=["Nothing is recorded."],
        by_command="Type it.",
        links=links,
        most=most,
        company="Us",
        timezone="Europe/Berlin",
    )
