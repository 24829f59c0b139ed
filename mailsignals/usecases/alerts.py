"""Alerts as of a date: recipients, events and texts."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from mailsignals.accounts.addresses import plain_address
from mailsignals.clock import latest_credible, local_date
from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.flags.news import DIGEST
from mailsignals.notifications.alerts.deliver import alert_envelopes, note_plan, settle
from mailsignals.notifications.alerts.events import AT_RISK
from mailsignals.notifications.alerts.history import Past, pasts_of
from mailsignals.notifications.alerts.plan import AlertPlan, AlertRules, Notice, plan_alerts
from mailsignals.notifications.alerts.quiet_hours import LoudHours
from mailsignals.notifications.alerts.recipients import ALERT, CHANNEL, DigestSchedule, Reader, last_sent
from mailsignals.notifications.alerts.text import alert
from mailsignals.notifications.delivery.dispatch import Envelope, check_enabled
from mailsignals.notifications.delivery.safety import delivery_problem
from mailsignals.notifications.digest.bulletin import Bulletin
from mailsignals.notifications.digest.card import Card, card
from mailsignals.notifications.digest.links import Links
from mailsignals.notifications.digest.risk_context import RiskContext
from mailsignals.notifications.digest.support import SUPPORT
from mailsignals.usecases.alert_events import PLACE, PLACE_OF_CSM, events, scores_in_question
from mailsignals.usecases.digests import digest_times, work_zones
from mailsignals.usecases.reader_links import dashboard_links, with_own_copies
from mailsignals.workspace import Snapshot, Workspace


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Alerts:
    """The plan for each recipient, and the alerts to send."""

    plan: AlertPlan
    envelopes: Sequence[Envelope]


def alerts(snapshot: Snapshot, *, resend: bool = False, whole: bool = False) -> Alerts:
    """Plan and write the alerts as of the snapshot's date; nothing is sent.

    Args:
        snapshot: the company.
        resend: whether undelivered alerts are sent again now.
        whole: whether to include accounts at risk that a digest has already reported.

    Raises:
        UserError: an account is newly at risk, and the model in use can't be read.
    """
    settings, pasts = snapshot.workspace.settings, _pasts(snapshot)
    scores = snapshot.store.scores.of_flagged() if whole else scores_in_question(snapshot, pasts)
    found = events(snapshot, scores=scores).to_dicts()
    plan = plan_alerts(found, pasts, rules=_rules(settings), at=snapshot.as_of, resend=resend)
    links = dashboard_links(snapshot)
    cards = _cards(snapshot, plan.notices, links)

    def worded(notice: Notice) -> Bulletin:
        return alert(
            notice.rows,
            cards=cards,
            links=links,
            company=settings.company.name,
            names=snapshot.workspace.names,
            at=snapshot.as_of,
            timezone=notice.reader.timezone,
        )

    return Alerts(plan=plan, envelopes=alert_envelopes(plan.notices, worded))


def alerts_to_send(workspace: Workspace, now: dt.datetime) -> Sequence[Envelope] | None:
    """Record the plan, and return the alerts to send; None in quiet hours, when nothing is computed.

    Raises:
        UserError: the store or the model in use can't be read, or another program is sending.
    """
    folder = workspace.settings.store.path
    settle(folder, at=now)
    with workspace.at(now) as snapshot:
        if is_quiet(snapshot):
            return None
        found = alerts(snapshot)
    note_plan(folder, found.plan)
    return found.envelopes


def check_alerts_enabled(settings: Settings) -> None:
    """Raise UserError unless the configuration lets alerts be sent."""
    check_enabled(settings)
    if not settings.alerts.enabled:
        raise UserError(
            "alerts.enabled is false, so no alerts are sent. Set it to true in the configuration. "
            "To list the alerts that are due: `mailsignals alerts`."
        )


def is_quiet(snapshot: Snapshot) -> bool:
    """Return whether no recipient may get an alert now, so that none need be computed."""
    rules = _rules(snapshot.workspace.settings)
    return all(
        past.since is not None and not rules.loud.holds(snapshot.as_of, past.reader.timezone)
        for past in _pasts(snapshot)
    )


def _rules(settings: Settings) -> AlertRules:
    loud = LoudHours(
        hours=settings.alerts.hours,
        weekdays=settings.schedule.weekdays,
        days_off=settings.schedule.days_off,
    )
    return AlertRules(loud=loud, between=dt.timedelta(minutes=settings.alerts.minutes_between))


def _pasts(snapshot: Snapshot) -> list[Past]:
    deliveries, alerted = snapshot.store.deliveries(), snapshot.store.alerted()
    readers = alert_readers(snapshot.workspace, deliveries, snapshot.as_of)
    return pasts_of(readers, alerted, deliveries, at=snapshot.as_of)


def _cards(snapshot: Snapshot, notices: Sequence[Notice], links: Links | None) -> Mapping[str, Card]:
    """Return the cards of the accounts at risk in the alerts, by account id; without any, no risk is computed."""
    wanted = {row["account_id"] for notice in notices for row in notice.rows if row["kind"] == AT_RISK}
    if not wanted:
        return {}
    found = snapshot.overview.filter(pl.col("account_id").is_in(list(wanted)))
    rows, _ = with_own_copies(snapshot, found, {})
    workspace = snapshot.workspace
    context = RiskContext(
        rules=workspace.settings.risk, names=workspace.names, currency=workspace.settings.accounts.currency
    )
    return {
        row["account_id"]: card(
            row, today=snapshot.today, weeks=None, further={}, links=links, context=context
        )
        for row in rows.iter_rows(named=True)
    }


def alert_readers(workspace: Workspace, deliveries: pl.DataFrame, at: dt.datetime) -> list[Reader]:
    """Return each CSM of the account list and each support lead once, then the channel, if one is configured.

    Args:
        workspace: the company.
        deliveries: earlier deliveries, in ``DELIVERIES_SCHEMA``.
        at: the time, which decides which of today's digests are still due.
    """
    settings = workspace.settings
    sent = last_sent(deliveries.filter(pl.col("claimed_at") <= latest_credible(at)))
    names: dict[str, list[str]] = {}
    for csm in workspace.book.accounts["csm"].drop_nulls().unique().sort():
        names.setdefault(plain_address(csm) or csm, []).append(csm)
    leads = {plain_address(lead) or lead for lead in settings.digest.support_lead}
    times = {zone: _times(settings, zone, at) for zone in work_zones(settings)}

    def schedule(kind: str, recipient: str, timezone: str, place: str) -> DigestSchedule:
        due_at, today_at = times[timezone]
        return DigestSchedule(
            sent_at=sent.get((kind, recipient)), due_at=due_at, today_at=today_at, place=place
        )

    def reader(recipient: str) -> Reader:
        timezone = settings.timezone_of(recipient)
        schedules = [
            *([schedule(DIGEST, recipient, timezone, PLACE_OF_CSM)] if recipient in names else []),
            *([schedule(SUPPORT, recipient, settings.company.timezone, PLACE)] if recipient in leads else []),
        ]
        return Reader(
            kind=ALERT,
            recipient=recipient,
            timezone=timezone,
            csms=frozenset(names.get(recipient, ())),
            leads=recipient in leads,
            schedules=schedules,
            problem=delivery_problem(recipient, settings.mail_may_go_to),
        )

    found = [reader(recipient) for recipient in sorted({*names, *leads})]
    channel = settings.digest.webhook.kind
    if channel:
        found.append(Reader(kind=channel, recipient=CHANNEL, timezone=settings.company.timezone, leads=True))
    return found


def _times(
    settings: Settings, timezone: str, at: dt.datetime
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return when a digest was last due in a time zone, and when one is still due there today."""
    times = digest_times(settings, [timezone])
    coming = times.next_after(at)
    is_today = coming is not None and local_date(coming, timezone) == local_date(at, timezone)
    return times.last_until(at), coming if is_today else None
