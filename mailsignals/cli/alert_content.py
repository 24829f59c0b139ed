"""All alerts of an instant: the tickets are looked at once for all readers, and nobody is assessed without need."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals.alerts.deliver import dues
from mailsignals.alerts.hours import LoudHours
from mailsignals.alerts.matters import AT_RISK, MATTER_SCHEMA, of_desk, of_flags, with_ids
from mailsignals.alerts.past import Past
from mailsignals.alerts.plan import Notice, Plan, Rules, planned
from mailsignals.alerts.readers import ALERT, CHANNEL, Paper, Reader
from mailsignals.alerts.words import alert
from mailsignals.cli.desks import desk_at, with_names
from mailsignals.cli.digest_content import snapshot_at
from mailsignals.cli.digest_jobs import digest_times
from mailsignals.cli.workspace import Workspace
from mailsignals.deliver.safety import plain_address, why_not
from mailsignals.digest.bulletin import Bulletin
from mailsignals.digest.card import Card, card
from mailsignals.digest.deliver import Due
from mailsignals.digest.news import DIGEST
from mailsignals.digest.support import SUPPORT
from mailsignals.digest.waiting import owed
from mailsignals.flags.flags import flags
from mailsignals.sla import listing
from mailsignals.store import Store

PLACE, PLACE_OF_CSM = "place", "place_of_csm"
"""Where a ticket stands in the queue of all, and in that of its CSM."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Alerts:
    """What is to be told, and in which words."""

    plan: Plan
    dues: Sequence[Due]


def alerts_at(workspace: Workspace, store: Store, as_of: dt.datetime, *, resend: bool = False) -> Alerts:
    """What is to be told at an instant.

    Raises:
        UserError: an account is newly at risk, and the model in use cannot be read.
    """
    settings, deliveries, alerted = workspace.settings, store.deliveries(), store.alerted()
    plan = planned(
        matters_at(workspace, store, as_of).to_dicts(),
        [Past.of(reader, alerted, deliveries) for reader in readers(workspace, deliveries, as_of)],
        rules=Rules(
            loud=LoudHours(
                hours=settings.alerts.hours,
                weekdays=settings.schedule.weekdays,
                days_off=settings.schedule.days_off,
            ),
            between=dt.timedelta(minutes=settings.alerts.minutes_between),
        ),
        at=as_of,
        resend=resend,
    )
    cards = _cards(workspace, store, plan.notices, as_of)

    def worded(notice: Notice) -> Bulletin:
        return alert(
            notice.rows,
            cards=cards,
            company=settings.company.name,
            at=as_of,
            timezone=notice.reader.timezone,
        )

    return Alerts(plan=plan, dues=dues(plan.notices, worded))


def matters_at(workspace: Workspace, store: Store, as_of: dt.datetime) -> pl.DataFrame:
    """All matters of current customers: ``MATTER_SCHEMA`` with ids, accounts' names and CSMs, and places in queues."""
    found = pl.concat(
        [_of_tickets(workspace, store, as_of), _at_risk(workspace, store, as_of)], how="diagonal"
    )
    today = workspace.day(as_of)
    customers = workspace.accounts(store, as_of=as_of).filter(
        (pl.col("churned_on") > today).fill_null(value=True)
    )
    current = found.join(
        customers.select("account_id", "name", "csm"), on="account_id", maintain_order="left"
    )
    asked = current.lazy().select(sender="person", sent_at="asked_at").unique()
    mails = store.messages().select("sender", "sent_at", "message_id")
    return with_ids(current, mails.join(asked, on=["sender", "sent_at"], how="semi").collect())


def _of_tickets(workspace: Workspace, store: Store, as_of: dt.datetime) -> pl.DataFrame:
    settings = workspace.settings
    desk, tables = desk_at(workspace, store, as_of)
    found = of_desk(desk, workspace.promises, tiers=settings.alerts.tiers, at_share=settings.alerts.at_share)
    waiting = owed(desk, workspace.promises, tables.people["address"], timezone=settings.company.timezone)
    csm = pl.lit(workspace.book.accounts["csm"]).gather(pl.col("account"))
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    places = waiting.select("conversation", row.alias(PLACE), row.over(csm).alias(PLACE_OF_CSM))
    placed = found.join(places, on="conversation", how="left", maintain_order="left")
    return listing.with_ids(with_names(placed, workspace, tables))


