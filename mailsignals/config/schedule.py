"""Times of the background service's jobs, its address and its log: ``[schedule]`` and ``[service]``."""

import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, PlainValidator, StringConstraints

from connectors.transport.roots import is_loopback
from mailsignals.config.paths import LocalPath
from mailsignals.config.section import Name, Section
from mailsignals.config.tiers import Holidays
from mailsignals.sla.holidays import days_off

Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def _time_of_day(value: object) -> dt.time:
    if isinstance(value, dt.time):
        return value
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{value!r} is not a time of day; use one such as '08:00'")
    return dt.time(int(found[1]), int(found[2]))


TimeOfDay = Annotated[dt.time, PlainValidator(_time_of_day)]


def _any_day(days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
    if not days:
        raise ValueError("the list is empty; add at least one day")
    return days


class ScheduleSection(Section):
    """``[schedule]``: the times of the jobs of `mailsignals run`."""

    sync_minutes: Annotated[int, Field(strict=True, ge=1, le=1440)] = 15
    """Minutes between two syncs of the mailboxes."""
    score_at: TimeOfDay = dt.time(6)
    """The time of the daily assessment of all accounts, in the company's time zone."""
    digest_at: TimeOfDay = dt.time(8)
    """The time of a CSM's digest on workdays, in the CSM's time zone."""
    digest_folder: LocalPath = Path("digests")
    """The folder of the digests, with one subfolder per day."""
    workdays: Annotated[tuple[Weekday, ...], AfterValidator(_any_day)] = WEEKDAYS[:5]
    """The days of the week with digests and alerts."""
    holidays: Holidays = ()
    """Days without digests and alerts: a country (``DE``), a region (``DE-BE``), or a list of these and of dates."""
    alert_minutes: Annotated[int, Field(strict=True, ge=1, le=1440)] = 5
    """Minutes between two checks for new alerts."""
    prune_at: TimeOfDay = dt.time(1)
    """The time of the daily deletion of data after ``[retention]``."""
    compact_at: TimeOfDay = dt.time(1, 30)
    """The time of the daily compaction of the store."""
    backup_at: TimeOfDay = dt.time(2)
    """The time of the daily backup."""
    backup_folder: LocalPath = Path("backups")
    """The folder of the backups."""
    backups_kept: Annotated[int, Field(strict=True, ge=0)] = 7
    """Number of backups to keep; 0: no backups."""
    verify_at: TimeOfDay = dt.time(3, 30)
    """The time on Sundays at which every file of the store is read and compared with what was written."""
    train: Literal["never", "monthly"] = "never"
    """True if a model is trained on the first day of each month."""

    @property
    def weekdays(self) -> frozenset[int]:
        """The workdays as numbers, from 0 for Monday."""
        return frozenset(map(WEEKDAYS.index, self.workdays))

    @property
    def days_off(self) -> frozenset[dt.date]:
        """The holidays as dates."""
        return days_off(self.holidays or ())

    def anchored(self, folder: Path) -> "ScheduleSection":
        """Return the section with its relative paths starting at a folder."""
        paths = {name: folder / getattr(self, name) for name in ("digest_folder", "backup_folder")}
        return self.model_copy(update=paths)


class ServiceSection(Section):
    """``[service]``: the address and the log of `mailsignals run`."""

    host: Name = "127.0.0.1"
    """The address of the dashboard; other machines can connect unless it is a loopback address."""
    port: Annotated[int, Field(strict=True, ge=0, le=65_535)] = 8321
    """The port of the dashboard; 0: any free port, which the log names."""
    probe_host: Annotated[str, StringConstraints(strip_whitespace=True)] = ""
    """An address of its own for /healthz, /readyz and /metrics; empty: that of the dashboard."""
    probe_port: Annotated[int, Field(strict=True, ge=0, le=65_535)] = 8322
    """The port at ``probe_host``; 0: any free port, which the log names."""
    mailbox_labels: Literal["hashes", "addresses"] = "hashes"
    """The names of mailboxes in metrics."""
    log_style: Literal["auto", "json", "text"] = "auto"
    """The format of the log: JSON, text, or text on a terminal and JSON elsewhere."""


def probe_warning(service: ServiceSection) -> str | None:
    """Return a sentence if monitoring gets the bare state alone; None if it has an address, or is on loopback."""
    if service.probe_host or is_loopback(service.host):
        return None
    return (
        f"service.probe_host is not set, and other machines can connect to service.host ({service.host}). So /healthz "
        "shows the state alone there, and /metrics is off. Set it to an address for monitoring, such as 127.0.0.1."
    )
