"""Drop what is damaged in the store, and tell which mail comes back and how."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.store.tables.row_times import FutureDates
from mailsignals.store.upkeep.backup import backups
from mailsignals.store.upkeep.repair import Repair, repair_store
from mailsignals.store.upkeep.salvage import LostCatalogueError
from mailsignals.store.upkeep.verification import verify_store
from mailsignals.usecases.clock_state import ClockDoubtError, set_aside_future
from mailsignals.workspace import Workspace


class Return(StrEnum):
    """How dropped mail comes back."""

    SYNC = "next sync"
    IMPORT = "import the files again"
    NEVER = "mailbox not configured"


@dataclasses.dataclass(frozen=True, kw_only=True)
class DroppedMail:
    """The dropped emails of one mailbox."""

    provider: str
    mailbox: str
    emails: int | None
    """Their number; None where it isn't known, and the mailbox is read again to be sure."""
    sources: Sequence[str]
    """The files to import again; empty for mailboxes of a provider."""
    returns: Return


@dataclasses.dataclass(frozen=True, kw_only=True)
class RepairReport:
    """What was dropped, and what comes back."""

    repair: Repair
    mail: Sequence[DroppedMail]
    backup: Path | None
    """The newest sound backup, which has what can't be read again; None without one."""
    misdated: Sequence[FutureDates] = ()
    """The records that were set aside, because they were dated in the future."""
    clock_problem: str | None = None
    """The reason why such records stay: the clock is wrong itself."""


def repair(workspace: Workspace, at: dt.datetime) -> RepairReport:
    """Drop what is damaged in the company's store, so that the next sync reads its mail again.

    Records that are dated in the future are set aside, unless the clock is wrong itself.

    Raises:
        StoreBusyError: another program writes to the store.
        UserError: there is no store, or nothing in its catalogue can be read; names the newest sound backup.
    """
    settings = workspace.settings
    try:
        found = repair_store(settings.store.path, at=at)
    except LostCatalogueError as error:
        raise UserError(f"{error}. {_instead(settings)}") from None
    misdated, problem = _set_aside(workspace, at)
    needs_backup = bool(found.tables or found.left or found.emails or found.unknown)
    return RepairReport(
        repair=found,
        mail=_dropped(settings, found),
        backup=newest_sound_backup(settings) if needs_backup else None,
        misdated=misdated,
        clock_problem=problem,
    )


def _set_aside(workspace: Workspace, at: dt.datetime) -> tuple[Sequence[FutureDates], str | None]:
    """Set aside records of the future; or return the reason why they stay."""
    try:
        return set_aside_future(workspace, at), None
    except ClockDoubtError as error:
        return (), str(error)


def newest_sound_backup(settings: Settings) -> Path | None:
    """Return the newest backup of the configured folder that reads back without damage; None without one."""
    for backup in reversed(backups(settings.schedule.backup_folder)):
        try:
            if verify_store(backup, read_data=True).sound:
                return backup
        except UserError:
            continue
    return None


def _instead(settings: Settings) -> str:
    """What to do where nothing in the catalogue can be read."""
    store, backup = settings.store.path, newest_sound_backup(settings)
    if backup is not None:
        return f"Move {store} away, then restore the newest sound backup: `mailsignals restore {backup}`."
    return (
        f"There is no sound backup in {settings.schedule.backup_folder}. Move {store} away, then run "
        "`mailsignals sync` or `mailsignals import`; feedback and records are lost."
    )


def _dropped(settings: Settings, found: Repair) -> list[DroppedMail]:
    mailboxes = sorted({*found.emails, *((provider, mailbox) for provider, mailbox, _ in found.read_again)})
    return [
        DroppedMail(
            provider=provider,
            mailbox=mailbox,
            emails=found.emails.get((provider, mailbox)),
            sources=[one[2] for one in found.read_again if one[:2] == (provider, mailbox)],
            returns=_how(settings, provider, mailbox),
        )
        for provider, mailbox in mailboxes
    ]


def _how(settings: Settings, provider: str, mailbox: str) -> Return:
    section = {"gmail": settings.gmail, "microsoft365": settings.microsoft365}.get(provider)
    if section is None:
        return Return.IMPORT
    return Return.SYNC if section.group or mailbox in section.mailboxes else Return.NEVER