def _at_risk(workspace: Workspace, store: Store, as_of: dt.datetime) -> pl.DataFrame:
    """From what is recorded: nobody is assessed for it."""
    if store.scores.newest(as_of=as_of) is None:
        return pl.DataFrame(schema=MATTER_SCHEMA)
    scores, book = store.scores.of_flagged(), workspace.book.accounts
    timezone = workspace.settings.company.timezone
    found = flags(scores, store.feedback.frame(), book, as_of=as_of, timezone=timezone)
    tiers = book.select("account_id", own_tier="tier")
    return (
        of_flags(found, scores, as_of=as_of)
        .join(tiers, on="account_id", maintain_order="left")
        .with_columns(tier="own_tier")
        .drop("own_tier")
    )


def _cards(
    workspace: Workspace, store: Store, notices: Sequence[Notice], as_of: dt.datetime
) -> Mapping[str, Card]:
    """The cards of the accounts at risk that are to be told of; only for them everything is assessed."""
    wanted = {row["account_id"] for notice in notices for row in notice.rows if row["kind"] == AT_RISK}
    if not wanted:
        return {}
    rows = snapshot_at(workspace, store, as_of).rows.filter(pl.col("account_id").is_in(list(wanted)))
    today = workspace.day(as_of)
    return {
        row["account_id"]: card(row, today=today, weeks=None, further={})
        for row in rows.iter_rows(named=True)
    }


def readers(workspace: Workspace, deliveries: pl.DataFrame, at: dt.datetime) -> list[Reader]:
    """Every CSM of the account book and every support lead, each once; then the channel, if there is one."""
    settings = workspace.settings
    names: dict[str, list[str]] = {}
    for csm in workspace.book.accounts["csm"].drop_nulls().unique().sort():
        names.setdefault(plain_address(csm) or csm, []).append(csm)
    leads = {plain_address(lead) or lead for lead in settings.digest.support_lead}
    found = [
        Reader(
            kind=ALERT,
            recipient=recipient,
            timezone=settings.timezone_of(recipient),
            csms=frozenset(names.get(recipient, ())),
            leads=recipient in leads,
            papers=_papers(
                workspace, deliveries, recipient, at, csm=recipient in names, leads=recipient in leads
            ),
            problem=why_not(recipient, settings.mail_may_go_to),
        )
        for recipient in sorted({*names, *leads})
    ]
    channel = settings.digest.webhook.kind
    if channel:
        found.append(Reader(kind=channel, recipient=CHANNEL, timezone=settings.company.timezone, leads=True))
    return found


def _papers(
    workspace: Workspace,
    deliveries: pl.DataFrame,
    recipient: str,
    at: dt.datetime,
    *,
    csm: bool,
    leads: bool,
) -> list[Paper]:
    """The digests that a reader gets besides."""
    settings = workspace.settings
    kinds = [
        *([(DIGEST, settings.timezone_of(recipient), PLACE_OF_CSM)] if csm else []),
        *([(SUPPORT, settings.company.timezone, PLACE)] if leads else []),
    ]
    return [
        Paper.of(deliveries, kind, recipient, times=_times(workspace, timezone, at), place=place)
        for kind, timezone, place in kinds
    ]


def _times(
    workspace: Workspace, timezone: str, at: dt.datetime
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """When a digest was due last in a time zone, and when one is to come there today."""
    times, zone = digest_times(workspace, [timezone]), ZoneInfo(timezone)
    coming = times.next_after(at)
    is_today = coming is not None and coming.astimezone(zone).date() == at.astimezone(zone).date()
    return times.last_until(at), coming if is_today else None
