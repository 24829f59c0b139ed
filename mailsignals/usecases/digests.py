"""The digest of each CSM, computed once for all accounts and then divided by CSM."""

import dataclasses
import datetime as dt
import itertools
import re
from collections.abc import Collection, Sequence
from pathlib import Path

from mailsignals.clock import local_date
from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.files import write_text
from mailsignals.jobs.schedule import Daily
from mailsignals.notifications.delivery.dispatch import Envelope
from mailsignals.notifications.digest.digest import WEEKS, Digest, digests
from mailsignals.notifications.digest.html import html
from mailsignals.notifications.digest.notification import digest_envelopes
from mailsignals.notifications.digest.queue import owed_to_customers
from mailsignals.signals.evidence import weekly_mail
from mailsignals.usecases.reader_links import dashboard_links, with_own_copies
from mailsignals.usecases.risk_context import risk_context
from mailsignals.workspace import Snapshot, Workspace

BY_COMMAND = (
    'To dismiss a flag: `mailsignals flag dismiss ACCOUNT_ID --note "reason"`. '
    "To snooze it: `mailsignals flag snooze ACCOUNT_ID --until worse`. The account id is below each name."
)
NAME_LENGTH = 80
"""The most characters of a CSM in a file name; file systems allow 255 bytes in all."""
DAY_GRACE = dt.timedelta(hours=12)
"""The longest delay of a job that is meant for a day."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class DigestPage:
    """A digest with its file name."""

    digest: Digest
    name: str

    def path(self, folder: Path) -> Path:
        """Return its path in a folder."""
        return folder / self.name

    def write(self, folder: Path) -> Path:
        """Write it whole or not at all, and return its path.

        Raises:
            UserError: the folder can't be written.
        """
        return write_text(folder, self.name, html(self.digest), option="--to")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Morning:
    """The digests of the CSMs whose workday has begun."""

    envelopes: Sequence[Envelope] = ()
    """The emails to send, where digests are sent."""
    written: int = 0
    """The number of files that were written, where digests are not sent."""
    kept: int = 0
    """The number of files that already existed and are unchanged."""


def morning(workspace: Workspace, now: dt.datetime) -> Morning:
    """Make the digest of each CSM whose workday has begun; write it as a file where digests are not sent.

    Raises:
        UserError: the store does not exist, the model in use can't be read, or the folder can't be written.
    """
    settings, days = workspace.settings, due_days(workspace.settings, now)
    with workspace.at(now) as snapshot:
        by_zone = pages_by_zone(snapshot, timezones=days)
    due = [
        (page, days[zone])
        for zone, pages in by_zone.items()
        for page in pages
        if settings.timezone_of(page.digest.csm) == zone
    ]
    if settings.digest.enabled:
        return Morning(envelopes=digest_envelopes(settings, [page.digest for page, _ in due], now))
    folder = settings.schedule.digest_folder
    new = [(page, day) for page, day in due if not page.path(folder / f"{day}").exists()]
    for page, day in new:
        page.write(folder / f"{day}")
    return Morning(written=len(new), kept=len(due) - len(new))


def chosen_pages(snapshot: Snapshot, *, csm: str | None) -> list[DigestPage]:
    """Return the digests of all CSMs, or of one, those with most accounts at risk first.

    Raises:
        UserError: no current customer has that CSM, or the model in use can't be read.
    """
    found = pages_by_zone(snapshot, timezones=[snapshot.timezone])[snapshot.timezone]
    chosen = [page for page in found if _is_of(page.digest, csm)]
    if csm is not None and not chosen:
        known = ", ".join(page.digest.csm for page in found if page.digest.csm) or "nobody"
        raise UserError(f"--csm {csm}: no current customer has this CSM. The account list has {known}.")
    return sorted(chosen, key=lambda page: -page.digest.at_risk)


def pages_by_zone(snapshot: Snapshot, *, timezones: Collection[str]) -> dict[str, list[DigestPage]]:
    """Return every CSM's digest, by the time zone of its dates and times."""
    if not timezones:
        return {}
    workspace = snapshot.workspace
    queues = {
        zone: owed_to_customers(
            snapshot.tickets, snapshot.promises, snapshot.people["address"], timezone=zone
        )
        for zone in timezones
    }
    rows, queues = with_own_copies(snapshot, snapshot.overview, queues)
    weeks, links = weekly_mail(snapshot.facts, snapshot.as_of, weeks=WEEKS), dashboard_links(snapshot)
    context = risk_context(snapshot)
    return {
        zone: _named(
            digests(
                rows,
                book=snapshot.accounts,
                weeks=weeks,
                owed=queues[zone],
                remarks=snapshot.remarks,
                by_command=BY_COMMAND if snapshot.is_recorded else None,
                context=context,
                company=workspace.settings.company.name,
                timezone=zone,
                links=links,
            )
        )
        for zone in timezones
    }


def work_zones(settings: Settings) -> tuple[str, ...]:
    """Return the time zones in which people work, the company's among them."""
    zones = {person.timezone for person in settings.people if person.timezone}
    return tuple(sorted({settings.company.timezone, *zones}))


def digest_times(settings: Settings, zones: Sequence[str]) -> Daily:
    """Return the schedule of digests in some time zones."""
    schedule = settings.schedule
    return Daily(
        at=schedule.digest_at, zones=tuple(zones), weekdays=schedule.weekdays, holidays=schedule.days_off
    )


def due_days(settings: Settings, now: dt.datetime) -> dict[str, dt.date]:
    """Return by time zone the day whose digest is due now and not too late."""
    lasts = {zone: digest_times(settings, [zone]).last_until(now) for zone in work_zones(settings)}
    return {
        zone: local_date(last, zone)
        for zone, last in lasts.items()
        if last is not None and now - last <= DAY_GRACE
    }


def _named(found: Sequence[Digest]) -> list[DigestPage]:
    names = file_names([digest.csm for digest in found])
    return [DigestPage(digest=digest, name=name) for digest, name in zip(found, names, strict=True)]


def _is_of(digest: Digest, csm: str | None) -> bool:
    return csm is None or (digest.csm or "").casefold() == csm.casefold()


def file_names(csms: Sequence[str | None]) -> list[str]:
    """Return a distinct file name per CSM, without characters that paths can't hold."""
    names: list[str] = []
    for csm in csms:
        plain = re.sub(r"[^\w.@-]+", "-", (csm or "nobody").casefold(), flags=re.ASCII)[:NAME_LENGTH]
        numbered = (f"digest-{plain}.{number}.html" for number in itertools.count(2))
        choices = itertools.chain([f"digest-{plain}.html"], numbered)
        names.append(next(name for name in choices if name not in names))
    return names
