"""The tables of service levels: cases in business and calendar hours, tickets, and their emails."""

import datetime as dt
from typing import Literal, TypeAlias

import polars as pl

from mailsignals.sla.cases import judged_cases
from mailsignals.sla.promises import Promises
from mailsignals.sla.ticket_rows import with_ids
from mailsignals.workspace import Snapshot

Clock: TypeAlias = Literal["calendar", "wall"]

ASKED = ("conversation", "account", "figure", "started_at", "ended_at", "agent", "hope_at", "own_tier")
"""The columns of a case before its verdict."""

JUDGED = ("due_at", "verdict", "off_hours", "near_miss")

BY_THE_CLOCK = "clock_"
"""The prefix of columns that are judged in calendar hours."""


def cases(snapshot: Snapshot) -> pl.DataFrame:
    """Return all cases (one target of one ticket each), oldest first.

    Returns:
        ``conversation``, ``opened_at`` (its ticket), ``account``, ``figure``, ``started_at``, ``ended_at``, ``agent``
        (an address), ``group`` (the tier), ``own_tier`` (the same, also without targets; null: none), ``hours`` and
        ``business_hours``; ``JUDGED`` in the calendar, and once more behind ``BY_THE_CLOCK``.
    """
    found = by_both_clocks(snapshot.tickets.cases, snapshot.promises, as_of=snapshot.as_of)
    opened = snapshot.tickets.tickets.select("conversation", "opened_at")
    return (
        found.join(opened, on="conversation", how="left", maintain_order="left")
        .with_columns(_address(snapshot, "agent"))
        .sort("started_at", "conversation", "figure")
    )


def by_both_clocks(cases: pl.DataFrame, promises: Promises, *, as_of: dt.datetime) -> pl.DataFrame:
    """Return cases with verdicts in business and in calendar hours, for ``on_clock``."""
    asked = cases.lazy().select(ASKED)
    by_the_clock = judged_cases(asked, promises.by_the_clock(), as_of=as_of).select(
        pl.col(JUDGED).name.prefix(BY_THE_CLOCK)
    )
    return pl.concat([cases.drop("hope_at", "used"), by_the_clock.collect()], how="horizontal")


def on_clock(cases: pl.LazyFrame, clock: Clock) -> pl.LazyFrame:
    """Return cases with their verdicts in business hours (``calendar``) or calendar hours (``wall``)."""
    other = [f"{BY_THE_CLOCK}{name}" for name in JUDGED]
    if clock == "wall":
        cases = cases.with_columns(
            pl.col(theirs).alias(own) for own, theirs in zip(JUDGED, other, strict=True)
        )
    return cases.drop(other)


def full_tickets(snapshot: Snapshot) -> pl.LazyFrame:
    """Return all tickets, oldest first.

    Returns:
        What ``Tickets`` has of tickets, with addresses for people, ``ticket`` (its id), ``account_id``, ``until`` (the
        time of its last email), and ``subject`` of its first email, if subjects are kept.
    """
    rows = _named(snapshot).lazy()
    last = _written(snapshot).group_by("conversation").agg(until=pl.col("sent_at").max())
    subjects = _subjects(snapshot, rows.select(person="contact", sent_at="opened_at"))
    return (
        rows.join(last, on="conversation", how="left")
        .join(subjects, left_on=["contact", "opened_at"], right_on=["person", "sent_at"], how="left")
        .sort("opened_at", "conversation")
    )


def ids(snapshot: Snapshot) -> pl.DataFrame:
    """Return the key of each ticket, in the order of ids: ``ticket``, ``conversation`` and ``opened_at``."""
    return _named(snapshot).select("ticket", "conversation", "opened_at").sort("ticket")


def ticket_mails(snapshot: Snapshot) -> pl.LazyFrame:
    """Return all emails of tickets by time.

    Returns:
        ``conversation``, ``opened_at`` (its ticket), ``account``, ``sent_at``, ``outbound``, ``person`` (an address),
        and ``subject``, if it is kept.
    """
    written = _written(snapshot)
    subjects = _subjects(snapshot, written.select("person", "sent_at"))
    return written.join(subjects, on=["person", "sent_at"], how="left").sort(
        "sent_at", "outbound", "conversation", "person"
    )


def _named(snapshot: Snapshot) -> pl.DataFrame:
    """Return tickets with their ids, account ids and addresses, and ``account`` as a number."""
    found = snapshot.tickets.tickets.with_columns(number=pl.col("account"))
    return with_ids(snapshot.with_names(found)).rename({"number": "account"})


def _written(snapshot: Snapshot) -> pl.LazyFrame:
    """Return the emails of tickets, which are conversations that customers opened with support."""
    full_tickets = snapshot.tickets.tickets.lazy().select("conversation", "opened_at")
    return snapshot.facts.touches.join(full_tickets, on="conversation").select(
        "conversation", "opened_at", "account", "sent_at", "outbound", _address(snapshot, "person")
    )


def _subjects(snapshot: Snapshot, mails: pl.LazyFrame) -> pl.LazyFrame:
    """Return ``person``, ``sent_at`` and ``subject`` of these emails, if subjects are kept."""
    keys = ["person", "sent_at"]
    copies = snapshot.messages.select("subject", "sent_at", person="sender").filter(
        pl.col("subject").is_not_null() & (snapshot.workspace.settings.privacy.subjects == "keep")
    )
    return copies.join(mails.unique(), on=keys, how="semi").group_by(keys).agg(pl.col("subject").min())


def _address(snapshot: Snapshot, column: str) -> pl.Expr:
    return pl.lit(snapshot.people["address"]).gather(pl.col(column)).alias(column)


def named_ticket_rows(snapshot: Snapshot) -> pl.DataFrame:
    """Return the rows of `mailsignals sla --tickets` without subjects, oldest first.

    ``account`` is the account's number.
    """
    return snapshot.ticket_rows.sort("opened_at", "conversation").drop("conversation")


def tickets_by_account(snapshot: Snapshot) -> pl.DataFrame:
    """Return the rows of `mailsignals sla --tickets` without subjects, by account, oldest first.

    Rows of one account are neighbours, so that they are found together.
    """
    ordered = snapshot.ticket_rows.sort("account_id", "opened_at", "conversation")
    return ordered.drop("conversation")


def support_answers(snapshot: Snapshot) -> pl.DataFrame:
    """Return the emails of agents (``Tickets.sent``), oldest first, with ``person`` as an address."""
    return snapshot.tickets.sent.with_columns(person=_address(snapshot, "person")).sort("sent_at", "person")
