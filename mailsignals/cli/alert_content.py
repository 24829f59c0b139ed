"""All alerts of an instant: who reads them, what is to be told, and in which words."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals.accounts.addresses import plain_address
from mailsignals.cli.alert_matters import PLACE, PLACE_OF_CSM, matters_at, scores_in_question
from mailsignals.cli.digest_content import snapshot_at
from mailsignals.cli.digest_jobs import digest_times, zones
from mailsignals.cli.digest_links import links_at, with_own_copies
from mailsignals.config import Settings
from mailsignals.flags.news import DIGEST
from mailsignals.notifications.alerts.deliver import alert_envelopes
from mailsignals.notifications.alerts.events import AT_RISK
from mailsignals.notifications.alerts.history import Past, pasts_of
from mailsignals.notifications.alerts.plan import Notice, Plan, Rules, planned
from mailsignals.notifications.alerts.quiet_hours import LoudHours
from mailsignals.notifications.alerts.recipients import ALERT, CHANNEL, DigestSchedule, Reader, last_sent
from mailsignals.notifications.alerts.text import alert
from mailsignals.notifications.delivery.dispatch import Envelope
from mailsignals.notifications.delivery.safety import why_not
from mailsignals.notifications.digest.bulletin import Bulletin
from mailsignals.notifications.digest.card import Card, card
from mailsignals.notifications.digest.links import Links
from mailsignals.notifications.digest.support import SUPPORT
from mailsignals.store import Store
from mailsignals.workspace import Workspace


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Alerts:
    """What is to be told, and in which words."""

    plan: Plan
    envelopes: Sequence[Envelope]


def alerts_at(
    workspace: Workspace, store: Store, as_of: dt.datetime, *, resend: bool = False, whole: bool = False
) -> Alerts:
    """What is to be told at an instant.

    Args:
        workspace: the company.
        store: its store.
        as_of: the instant.
        resend: whether a person wants what did not arrive to be sent now.
        whole: whether also those accounts at risk are wanted that their CSM's digest told of.

    Raises:
        UserError: an account is newly at risk, and the model in use cannot be read.
    """
    settings, pasts = workspace.settings, _pasts(workspace, store, as_of)
    scores = store.scores.of_flagged() if whole else scores_in_question(workspace, store, pasts, as_of)
    matters = matters_at(workspace, store, as_of, scores=scores).to_dicts()
    plan = planned(matters, pasts, rules=_rules(settings), at=as_of, resend=resend)
    links = links_at(workspace, store, as_of)
    cards = _cards(workspace, store, plan.notices, as_of, links)

    def worded(notice: Notice) -> Bulletin:
        return alert(
            notice.rows,
            cards=cards,
            links=links,
            company=settings.company.name,
            at=as_of,
            timezone=notice.reader.timezone,
        )

    return Alerts(plan=plan, envelopes=alert_envelopes(plan.notices, worded))


def are_all_quiet(workspace: Workspace, store: Store, at: dt.datetime) -> bool:
    """Whether there is nobody who may be written to now, so that nobody need look for what there is to tell."""
    rules = _rules(workspace.settings)
    return all(
        past.since is not None and not rules.loud.holds(at, past.reader.timezone)
        for past in _pasts(workspace, store, at)
    )


def _rules(settings: Settings) -> Rules:
    loud = LoudHours(
        hours=settings.alerts.hours,
        weekdays=settings.schedule.weekdays,
        days_off=settings.schedule.days_off,
    )
    return Rules(loud=loud, between=dt.timedelta(minutes=settings.alerts.minutes_between))


def _pasts(workspace: Workspace, store: Store, at: dt.datetime) -> list[Past]:
    deliveries, alerted = store.deliveries(), store.alerted()
    return pasts_of(readers(workspace, deliveries, at), alerted, deliveries)


def _cards(
    workspace: Workspace,
    store: Store,
    notices: Sequence[Notice],
    as_of: dt.datetime,
    links: Links | None,
) -> Mapping[str, Card]:
    """The cards of the accounts at risk that are to be told of; only for them everything is assessed."""
    wanted = {row["account_id"] for notice in notices for row in notice.rows if row["kind"] == AT_RISK}
    if not wanted:
        return {}
    found = snapshot_at(workspace, store, as_of).rows.filter(pl.col("account_id").is_in(list(wanted)))
    rows, _ = with_own_copies(workspace, store, found, {})
    today = workspace.day(as_of)
    return {
        row["account_id"]: card(row, today=today, weeks=None, further={}, links=links)
        for row in rows.iter_rows(named=True)
    }


def readers(workspace: Workspace, deliveries: pl.DataFrame, at: dt.datetime) -> list[Reader]:
    """Every CSM of the account book and every support lead, each once; then the channel, if there is one."""
    settings, sent = workspace.settings, last_sent(deliveries)
    names: dict[str, list[str]] = {}
    for csm in workspace.book.accounts["csm"].drop_nulls().unique().sort():
        names.setdefault(plain_address(csm) or csm, []).append(csm)
    leads = {plain_address(lead) or lead for lead in settings.digest.support_lead}
    times = {zone: _times(workspace, zone, at) for zone in zones(settings)}

    def paper(kind: str, recipient: str, timezone: str, place: str) -> DigestSchedule:
        due_at, today_at = times[timezone]
        return DigestSchedule(
            sent_at=sent.get((kind, recipient)), due_at=due_at, today_at=today_at, place=place
        )

    def reader(recipient: str) -> Reader:
        timezone = settings.timezone_of(recipient)
        papers = [
            *([paper(DIGEST, recipient, timezone, PLACE_OF_CSM)] if recipient in names else []),
            *([paper(SUPPORT, recipient, settings.company.timezone, PLACE)] if recipient in leads else []),
        ]
        return Reader(
            kind=ALERT,
            recipient=recipient,
            timezone=timezone,
            csms=frozenset(names.get(recipient, ())),
            leads=recipient in leads,
            papers=papers,
            problem=why_not(recipient, settings.mail_may_go_to),
        )

    found = [reader(recipient) for recipient in sorted({*names, *leads})]
    channel = settings.digest.webhook.kind
    if channel:
        found.append(Reader(kind=channel, recipient=CHANNEL, timezone=settings.company.timezone, leads=True))
    return found


def _times(
    workspace: Workspace, timezone: str, at: dt.datetime
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """When a digest was due last in a time zone, and when one is to come there today."""
    times, zone = digest_times(workspace, [timezone]), ZoneInfo(timezone)
    coming = times.next_after(at)
    is_today = coming is not None and coming.astimezone(zone).date() == at.astimezone(zone).date()
    return times.last_until(at), coming if is_today else None
