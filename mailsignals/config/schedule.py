"""When the service does what, and how it is reached: ``[schedule]`` and ``[service]``."""

import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, PlainValidator

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
        raise ValueError(f"{value!r} is not a time of day such as '08:00'")
    return dt.time(int(found[1]), int(found[2]))


TimeOfDay = Annotated[dt.time, PlainValidator(_time_of_day)]


def _any_day(days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
    if not days:
        raise ValueError("no day is left; name at least one")
    return days


class ScheduleSection(Section):
    """``[schedule]``: when `mailsignals run` does what."""

    sync_minutes: Annotated[int, Field(strict=True, ge=1, le=1440)] = 15
    """How many minutes lie between two readings of the mailboxes."""
    score_at: TimeOfDay = dt.time(6)
    """When every account is assessed, every day, in the company's time zone."""
    digest_at: TimeOfDay = dt.time(8)
    """When a CSM's digest is written, on workdays, in the CSM's time zone."""
    digest_folder: LocalPath = Path("digests")
    """Where the digests go, a folder a day."""
    workdays: Annotated[tuple[Weekday, ...], AfterValidator(_any_day)] = WEEKDAYS[:5]
    """The days of the week on which there are digests and alerts."""
    holidays: Holidays = ()
    """Days without digests and alerts: a country (``DE``), a part of one (``DE-BE``), or a list, also of days."""
    alert_minutes: Annotated[int, Field(strict=True, ge=1, le=1440)] = 5
    """How many minutes lie between two looks for what to alert people of."""
    prune_at: TimeOfDay = dt.time(1)
    """When what ``[retention]`` no longer keeps is removed."""
    compact_at: TimeOfDay = dt.time(1, 30)
    """When the store's files are put in order."""
    backup_at: TimeOfDay = dt.time(2)
    """When the store is backed up."""
    backup_folder: LocalPath = Path("backups")
    """Where backups go."""
    backups_kept: Annotated[int, Field(strict=True, ge=0)] = 7
    """How many backups are kept; 0: none are made."""
    train: Literal["never", "monthly"] = "never"
    """Whether a model is trained anew on the first day of each month."""

    @property
    def weekdays(self) -> frozenset[int]:
        """The workdays as numbers, Monday 0."""
        return frozenset(map(WEEKDAYS.index, self.workdays))

    @property
    def days_off(self) -> frozenset[dt.date]:
        """The holidays as days."""
        return days_off(self.holidays or ())

    def anchored(self, folder: Path) -> "ScheduleSection":
        """The section with its paths starting at a folder."""
        paths = {name: folder / getattr(self, name) for name in ("digest_folder", "backup_folder")}
        return self.model_copy(update=paths)


class ServiceSection(Section):
    """``[service]``: how `mailsignals run` is reached, and how it logs."""

    host: Name = "127.0.0.1"
    """The address at which it answers; others than this machine's own can read what it says if it is not loopback."""
    port: Annotated[int, Field(strict=True, ge=0, le=65_535)] = 8321
    """The port at which it answers /healthz, /readyz and /metrics; 0: any that is free, which the log names."""
    mailbox_labels: Literal["hashes", "addresses"] = "hashes"
    """What metrics call mailboxes."""
    log_style: Literal["auto", "json", "text"] = "auto"
    """How it logs: JSON, text, or text on a terminal and JSON elsewhere."""
