"""Drop what is damaged in the store, and tell which mail comes back and how."""

import dataclasses
import datetime as dt
import shutil
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.files import written_whole
from mailsignals.secret_files import SecretFile
from mailsignals.store.tables.row_times import FutureDates
from mailsignals.store.upkeep.backup import backups
from mailsignals.store.upkeep.repair import INTERCHANGE, Repair, give_up_keys, place_aside, repair_store
from mailsignals.store.upkeep.salvage import LostCatalogueError
from mailsignals.store.upkeep.verification import Damage, verify_store
from mailsignals.usecases.clock_state import ClockDoubtError, archive_future
from mailsignals.workspace import Workspace


class Return(StrEnum):
    """The ways in which dropped mail comes back."""

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
    """The dropped files and mail, with the ways in which mail comes back."""

    repair: Repair
    mail: Sequence[DroppedMail]
    backup: Path | None
    """The newest sound backup, which has what can't be read again; None without one."""
    misdated: Sequence[FutureDates] = ()
    """The records that were archived, because they were dated in the future."""
    clock_problem: str | None = None
    """The reason why such records stay: the clock is wrong itself."""
    new_keys: Sequence[SecretFile] = ()
    """The damaged keys that no sound backup has: new ones are drawn on their next use."""


def repair(workspace: Workspace, at: dt.datetime) -> RepairReport:
    """Drop what is damaged in the company's store, so that the next sync reads its mail again.

    Records that are dated in the future are archived, unless the clock is wrong itself.

    Raises:
        StoreBusyError: another program writes to the store.
        UserError: no store was found, or nothing in its catalogue can be read; names the newest sound backup.
    """
    settings = workspace.settings
    try:
        found = repair_store(settings.store.path, at=at)
    except LostCatalogueError as error:
        raise UserError(f"{error}. {_instead(settings)}") from None
    misdated, problem = _archive(workspace, at)
    needs_backup = bool(found.tables or found.left or found.emails or found.unknown)
    backup = newest_sound_backup(settings) if needs_backup else None
    if backup is not None and found.left:
        found = dataclasses.replace(found, left=_after_copying(found.left, settings.store.path, backup))
    place = found.aside or place_aside(settings.store.path, at)
    keys = give_up_keys(settings.store.path, found.left, aside=place)
    if keys:
        files = {which.file_name for which in keys}
        left = [damage for damage in found.left if damage.path.name not in files]
        found = dataclasses.replace(found, left=left, aside=place)
    return RepairReport(
        repair=found,
        mail=_dropped(settings, found),
        backup=backup,
        misdated=misdated,
        clock_problem=problem,
        new_keys=keys,
    )


def _after_copying(left: Sequence[Damage], store: Path, backup: Path) -> list[Damage]:
    """Copy damaged keys and models from a sound backup, and return the damage that stays.

    A key counts as healed only if it has the digest of the one that was lost.
    """
    for damage in left:
        source = backup / damage.path.relative_to(store)
        if source.is_file() and not damage.path.is_dir():
            damage.path.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(damage.path) as draft:
                shutil.copyfile(source, draft)
                draft.chmod(0o600)
    paths = {damage.path for damage in left}
    return [damage for damage in verify_store(store, read_data=True).damages if damage.path in paths]


def _archive(workspace: Workspace, at: dt.datetime) -> tuple[Sequence[FutureDates], str | None]:
    """Archive records of the future; or return the reason why they stay."""
    try:
        return archive_future(workspace, at), None
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
        f"No sound backup was found in {settings.schedule.backup_folder}. Move {store} away, then run "
        "`mailsignals sync` or `mailsignals import`; feedback and records are lost."
    )


def _dropped(settings: Settings, found: Repair) -> list[DroppedMail]:
    own = {one[:2] for one in found.read_again if one[0] != INTERCHANGE}
    mailboxes = sorted({*found.emails, *own})
    return [_dropped_mail(settings, found, provider, mailbox) for provider, mailbox in mailboxes]


def _dropped_mail(settings: Settings, found: Repair, provider: str, mailbox: str) -> DroppedMail:
    section = {"gmail": settings.gmail, "microsoft365": settings.microsoft365}.get(provider)
    files = [source for kind, _, source in found.read_again if kind == INTERCHANGE]
    if section is None:
        files += [source for *owner, source in found.read_again if owner == [provider, mailbox]]
    is_configured = section is not None and (bool(section.group) or mailbox in section.mailboxes)
    returns = Return.SYNC if is_configured else Return.IMPORT if files else Return.NEVER
    return DroppedMail(
        provider=provider,
        mailbox=mailbox,
        emails=found.emails.get((provider, mailbox)),
        sources=files if returns is Return.IMPORT else (),
        returns=returns,
    )
