"""Mails saved as files: a folder of them, however deep, or a single one."""

import contextlib
import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

from connectors.base import Cursor, Page
from connectors.files.folder import MailFile, add_mail, read_folder
from connectors.files.folder_names import FolderName
from connectors.files.heads import APPLE_SUFFIX
from connectors.files.maildir import is_maildir
from connectors.files.stream import source_name
from connectors.mail import Own

SUFFIXES = frozenset({".eml", APPLE_SUFFIX})
"""A file with one of these holds one mail, whatever is in it."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class EmlFiles:
    """The mails that are files of their own in a folder and below it, or the mail in one such file."""

    path: Path
    mailbox: str
    own: Own
    settings_key: str = ""
    """Stands for whatever ``own`` depends on: with another one everything is read again."""
    others: tuple[Path, ...] = ()
    """Files in the folder that are mails by what is in them, though not by their names."""

    @property
    def provider(self) -> str:
        """The kind of source, always ``eml``."""
        return "eml"

    @property
    def source(self) -> str:
        """The path of the folder or file."""
        return source_name(self.path)

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """The mails after ``cursor``, 500 a page, in the order of their paths.

        Raises:
            GiveUpError: the folder cannot be read.
        """
        yield from read_folder(self, self._files(), cursor, add_mail)

    def _files(self) -> Iterator[MailFile]:
        if not self.path.is_dir():
            folder = FolderName.of([self.path.resolve().parent.name])
            yield mail_file(
                self.path, self.path.name, folder, label=folder.label(otherwise=""), plain_label=""
            )
            return
        root = self.path.resolve().name
        others = frozenset(self.others)
        for path in paths_below(self.path):
            within = path.relative_to(self.path)
            if (path.suffix.lower() in SUFFIXES and not is_attachment(within)) or path in others:
                folder = FolderName.of([root, *within.parent.parts])
                plain = within.parent.as_posix() if within.parent.name else ""
                label = folder.label(otherwise=plain)
                with contextlib.suppress(FileNotFoundError):  # deleted since the folder was listed
                    yield mail_file(path, within.as_posix(), folder, label=label, plain_label=plain)


def paths_below(folder: Path) -> Iterator[Path]:
    """The files in a folder and below it, except hidden ones, in a fixed order; Maildirs are left out.

    Raises:
        OSError: a folder cannot be listed.
    """
    for here, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if is_maildir(Path(here)):
            folders[:] = [name for name in folders if name not in {"cur", "new", "tmp"}]
            continue
        yield from (Path(here, name) for name in sorted(names) if not name.startswith("."))


def is_attachment(path: Path) -> bool:
    """Return whether Apple Mail keeps the file as an attachment of a mail, or as a part of one."""
    return path.suffix.lower() == ".emlxpart" or {"Data", "Attachments"} <= set(path.parts)


def mail_file(path: Path, name: str, folder: FolderName, *, label: str, plain_label: str) -> MailFile:
    """Return the file to read; it is read again under the same name once its size or its time differs.

    Raises:
        OSError: there is no such file.
    """
    # Exports number their files: another mail may come under the same name.
    state = path.lstat()
    return MailFile(
        name=name,
        stamp=f"{state.st_size} {state.st_mtime_ns}",
        path=path,
        folder=folder,
        labels=(label,) if label else (),
        plain_label=plain_label,
    )


def _raise(error: OSError) -> None:
    raise error
