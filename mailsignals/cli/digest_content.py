"""All digests of an instant: everything is computed once for all accounts, and shared out by CSM at the end."""

import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence

import polars as pl

from mailsignals.cli.assessing import Assessed, assessed_at
from mailsignals.cli.desks import desk_at, with_names
from mailsignals.cli.digest_links import links_at, with_own_copies
from mailsignals.flags.flags import AWAY_SCHEMA, away, flags
from mailsignals.flags.holdout import SECRET
from mailsignals.flags.news import by_levels, by_record, told_on
from mailsignals.flags.outcomes import precision
from mailsignals.flags.record import day_of, with_draws
from mailsignals.notifications.digest.bulletin import Bulletin
from mailsignals.notifications.digest.digest import WEEKS, Digest, digests
from mailsignals.notifications.digest.queue import owed_to_customers, queue
from mailsignals.notifications.digest.support import breached, support
from mailsignals.notifications.digest.weekly import answered, weekly
from mailsignals.signals.evidence import last_writers, weekly_mail
from mailsignals.sla.compliance import By, Period
from mailsignals.sla.report import report
from mailsignals.store import Store
from mailsignals.store.tables.scores import SCORES_SCHEMA
from mailsignals.workspace import Workspace

BY_COMMAND = (
    'Not at risk? `mailsignals flag dismiss ACCOUNT_ID --note "why"`. '
    "Not now? `mailsignals flag snooze ACCOUNT_ID --until worse`. The id stands under each name."
)
NOTHING_RECORDED = (
    "No scores are recorded, so this compares with the day before alone: `mailsignals flag record`, once a day, keeps "
    "since when an account is at risk, and how often that was right."
)
A_DAY = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Snapshot:
    """What is known of all accounts at an instant."""

    assessed: Assessed
    rows: pl.DataFrame
    """What ``assess`` says, with who wrote last by address, the news, and who is away."""
    flags: pl.DataFrame | None
    """``FLAG_SCHEMA``; none where no scores are recorded."""
    today: pl.DataFrame
    """``SCORES_SCHEMA``: the day as it would be recorded; empty if it is, or if none ever was."""
    remarks: Sequence[str]
    """How far to believe flags."""


def snapshot_at(workspace: Workspace, store: Store, as_of: dt.datetime) -> Snapshot:
    """What is known of all accounts at an instant.

    Raises:
        UserError: the model in use cannot be read.
    """
    today, timezone = assessed_at(workspace, store, as_of), workspace.settings.company.timezone
    if store.scores.newest(as_of=as_of) is None:
        yesterday = assessed_at(workspace, store, as_of - A_DAY).frame
        news = by_levels(today.frame, yesterday, before_on=workspace.day(as_of) - A_DAY)
        found, silent, remark = None, pl.DataFrame(schema=AWAY_SCHEMA), NOTHING_RECORDED
        unrecorded = pl.DataFrame(schema=SCORES_SCHEMA)
    else:
        scores = store.scores.of_flagged()
        unrecorded = _unrecorded(workspace, store, today.frame, scores, as_of)
        found = _flags(workspace, store, pl.concat([scores, unrecorded]), as_of)
        news = _recorded_news(workspace, store, found, as_of)
        silent = away(found, as_of=as_of, timezone=timezone)
        remark = precision(found, as_of=as_of, timezone=timezone).text
    rows = _told(today, as_of)
    for more in (news, silent):
        rows = rows.join(more, on="account_id", how="left", maintain_order="left")
    return Snapshot(assessed=today, rows=rows, flags=found, today=unrecorded, remarks=[remark])


def all_digests(
    workspace: Workspace, store: Store, as_of: dt.datetime, *, timezones: Collection[str]
) -> dict[str, list[Digest]]:
    """The digests of all CSMs, by the time zone in which their days and times are."""
    if not timezones:
        return {}
    now = snapshot_at(workspace, store, as_of)
    desk, tables = desk_at(workspace, store, as_of)
    waiting = {
        timezone: owed_to_customers(desk, workspace.promises, tables.people["address"], timezone=timezone)
        for timezone in timezones
    }
    rows, waiting = with_own_copies(workspace, store, now.rows, waiting)
    weeks, links = weekly_mail(now.assessed.facts, as_of, weeks=WEEKS), links_at(workspace, store, as_of)
    return {
        timezone: digests(
            rows,
            book=workspace.book.accounts,
            weeks=weeks,
            owed=waiting[timezone],
            remarks=now.remarks,
            by_command=None if now.flags is None else BY_COMMAND,
            most=workspace.settings.risk.accounts_per_csm,
            company=workspace.settings.company.name,
            timezone=timezone,
            links=links,
        )
        for timezone in timezones
    }


