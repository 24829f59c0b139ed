"""The tables behind the pages on service levels: every promise by both clocks, every ticket, and their mails."""

import datetime as dt
from typing import Literal, TypeAlias

import polars as pl

from mailsignals.readmodel.tables.material import Material
from mailsignals.sla import ticket_rows
from mailsignals.sla.cases import judged
from mailsignals.sla.promises import Promises

Clock: TypeAlias = Literal["calendar", "wall"]

ASKED = ("conversation", "account", "figure", "started_at", "ended_at", "agent", "hope_at")
"""What a case is before it is judged."""

JUDGED = ("due_at", "verdict", "off_hours", "near_miss")

BY_THE_CLOCK = "clock_"
"""Begins the names of what was judged as if targets counted round the clock."""


def cases(material: Material) -> pl.DataFrame:
    """Every promise, the oldest first.

    Returns:
        ``conversation``, ``opened_at`` (its ticket), ``account``, ``figure``, ``started_at``, ``ended_at``, ``agent``
        (an address), ``group`` (the tier), ``hours`` and ``business_hours``; ``JUDGED`` in the calendar, and once more
        behind ``BY_THE_CLOCK``.
    """
    found = by_both_clocks(material.desk.cases, material.promises, as_of=material.as_of)
    opened = material.desk.tickets.select("conversation", "opened_at")
    return (
        found.join(opened, on="conversation", how="left", maintain_order="left")
        .with_columns(_address(material, "agent"))
        .sort("started_at", "conversation", "figure")
    )


def by_both_clocks(cases: pl.DataFrame, promises: Promises, *, as_of: dt.datetime) -> pl.DataFrame:
    """The cases of a desk as ``on_clock`` wants them."""
    asked = cases.lazy().select(ASKED)
    by_the_clock = judged(asked, promises.by_the_clock(), as_of=as_of).select(
        pl.col(JUDGED).name.prefix(BY_THE_CLOCK)
    )
    return pl.concat([cases.drop("hope_at", "used"), by_the_clock.collect()], how="horizontal")


def on_clock(cases: pl.LazyFrame, clock: Clock) -> pl.LazyFrame:
    """Cases as they are judged in the calendar of each tier, or as they would be on the clock on the wall."""
    other = [f"{BY_THE_CLOCK}{name}" for name in JUDGED]
    if clock == "wall":
        cases = cases.with_columns(
            pl.col(theirs).alias(own) for own, theirs in zip(JUDGED, other, strict=True)
        )
    return cases.drop(other)


def tickets(material: Material) -> pl.LazyFrame:
    """Every ticket, the oldest first.

    Returns:
        What a ``Desk`` has of tickets, with addresses for people, ``ticket`` (its id), ``account_id``, ``until`` (the
        instant of its last mail), and ``subject`` of the mail that opened it, as far as subjects are kept.
    """
    rows = _named(material).lazy()
    last = _written(material).group_by("conversation").agg(until=pl.col("sent_at").max())
    subjects = _subjects(material, rows.select(person="contact", sent_at="opened_at"))
    return (
        rows.join(last, on="conversation", how="left")
        .join(subjects, left_on=["contact", "opened_at"], right_on=["person", "sent_at"], how="left")
        .sort("opened_at", "conversation")
    )


def ids(material: Material) -> pl.DataFrame:
    """Where tickets are found by id, in the order of ids: ``ticket``, ``conversation`` and ``opened_at``."""
    return _named(material).select("ticket", "conversation", "opened_at").sort("ticket")


def mails(material: Material) -> pl.LazyFrame:
    """Every mail of a ticket, by time.

    Returns:
        ``conversation``, ``opened_at`` (its ticket), ``account``, ``sent_at``, ``outbound``, ``person`` (an address),
        and ``subject``, if it is kept.
    """
    written = _written(material)
    subjects = _subjects(material, written.select("person", "sent_at"))
    return written.join(subjects, on=["person", "sent_at"], how="left").sort(
        "sent_at", "outbound", "conversation", "person"
    )


def _named(material: Material) -> pl.DataFrame:
    """The tickets with their ids, account ids and addresses."""
    found = material.desk.tickets.with_columns(number=pl.col("account"))
    addresses = material.people["address"]
    named = ticket_rows.with_names(found, account_ids=material.book["account_id"], addresses=addresses)
    return ticket_rows.with_ids(named).rename({"number": "account"})


def _written(material: Material) -> pl.LazyFrame:
    """The mails of tickets: those of every conversation that a customer opened with support."""
    tickets = material.desk.tickets.lazy().select("conversation", "opened_at")
    return material.facts.touches.join(tickets, on="conversation").select(
        "conversation", "opened_at", "account", "sent_at", "outbound", _address(material, "person")
    )


def _subjects(material: Material, mails: pl.LazyFrame) -> pl.LazyFrame:
    """``person``, ``sent_at`` and ``subject`` of these, if subjects are kept."""
    keys = ["person", "sent_at"]
    copies = material.messages.select("subject", "sent_at", person="sender").filter(
        pl.col("subject").is_not_null() & (material.settings.privacy.subjects == "keep")
    )
    return copies.join(mails.unique(), on=keys, how="semi").group_by(keys).agg(pl.col("subject").min())


def _address(material: Material, column: str) -> pl.Expr:
    return pl.lit(material.people["address"]).gather(pl.col(column)).alias(column)
