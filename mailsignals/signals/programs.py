"""Signals of automated mail: meetings, addresses that bounce, and people who are away."""

import datetime as dt

import polars as pl

from mailsignals.signals.facts import Facts
from mailsignals.signals.instants import Instants
from mailsignals.signals.signal import Signal, count, window
from mailsignals.units import days

AWAY_DAYS = 14
"""The number of days that a person counts as away after an automatic reply, unless they write before."""

SIGNALS = (
    Signal(
        "meetings",
        "meetings",
        "Meetings with the account that calendar messages were about.",
        count("meetings"),
        rows=None,
        from_rows=None,
    ),
    Signal(
        "bounced_contacts",
        "people",
        "Contacts whose address bounced.",
        count("bounced_contacts"),
        rows=None,
        from_rows=None,
    ),
)

MOMENT_SIGNALS = (
    Signal(
        "days_since_meeting",
        "days",
        "Days since the last calendar message of a meeting with the account.",
        days(pl.col("as_of") - pl.col("last_meeting_at")),
        rows=None,
        from_rows=None,
    ),
    Signal(
        "away_contacts",
        "people",
        "Contacts with an automatic reply in the last two weeks who have not written since.",
        count("away_contacts"),
        rows=None,
        from_rows=None,
    ),
)


def measures(facts: Facts, instants: Instants, days_back: int) -> list[pl.LazyFrame]:
    """Return the number of distinct subjects of meetings, and of distinct addresses that bounced, in a window."""
    span = window(days_back)
    return [
        instants.tally(
            _since_seen(facts.programs.filter(pl.col("kind") == kind), what, span),
            since=pl.col("since"),
            until=pl.col("sent_at") + span,
            amounts={name: pl.lit(1)},
        )
        for kind, what, name in (("calendar", "topic", "meetings"), ("bounce", "person", "bounced_contacts"))
    ]


def _since_seen(rows: pl.LazyFrame, what: str, span: dt.timedelta) -> pl.LazyFrame:
    """Rows with ``since``: a repeated value counts once, from the end of the earlier row's window on."""
    sent_at = pl.col("sent_at")
    return (
        rows.select("account", what, "sent_at")
        .sort("account", what, "sent_at")
        .with_columns(since=pl.max_horizontal(sent_at, sent_at.shift(1).over("account", what) + span))
    )


def latest_meeting(facts: Facts, instants: Instants) -> pl.LazyFrame:
    """Return when the last calendar message of each account was sent, however long ago."""
    meetings = facts.programs.filter(pl.col("kind") == "calendar")
    return instants.latest(meetings, pl.col("sent_at"), "last_meeting_at")


def program_moments(facts: Facts, instants: Instants) -> list[pl.LazyFrame]:
    """Return the number of contacts away: from an automatic reply to their next email or reply, 14 days at most."""
    absent = absences(facts)
    away = instants.tally(
        absent, since=pl.col("since"), until=pl.col("until"), amounts={"away_contacts": pl.lit(1)}
    )
    return [away]


def absences(facts: Facts) -> pl.LazyFrame:
    """Return the periods ``since`` (included) ``until`` in which a ``person`` of an ``account`` is away.

    Each lasts to the person's next automatic reply, next email to us, or two weeks, whichever comes first.
    """
    who = ["account", "person"]
    replies = facts.programs.filter(pl.col("kind") == "auto_reply").select(*who, since="sent_at")
    mails = facts.touches.filter(~pl.col("outbound")).select(*who, sent_at="sent_at")
    following = (
        replies.join(mails, on=who)
        .filter(pl.col("sent_at") > pl.col("since"))
        .group_by(*who, "since")
        .agg(wrote_at=pl.col("sent_at").min())
    )
    again_at = pl.col("since").shift(-1).over(who)
    return (
        replies.unique()
        .sort(*who, "since")
        .join(following, on=[*who, "since"], how="left", maintain_order="left")
        .with_columns(until=pl.min_horizontal(pl.col("since") + window(AWAY_DAYS), "wrote_at", again_at))
        .drop("wrote_at")
    )
