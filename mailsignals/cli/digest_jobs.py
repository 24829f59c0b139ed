"""The jobs of the service that bring people what they read: digests, and the bulletins of leads."""

import datetime as dt
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from connectors.base import StoppedError
from mailsignals.cli.digest_command import DigestPage, bulletin_day, pages_at
from mailsignals.cli.digest_content import support_at, weekly_at
from mailsignals.clock import local_date
from mailsignals.config import Settings
from mailsignals.credentials import Runtime
from mailsignals.errors import UserError
from mailsignals.jobs.job import Context, Job
from mailsignals.jobs.schedule import Daily
from mailsignals.notifications.delivery.dispatch import Envelope, send
from mailsignals.notifications.delivery.outbox import Outcome
from mailsignals.notifications.digest.bulletin import Bulletin
from mailsignals.notifications.digest.notification import bulletin_envelopes, digest_envelopes
from mailsignals.store import Store
from mailsignals.store.messages.lock import StoreBusyError
from mailsignals.store.tables.deliveries import LATER
from mailsignals.wording.numbers import counted
from mailsignals.workspace import Workspace
from mailsignals.workspace.workspace import BUSY_SECONDS, BUSY_TRIES

TODAY = dt.timedelta(hours=12)
"""How late what is meant for a day may be."""
MONDAY = 0


def digest_jobs(workspace: Workspace) -> list[Job]:
    """Digests on workdays; where they are sent, also the bulletins that somebody is to get."""
    settings = workspace.settings
    found = [
        Job(
            name="digests",
            does="Write each CSM's digest of the day, or send it.",
            trigger=digest_times(workspace, zones(settings)),
            grace=TODAY,
            work=lambda context: write_due_digests(workspace, context),
        )
    ]
    if settings.digest.enabled and settings.digest.head:
        found.append(
            Job(
                name="weekly",
                does="Send the week of all CSMs.",
                trigger=Daily(
                    at=settings.schedule.digest_at,
                    zones=(settings.company.timezone,),
                    weekdays=frozenset({MONDAY}),
                ),
                grace=dt.timedelta(days=3),
                work=lambda context: _send_bulletin(
                    workspace, context, weekly_at, to=settings.digest.head, weekly=True
                ),
            )
        )
    if settings.digest.enabled and settings.digest.support_lead:
        found.append(
            Job(
                name="support",
                does="Send yesterday's service levels.",
                trigger=digest_times(workspace, [settings.company.timezone]),
                grace=TODAY,
                work=lambda context: _send_bulletin(
                    workspace, context, support_at, to=settings.digest.support_lead, weekly=False
                ),
            )
        )
    return found


def _send_bulletin(
    workspace: Workspace,
    context: Context,
    made: Callable[[Workspace, Store, dt.datetime], Bulletin],
    *,
    to: Sequence[str],
    weekly: bool,
) -> str:
    now = context.now()
    with workspace.reading() as store:
        bulletin = made(workspace, store, now)
    on = bulletin_day(workspace.day(now), weekly=weekly)
    return sent(workspace.settings, bulletin_envelopes(workspace.settings, bulletin, to=to, on=on), context)


def zones(settings: Settings) -> tuple[str, ...]:
    """Where people work."""
    return tuple(
        sorted(
            {settings.company.timezone, *(person.timezone for person in settings.people if person.timezone)}
        )
    )


def digest_times(workspace: Workspace, places: Sequence[str]) -> Daily:
    """When digests are due in some time zones."""
    schedule = workspace.settings.schedule
    return Daily(
        at=schedule.digest_at, zones=tuple(places), weekdays=schedule.weekdays, holidays=schedule.days_off
    )


def due_days(workspace: Workspace, now: dt.datetime) -> dict[str, dt.date]:
    """By time zone, the day whose digest has come and is not too late."""
    lasts = {zone: digest_times(workspace, [zone]).last_until(now) for zone in zones(workspace.settings)}
    return {
        zone: local_date(last, zone)
        for zone, last in lasts.items()
        if last is not None and now - last <= TODAY
    }


def write_due_digests(workspace: Workspace, context: Context) -> str:
    """Send the digest of each CSM whose day has begun, or write its page where digests are not sent; each once."""
    now, settings = context.now(), workspace.settings
    days = due_days(workspace, now)
    with workspace.reading() as store:
        by_zone = pages_at(workspace, store, now, timezones=days)
    due = [
        (page, days[zone])
        for zone, pages in by_zone.items()
        for page in pages
        if settings.timezone_of(page.digest.csm) == zone
    ]
    if settings.digest.enabled:
        return sent(settings, digest_envelopes(settings, [page.digest for page, _ in due], now), context)
    return _written(due, settings.schedule.digest_folder)


def _written(due: Sequence[tuple[DigestPage, dt.date]], folder: Path) -> str:
    """A page that is there stays as it is."""
    new = [(page, day) for page, day in due if not page.path(folder / f"{day}").exists()]
    for page, day in new:
        page.write(folder / f"{day}")
    there = len(due) - len(new)
    return f"{counted(len(new), 'digest')} written" + (f", {there:,} there already" if there else "")


def sent(settings: Settings, wanted: Sequence[Envelope], context: Context) -> str:
    """Send what is due, and say what came of it; what was sent stays sent.

    Raises:
        UserError: some of it is put off, so that the service tries again.
    """
    around = Runtime(environ=os.environ, now=context.now, stop=context.stop, say=lambda _: None)
    outcomes = _send_when_free(settings, wanted, around)
    states = [outcome.record.state for outcome in outcomes]
    said = (
        ", ".join(f"{states.count(state):,} {state}" for state in dict.fromkeys(states))
        or "nobody to send to"
    )
    if LATER in states:
        raise UserError(f"{said}; `mailsignals status` says why")
    return said


def _send_when_free(settings: Settings, wanted: Sequence[Envelope], around: Runtime) -> list[Outcome]:
    """Send as soon as no other program sends: at eight several jobs want to.

    Raises:
        UserError: another one sends for minutes, or nothing can be sent.
        StoppedError: somebody wants to stop.
    """
    for _ in range(BUSY_TRIES):
        try:
            return send(settings, wanted, around, resend=False)
        except StoreBusyError:  # which comes before anything is sent
            if around.stop.wait(BUSY_SECONDS):
                raise StoppedError from None
    return send(settings, wanted, around, resend=False)
