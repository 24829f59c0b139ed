"""The tables of single accounts: emails, turns, mail by week, check-ins, tickets and recorded days."""

import datetime as dt

import polars as pl

from mailsignals.schema import BOOK_SCHEMA, INSTANT
from mailsignals.signals.conversations import OPEN_SPAN
from mailsignals.signals.facts import CHECKIN
from mailsignals.sla.ticket_rows import ticket_rows
from mailsignals.store.tables.scores import SCORES_SCHEMA
from mailsignals.units import hours
from mailsignals.workspace import Snapshot

DAYS = 365
"""Days of single emails and responses in an edition; all figures of an account use fewer."""
WEEKS = 104

ANSWERED = pl.col("answered_at")
STARTED = pl.col("started_at")


def account_mails(snapshot: Snapshot) -> pl.LazyFrame:
    """Return one row per email of the last ``DAYS``, by account.

    Returns:
        ``account``, ``sent_at``, ``outbound``, ``role``, ``person``, ``addressee`` (numbers), ``urgent``, ``opening``,
        ``again``, ``conversation``, and ``subject``: null where none is kept.
    """
    sent_at = pl.col("sent_at")
    recent = sent_at.is_between(*window_bounds(snapshot.as_of, DAYS), closed="right")
    touches = snapshot.facts.touches.filter(recent).select(
        *("account", "sent_at", "outbound", "role", "person", "addressee"),
        *("urgent", "opening", "again", "conversation"),
    )
    if snapshot.workspace.settings.privacy.subjects != "keep":
        return touches.with_columns(subject=pl.lit(None, dtype=pl.String))
    number = pl.col("sender").replace_strict(
        snapshot.people["address"], snapshot.people["person"], default=None, return_dtype=pl.UInt32
    )
    subjects = (
        snapshot.messages.filter(recent, pl.col("subject").is_not_null())
        .select("sent_at", "subject", person=number)
        .drop_nulls("person")
        .group_by("person", "sent_at")
        .agg(pl.col("subject").min())
    )
    return touches.join(subjects, on=["person", "sent_at"], how="left", maintain_order="left")


def mail_weeks(snapshot: Snapshot) -> pl.DataFrame:
    """Return emails of both sides by account and week: ``week_on`` (a Monday), ``theirs``, ``ours``.

    Only weeks with mail among the last ``WEEKS``; the current week is incomplete.
    """
    week_on = (
        pl.col("sent_at").dt.convert_time_zone(snapshot.timezone).dt.truncate("1w").dt.date().alias("week_on")
    )
    recent = pl.col("sent_at").is_between(*window_bounds(snapshot.as_of, 7 * WEEKS), closed="right")
    return (
        snapshot.facts.touches.filter(recent)
        .group_by("account", week_on)
        .agg(theirs=(~pl.col("outbound")).sum(), ours=pl.col("outbound").sum())
        .sort("account", "week_on")
        .collect(engine=snapshot.facts.engine)
    )


def window_bounds(as_of: dt.datetime, days: int) -> tuple[pl.Expr, pl.Expr]:
    """Return the bounds of a window of some days before a date and time; the start is excluded."""
    return pl.lit(as_of - dt.timedelta(days=days), dtype=INSTANT), pl.lit(as_of, dtype=INSTANT)


def scores(snapshot: Snapshot) -> pl.DataFrame:
    """Return the recorded scores by account and day: ``account`` and ``SCORES_SCHEMA``.

    Accounts that are not in the account list are left out.
    """
    numbers = snapshot.accounts.select("account_id", account=pl.int_range(pl.len(), dtype=pl.UInt32))
    return (
        snapshot.scores.join(numbers, on="account_id", how="inner")
        .select("account", *SCORES_SCHEMA.names())
        .sort("account", "scored_on")
    )


def signal_figures(snapshot: Snapshot) -> pl.DataFrame:
    """Return all signals by account and window."""
    return snapshot.signals.sort("account", "window_days")


def risk_terms(snapshot: Snapshot) -> pl.DataFrame:
    """Return every term of each account's two chances: ``account`` and ``parts`` (a list of ``risk.assess.PART``).

    ``parts`` is null if the account has no chance at all.
    """
    return snapshot.overview.select("account", "parts").sort("account")


def further(snapshot: Snapshot) -> pl.DataFrame:
    """Return the further columns of the account list, by account."""
    columns = [name for name in snapshot.accounts.columns if name not in BOOK_SCHEMA.names()]
    return snapshot.accounts.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("account"),
        pl.struct(columns).alias("further") if columns else pl.lit(None).alias("further"),
    )


