"""The jobs of the background service: name, description, schedule, longest delay, and use case."""

import dataclasses
import datetime as dt
import logging
import os
from collections.abc import Sequence

from mailsignals.config import Settings
from mailsignals.credentials import Runtime
from mailsignals.errors import UserError
from mailsignals.flags.episodes import HIGH
from mailsignals.jobs.job import Context
from mailsignals.jobs.schedule import Every, Trigger
from mailsignals.notifications.delivery.dispatch import Envelope
from mailsignals.store.messages.lock import StoreBusyError
from mailsignals.store.tables.deliveries import LATER
from mailsignals.usecases import bulletins
from mailsignals.usecases.account_list import note_accounts
from mailsignals.usecases.alerts import alerts_to_send
from mailsignals.usecases.clock_state import when_clock_is_right
from mailsignals.usecases.digests import DAY_GRACE, digest_times, morning, work_zones
from mailsignals.usecases.editions import prepare_edition
from mailsignals.usecases.listed_job import ListedJob, Work, daily
from mailsignals.usecases.score import drift_doubts, score
from mailsignals.usecases.send import send_when_free
from mailsignals.usecases.sync import read_new
from mailsignals.usecases.upkeep_jobs import upkeep_jobs
from mailsignals.wording.numbers import count_noun
from mailsignals.workspace import Workspace

log = logging.getLogger(__name__)

MONDAY = frozenset({0})


def job_list(settings: Settings) -> list[ListedJob]:
    """Return every configured job, in the order of lists."""
    found = [
        *_sync_jobs(settings),
        ListedJob(
            name="score",
            does="Compute and record the risk of every account.",
            trigger=daily(settings, settings.schedule.score_at),
            grace=DAY_GRACE,
            work=when_clock_is_right(_score),
        ),
        *_reading_jobs(settings),
        prepare_job(settings),
        *_alert_jobs(settings),
        ListedJob(
            name="drift",
            does="Check the model in use for drift.",
            trigger=daily(settings, settings.schedule.score_at, weekdays=MONDAY),
            grace=dt.timedelta(days=3),
            work=_drift,
        ),
        *upkeep_jobs(settings),
    ]
    return [dataclasses.replace(job, work=_in_its_time(job.work)) for job in found]


def _in_its_time(work: Work) -> Work:
    """The work with the time of the run as the current time: what is dated later is left out."""
    return lambda workspace, context: work(dataclasses.replace(workspace, read_at=context.now()), context)


def _sync_jobs(settings: Settings) -> list[ListedJob]:
    return [
        ListedJob(
            name=f"sync-{provider}",
            does="Fetch new mail from the mailboxes.",
            trigger=Every(minutes=settings.schedule.sync_minutes),
            grace=None,
            work=_read_new(provider),
        )
        for provider in ("gmail", "microsoft365")
        if getattr(settings, provider).used
    ]


def _reading_jobs(settings: Settings) -> list[ListedJob]:
    """Return digests on workdays and, where digests are sent, the reports with recipients."""
    company = [settings.company.timezone]
    return [
        ListedJob(
            name="digests",
            does="Write or send each CSM's daily digest.",
            trigger=digest_times(settings, work_zones(settings)),
            grace=DAY_GRACE,
            work=when_clock_is_right(_digests),
        ),
        *_bulletin_jobs(
            settings,
            bulletins.BulletinKind.WEEKLY,
            "Send the weekly report.",
            daily(settings, settings.schedule.digest_at, weekdays=MONDAY),
            grace=dt.timedelta(days=3),
        ),
        *_bulletin_jobs(
            settings,
            bulletins.BulletinKind.SUPPORT,
            "Send yesterday's support report.",
            digest_times(settings, company),
            grace=DAY_GRACE,
        ),
    ]


