"""The weekly report on all CSMs, and yesterday's support report."""

import datetime as dt
import enum
from collections.abc import Sequence

import polars as pl

from mailsignals.clock import local_date
from mailsignals.config import Settings
from mailsignals.notifications.delivery.dispatch import Envelope
from mailsignals.notifications.digest.bulletin import Bulletin
from mailsignals.notifications.digest.notification import bulletin_envelopes
from mailsignals.notifications.digest.queue import owed_to_customers, queue
from mailsignals.notifications.digest.support import breached_cases, support
from mailsignals.notifications.digest.weekly import WEEKLY, answers_of_week, weekly
from mailsignals.sla.compliance import By, Period
from mailsignals.sla.report import report
from mailsignals.store.tables.deliveries import SENT
from mailsignals.usecases.risk_context import change_since, risk_context
from mailsignals.workspace import Snapshot

A_DAY = dt.timedelta(days=1)


class BulletinKind(enum.StrEnum):
    """A kind of report."""

    WEEKLY = "weekly"
    SUPPORT = "support"


def bulletin(snapshot: Snapshot, kind: BulletinKind) -> Bulletin:
    """Return a report as of the snapshot's date.

    Raises:
        UserError: the model in use can't be read.
    """
    return weekly_bulletin(snapshot) if kind is BulletinKind.WEEKLY else support_bulletin(snapshot)


def weekly_bulletin(snapshot: Snapshot) -> Bulletin:
    """Return the weekly report on all CSMs."""
    company = snapshot.workspace.settings.company
    return weekly(
        snapshot.overview,
        snapshot.flags if snapshot.is_recorded else None,
        answers_of_week(snapshot.facts.turns, snapshot.promises, snapshot.as_of),
        context=risk_context(snapshot),
        change=_change(snapshot),
        remarks=snapshot.remarks,
        company=company.name,
        timezone=company.timezone,
    )


def _change(snapshot: Snapshot) -> str | None:
    """Return the change of method since the last weekly report that was sent; None if none was."""
    sent = snapshot.store.deliveries().filter(
        pl.col("kind") == WEEKLY,
        pl.col("state") == SENT,
        pl.col("due_on") < due_on(snapshot.today, BulletinKind.WEEKLY),
    )
    last = sent.select(pl.col("claimed_at").max()).item()
    return None if last is None else change_since(snapshot, local_date(last, snapshot.timezone))


def support_bulletin(snapshot: Snapshot) -> Bulletin:
    """Return the support report: yesterday's service levels, with those of the week."""
    workspace, tickets, timezone = snapshot.workspace, snapshot.tickets, snapshot.timezone
    midnight, yesterday, week_ago = (
        workspace.instant(f"{snapshot.today - days * A_DAY}", now=snapshot.as_of) for days in (0, 1, 7)
    )
    day, week = Period(since=yesterday, until=midnight), Period(since=week_ago, until=midnight)
    of_day, of_week = (
        report(tickets, period, by=By.TIER, timezone=timezone, promises=snapshot.promises)
        for period in (day, week)
    )
    waiting = owed_to_customers(tickets, snapshot.promises, snapshot.people["address"], timezone=timezone)
    return support(
        of_day,
        of_week,
        snapshot.with_names(breached_cases(tickets, day)),
        queue(waiting.to_dicts(), snapshot.accounts["name"].to_list(), people=workspace.names),
        names=snapshot.account_names,
        people=workspace.names,
        company=workspace.settings.company.name,
        today=snapshot.today,
    )


def bulletin_readers(settings: Settings, kind: BulletinKind) -> Sequence[str]:
    """Return the recipients of a report, by address."""
    return settings.digest.head if kind is BulletinKind.WEEKLY else settings.digest.support_lead


def due_on(today: dt.date, kind: BulletinKind) -> dt.date:
    """Return the day on which a report is due; for the weekly one, the week's Monday."""
    return today - dt.timedelta(days=today.weekday()) if kind is BulletinKind.WEEKLY else today


def envelopes(snapshot: Snapshot, kind: BulletinKind) -> list[Envelope]:
    """Return an email with a report for each recipient.

    Raises:
        UserError: the model in use can't be read.
    """
    settings, made = snapshot.workspace.settings, bulletin(snapshot, kind)
    return bulletin_envelopes(
        settings, made, to=bulletin_readers(settings, kind), on=due_on(snapshot.today, kind)
    )