def weekly_at(workspace: Workspace, store: Store, as_of: dt.datetime) -> Bulletin:
    """The weekly digest of all CSMs."""
    now, company = snapshot_at(workspace, store, as_of), workspace.settings.company
    return weekly(
        now.rows,
        now.flags,
        answered(now.assessed.facts.turns, workspace.promises, as_of),
        remarks=now.remarks,
        company=company.name,
        timezone=company.timezone,
    )


def support_at(workspace: Workspace, store: Store, as_of: dt.datetime) -> Bulletin:
    """The support lead's digest."""
    desk, tables = desk_at(workspace, store, as_of)
    company, accounts = workspace.settings.company, workspace.book.accounts
    today = workspace.day(as_of)
    midnight, yesterday, week_ago = (
        workspace.instant(f"{today - days * A_DAY}", now=as_of) for days in (0, 1, 7)
    )
    day, week = Period(since=yesterday, until=midnight), Period(since=week_ago, until=midnight)
    of_day, of_week = (
        report(desk, period, by=By.TIER, timezone=company.timezone, promises=workspace.promises)
        for period in (day, week)
    )
    waiting = owed_to_customers(desk, workspace.promises, tables.people["address"], timezone=company.timezone)
    return support(
        of_day,
        of_week,
        with_names(breached(desk, day), workspace, tables),
        queue(waiting.to_dicts(), accounts["name"].to_list()),
        names=dict(accounts.select("account_id", "name").iter_rows()),
        company=company.name,
        today=today,
    )


def _told(today: Assessed, as_of: dt.datetime) -> pl.DataFrame:
    """What ``assess`` says, with who wrote last by address."""
    address = pl.lit(today.tables.people["address"])
    writers = last_writers(today.facts, as_of).select(
        "account",
        last_inbound_person=address.gather(pl.col("inbound")),
        last_outbound_person=address.gather(pl.col("outbound")),
        last_inbound_at="inbound_at",
    )
    return today.frame.join(writers, on="account", how="left", maintain_order="left")


def _unrecorded(
    workspace: Workspace, store: Store, assessed: pl.DataFrame, scores: pl.DataFrame, as_of: dt.datetime
) -> pl.DataFrame:
    """A day that is not recorded yet, as it would be recorded; empty if it is."""
    timezone, newest = workspace.settings.company.timezone, store.scores.newest(as_of=as_of)
    if newest is not None and newest[0] >= workspace.day(as_of):
        return pl.DataFrame(schema=SCORES_SCHEMA)
    return with_draws(
        day_of(assessed, as_of=as_of, timezone=timezone),
        scores,
        store.feedback.frame(),
        workspace.book.accounts,
        timezone=timezone,
        secret=store.secret(SECRET),
        hold_back=workspace.settings.model.hold_back,
    )


def _flags(workspace: Workspace, store: Store, scores: pl.DataFrame, as_of: dt.datetime) -> pl.DataFrame:
    """All flags at an instant."""
    timezone = workspace.settings.company.timezone
    return flags(scores, store.feedback.frame(), workspace.book.accounts, as_of=as_of, timezone=timezone)


def _recorded_news(
    workspace: Workspace, store: Store, found: pl.DataFrame, as_of: dt.datetime
) -> pl.DataFrame:
    """What is new since each CSM's last digest; for who never got one, since the last recorded day before today."""
    today = workspace.day(as_of)
    csms = workspace.book.accounts["csm"].unique().to_list()
    told = told_on(store.deliveries(), csms, today=today)
    usual = store.scores.last_day(today - A_DAY) or today - A_DAY
    days = {csm: told.get(csm, usual) for csm in csms}
    recorded = {day: store.scores.last_day(day) for day in set(days.values())}
    since = pl.DataFrame(
        [(csm, day, recorded[day]) for csm, day in days.items()],
        schema={"csm": pl.String(), "since_on": pl.Date(), "before_on": pl.Date()},
        orient="row",
    )
    before = [store.scores.of_day(day) for day in set(recorded.values()) if day is not None]
    return by_record(
        found, workspace.book.accounts, since, pl.concat([pl.DataFrame(schema=SCORES_SCHEMA), *before])
    )