def recent_tickets(snapshot: Snapshot) -> pl.DataFrame:
    """Return the tickets of the last ``DAYS`` by account, with the columns of ``ticket_rows``."""
    recent = pl.col("opened_at").is_between(*window_bounds(snapshot.as_of, DAYS), closed="right")
    return ticket_rows(snapshot.tickets).filter(recent).sort("account", "opened_at")


def turn_answers(snapshot: Snapshot) -> pl.LazyFrame:
    """Return one row per turn that started in the last ``DAYS``, by account.

    Returns:
        ``account``, ``started_at``, ``answered_at`` (null: open), ``answered_by``, ``outbound`` (true: your team
        wrote), ``role``, ``person``, ``opening``, ``due_at`` (null: no target),
        ``conversation``, ``hours`` (from start to answer, calendar hours) and ``open_hours`` (in business hours).
    """
    account = pl.col("account")
    return (
        _until(snapshot)
        .filter(STARTED.is_between(*window_bounds(snapshot.as_of, DAYS), closed="right"))
        .select(
            *("account", "started_at", "answered_at", "answered_by", "outbound", "role", "person"),
            *("opening", "due_at", "conversation"),
            hours=hours(ANSWERED - STARTED),
            open_hours=pl.when(ANSWERED.is_not_null()).then(
                snapshot.promises.open_hours(account, STARTED, pl.coalesce(ANSWERED, STARTED))
            ),
        )
    )


def waiting_turns(snapshot: Snapshot) -> pl.DataFrame:
    """Return the unanswered customer emails of the last 90 days by account, first due first.

    Returns:
        ``account``, ``started_at``, ``person``, ``role``, ``opening``, ``conversation``, ``due_at`` (null: no target),
        ``late``, ``open_hours`` (business hours until it is due, or since), ``by_calendar`` and ``due_on``, as in the
        queue of a digest.
    """
    account, due_at, as_of = pl.col("account"), pl.col("due_at"), window_bounds(snapshot.as_of, 0)[1]
    promises = snapshot.promises
    return (
        _until(snapshot)
        .filter(
            ~pl.col("outbound"),
            ANSWERED.is_null(),
            STARTED.is_between(*window_bounds(snapshot.as_of, OPEN_SPAN), closed="right"),
        )
        .with_columns(late=(due_at <= as_of).fill_null(value=False))
        .select(
            *("account", "started_at", "person", "role", "opening", "conversation", "due_at", "late"),
            open_hours=pl.when(due_at.is_not_null()).then(
                promises.open_hours(
                    account, pl.min_horizontal(as_of, due_at), pl.max_horizontal(as_of, due_at)
                )
            ),
            by_calendar=promises.in_open_hours(promises.policy(account, as_of)),
            due_on=due_at.dt.convert_time_zone(snapshot.timezone).dt.date(),
        )
        .sort("account", "due_at", "started_at", nulls_last=True)
        .collect(engine=snapshot.facts.engine)
    )


def checkins(snapshot: Snapshot) -> pl.LazyFrame:
    """Return the conversations that customer success started in two years, by account.

    Returns:
        ``account``, ``started_at``, ``person``, ``answered_at``, ``answered_by``, ``conversation``, ``hours``,
        ``replied`` (within the days that a customer has), and ``eligible`` (these days have passed).
    """
    horizon = pl.duration(days=snapshot.workspace.settings.signals.reply_horizon_days)
    return (
        _until(snapshot)
        .filter(CHECKIN, STARTED.is_between(*window_bounds(snapshot.as_of, 7 * WEEKS), closed="right"))
        .select(
            *("account", "started_at", "person", "answered_at", "answered_by", "conversation"),
            hours=hours(ANSWERED - STARTED),
            replied=(horizon >= ANSWERED - STARTED).fill_null(value=False),
            eligible=STARTED + horizon <= window_bounds(snapshot.as_of, 0)[1],
        )
    )


def _until(snapshot: Snapshot) -> pl.LazyFrame:
    """Return the turns as of the snapshot; those answered later are open."""
    known = pl.col("answered_at") <= window_bounds(snapshot.as_of, 0)[1]
    return snapshot.facts.turns.filter(window_bounds(snapshot.as_of, 0)[1] >= STARTED).with_columns(
        answered_at=pl.when(known).then("answered_at"), answered_by=pl.when(known).then("answered_by")
    )
