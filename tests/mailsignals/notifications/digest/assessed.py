"""Assessed accounts that state only what matters."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from mailsignals.config.risk import RiskSection
from mailsignals.flags.news import NEWS_SCHEMA, by_levels
from mailsignals.notifications.digest.digest import Digest, digests
from mailsignals.notifications.digest.links import Links
from mailsignals.notifications.digest.mail_links import OWN_COPY
from mailsignals.notifications.digest.risk_context import RiskContext
from mailsignals.risk.reasons import ALSO, REASON
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
        "risk": pl.Float64(),
        "quiet": pl.Float64(),
        "leaving": pl.Float64(),
        "source": pl.String(),
        "expected_loss": pl.Float64(),
        "reasons": pl.List(REASON),
        "also": pl.List(ALSO),
        "back_again": pl.Float64(),
        "days_since": pl.Int64(),
        "last_inbound_at": pl.Datetime("us", "UTC"),
        "days_since_inbound": pl.Float64(),
        "days_since_outbound": pl.Float64(),
        "last_inbound_person": pl.String(),
        "last_outbound_person": pl.String(),
        "copy": OWN_COPY,
        "hidden_because": pl.String(),
    }
)


CHECK = "This list has not been checked."


def context(**more: Any) -> RiskContext:
    """What holds for all accounts, with the default thresholds."""
    known: dict[str, Any] = {"rules": RiskSection(), "records": (), "check": CHECK}
    return RiskContext(**{**known, **more})


def reason(
    theme: str, text: str = "It is so.", *, share: float | None = None, signal: str = "inbound"
) -> dict[str, object]:
    """One reason of a theme."""
    return {
        "cause": "leaving",
        "mark": theme,
        "signal": signal,
        "value": 1.0,
        "before": None,
        "share": share,
        "text": text,
    }


def fact(text: str) -> dict[str, object]:
    """A fact that is also worth knowing."""
    return {"mark": "no_checkin", "signal": "days_since_checkin", "value": 1.0, "before": None, "text": text}


def a_row(name: str, level: str | None = "low", /, **figures: object) -> dict[str, Any]:
    """One account, of Ana's unless it says otherwise; without a level it is out of sight unless it says otherwise."""
    row = dict.fromkeys(_SCHEMA)
    quiet = {"high": 0.3, "medium": 0.1, "low": 0.02}.get(level or "")
    known: dict[str, object] = {
        "account_id": name,
        "name": name,
        "csm": "ana@us.test",
        "as_of": AS_OF,
        "state": "active" if level else "not_enough_sight",
        "level": level,
        "risk": None if quiet is None else quiet + 0.02,
        "quiet": quiet,
        "leaving": None if quiet is None else 0.03,
        "source": "quiet+scorecard",
        "reasons": [reason("silence")] if level == "high" else [],
        "also": [],
    }
    return {**row, **known, **figures}


def silent(name: str, days: float, **figures: object) -> dict[str, Any]:
    """An account that lapsed: its last mail is so many days old."""
    return a_row(
        name,
        None,
        state="lapsed",
        days_since=int(days),
        last_inbound_at=AS_OF - dt.timedelta(days=days),
        **figures,
    )


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
    given: RiskContext | None = None,
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
        given: what holds for all accounts, instead of ``context()``.
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
        context=given or context(rules=RiskSection(accounts_per_csm=most)),
        company="Us",
        timezone="Europe/Berlin",
    )
