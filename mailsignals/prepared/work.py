"""The table behind who does what: each of our people's mail to accounts by week, and what kind of work it is."""

import datetime as dt

import polars as pl

from mailsignals.engines import engine_of
from mailsignals.prepared.material import Material
from mailsignals.sla.tickets import TICKET

WEEKS = 13
KINDS = ("opened", "tickets", "other")
"""A mail opens a conversation, which is account work; or it is in a ticket, which is support; or goes on otherwise."""


def work(material: Material) -> pl.DataFrame:
    """One row for each of our people and week in which they wrote to accounts.

    Returns:
        ``person`` (an address), ``role``, ``week`` (0 is the oldest of 13, each of seven days up to the instant),
        ``mails``, and how many of them are of each of ``KINDS``.
    """
    found = work_by_week(material.facts.touches, material.as_of)
    address = pl.lit(material.people["address"]).gather(pl.col("person"))
    return found.with_columns(person=address).sort("person", "week")


def work_by_week(marked: pl.LazyFrame, as_of: dt.datetime) -> pl.DataFrame:
    """The same by the numbers of people, from touches that went through ``turns.mark``."""
    week = dt.timedelta(days=7)
    opening, sent_at = pl.col("opening"), pl.col("sent_at")
    ago = (pl.lit(as_of) - sent_at).dt.total_microseconds() // (week // dt.timedelta(microseconds=1))
    in_ticket = pl.when(opening).then(TICKET).forward_fill()
    return (
        marked.select("person", "role", "outbound", "opening", "sent_at", ticket=in_ticket)
        .filter("outbound", sent_at > as_of - WEEKS * week, sent_at <= as_of)
        .with_columns(week=WEEKS - 1 - ago)
        .group_by("person", "role", "week")
        .agg(
            mails=pl.len().cast(pl.Int64),
            opened=opening.sum().cast(pl.Int64),
            tickets=(pl.col("ticket") & ~opening).sum().cast(pl.Int64),
        )
        .with_columns(
            pl.col("week").cast(pl.Int64),
            pl.col("role").cast(pl.String),
            other=pl.col("mails") - pl.col("opened") - pl.col("tickets"),
        )
        .collect(engine=engine_of(marked))
    )