def _bulletin_jobs(
    settings: Settings, kind: bulletins.BulletinKind, does: str, trigger: Trigger, *, grace: dt.timedelta
) -> list[ListedJob]:
    if not (settings.digest.enabled and bulletins.bulletin_readers(settings, kind)):
        return []
    return [
        ListedJob(
            name=str(kind),
            does=does,
            trigger=trigger,
            grace=grace,
            work=when_clock_is_right(_send_bulletin(kind)),
        )
    ]


def prepare_job(settings: Settings) -> ListedJob:
    """Return the job that refreshes the dashboard."""
    return ListedJob(
        name="prepare",
        does="Refresh the dashboard.",
        trigger=Every(minutes=settings.dashboard.refresh_minutes),
        grace=None,
        work=_prepare,
    )


def _alert_jobs(settings: Settings) -> list[ListedJob]:
    if not settings.alerts.enabled:
        return []
    return [
        ListedJob(
            name="alerts",
            does="Send alerts between digests.",
            trigger=Every(minutes=settings.schedule.alert_minutes),
            grace=None,
            work=when_clock_is_right(_alerts),
        )
    ]


# --- outcomes of runs in words ----------------------------------------------------------------


def _read_new(provider: str) -> Work:
    return lambda workspace, context: read_new(workspace, provider, context)


def _score(workspace: Workspace, context: Context) -> str:
    day = score(workspace, context.now())
    assessed, high = day.risk["risk"].count(), int((day.risk["level"] == HIGH).sum())
    model, recorded = f" with {day.model_id}" if day.model_id else "", day.recorded
    kept = "recorded" if recorded.rows.height else f"{recorded.on} was already recorded"
    return f"risk of {count_noun(assessed, 'account')}{model}, {high:,} at high risk; {kept}"


def _digests(workspace: Workspace, context: Context) -> str:
    note_accounts(workspace, context.now())
    made = morning(workspace, context.now())
    if workspace.settings.digest.enabled:
        return _sent(workspace, made.envelopes, context)
    there = f", {made.kept:,} already existed" if made.kept else ""
    return f"{count_noun(made.written, 'digest')} written{there}"


def _send_bulletin(kind: bulletins.BulletinKind) -> Work:
    def work(workspace: Workspace, context: Context) -> str:
        note_accounts(workspace, context.now())
        with workspace.at(context.now()) as snapshot:
            envelopes = bulletins.envelopes(snapshot, kind)
        return _sent(workspace, envelopes, context)

    return work


def _alerts(workspace: Workspace, context: Context) -> str:
    try:
        envelopes = alerts_to_send(workspace, context.now())
        if envelopes is None:
            return "quiet hours"
        return _sent(workspace, envelopes, context) if envelopes else "no alerts"
    except StoreBusyError:
        return "another program is sending; the next run sends what is due"


def _sent(workspace: Workspace, wanted: Sequence[Envelope], context: Context) -> str:
    """Send, and return the counts by state.

    Raises:
        UserError: some of it was postponed, so that the service tries again.
    """
    runtime = Runtime(environ=os.environ, now=context.now, stop=context.stop, say=lambda _: None)
    outcomes = send_when_free(workspace.settings, wanted, runtime)
    states = [outcome.record.state for outcome in outcomes]
    counts = ", ".join(f"{states.count(state):,} {state}" for state in dict.fromkeys(states))
    if LATER in states:
        raise UserError(f"{counts}; see `mailsignals status` for the reasons")
    return counts or "no recipients"


def _prepare(workspace: Workspace, context: Context) -> str:
    note_accounts(workspace, context.now())
    return f"{count_noun(prepare_edition(workspace, context.now()), 'account')} prepared"


def _drift(workspace: Workspace, context: Context) -> str:
    with workspace.at(context.now()) as snapshot:
        doubts, model = drift_doubts(snapshot), snapshot.model
    if doubts is None or model is None:
        return "no trained model is in use"
    if not doubts:
        return "no drift"
    text = " ".join(doubts)
    log.warning("model_doubted", extra={"model": model.id, "doubts": text})
    return text
