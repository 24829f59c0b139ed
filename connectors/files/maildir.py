"""A Maildir with its subfolders (Maildir++): one file per email, with its flags in the file name."""

import dataclasses
import os
import re
from collections.abc import Iterator
from pathlib import Path

from connectors.base import Cursor, Page
from connectors.files.batch import FileBatch
from connectors.files.folder import MailFile, add_mail, read_folder
from connectors.files.folder_names import FolderName, decoded_name
from connectors.files.stream import source_name
from connectors.mail import Own

_FLAGS = re.compile(r"[:;!]2,([A-Za-z]*)$")  # file systems without colons have ; or !
_MAIL_FOLDERS = ("cur", "new")
_INBOX = FolderName("INBOX", "inbox")


@dataclasses.dataclass(frozen=True, slots=True)
class _Place:
    """A folder of a Maildir: the prefix of its files' names, its role, and the label of its emails."""

    prefix: str
    folder: FolderName
    label: str
    plain_label: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Maildir:
    """The emails of one Maildir: those in ``cur`` and ``new``, and in its ``.Sub.folder``s."""

    path: Path
    mailbox: str
    own: Own
    settings_key: str = ""
    """A text that changes with the settings that ``own`` depends on; then everything is read again."""
    label: str = "INBOX"
    """The label of emails outside of subfolders."""
    folder: FolderName = _INBOX
    """The folder of these emails."""

    @property
    def provider(self) -> str:
        """The kind of source, always ``maildir``."""
        return "maildir"

    @property
    def source(self) -> str:
        """The path of the folder."""
        return source_name(self.path)

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """Yield the emails after ``cursor``, 500 per page, in the order of their names, folder by folder.

        Raises:
            GiveUpError: the folder can't be read.
        """
        yield from read_folder(self, self._files(), cursor, _add)

    def _files(self) -> Iterator[MailFile]:
        plain = "" if self.label == "INBOX" else self.path.name
        yield from _mails_in(self.path, _Place("", self.folder, self.label, plain))
        for folder in sorted(path for path in self.path.iterdir() if path.name.startswith(".")):
            if is_maildir(folder):
                yield from _mails_in(folder, _subfolder(folder.name))


def is_maildir(path: Path) -> bool:
    """Return whether a folder is a Maildir: it has ``cur``, and ``new`` or ``tmp``."""
    return (path / "cur").is_dir() and ((path / "new").is_dir() or (path / "tmp").is_dir())


def _mails_in(path: Path, place: _Place) -> Iterator[MailFile]:
    for part in _MAIL_FOLDERS:
        if not (path / part).is_dir():
            continue
        with os.scandir(path / part) as entries:
            for entry in entries:
                if entry.is_file() and not entry.name.startswith("."):
                    yield _mail_file(Path(entry.path), place)


def _mail_file(path: Path, place: _Place) -> MailFile:
    flags = _flags(path.name)
    labels = (place.label, *(["DRAFT"] if "D" in flags else []), *(["TRASH"] if "T" in flags else []))
    # The flag of a draft changes what is read; flags for read, answered or deleted don't.
    stamp = "D" if "D" in flags else ""
    return MailFile(
        name=place.prefix + _FLAGS.sub("", path.name),
        stamp=stamp,
        path=path,
        folder=place.folder,
        labels=labels,
        plain_label=place.plain_label,
    )


def _flags(name: str) -> str:
    found = _FLAGS.search(name)
    return found[1] if found else ""


def _subfolder(name: str) -> _Place:
    """The folder and label of ``.Archive.2026`` (``Archive/2026``) or ``.INBOX.Sent`` (``SENT``)."""
    written = name.removeprefix(".").removeprefix("INBOX.").split(".")
    parts = [decoded_name(part) for part in written]
    folder = FolderName.of(parts)
    return _Place(f"{name}/", folder, folder.label(otherwise="/".join(parts)), "/".join(written))


def _add(file: MailFile, batch: FileBatch) -> None:
    add_mail(file, batch, _moved)


def _moved(path: Path) -> Path | None:
    """The current path of an email that was read or flagged since the folder was listed."""
    name = _FLAGS.sub("", path.name)
    for part in _MAIL_FOLDERS:
        for sibling in (path.parent.parent / part).iterdir():
            if _FLAGS.sub("", sibling.name) == name:
                return sibling
    return None
