"""Emails saved as one file each: a folder of them with its subfolders, or a single file."""

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
"""File name endings that mark a file as one email, whatever its content."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class EmlFiles:
    """The emails saved as one file each in a folder and its subfolders, or in one file."""

    path: Path
    mailbox: str
    own: Own
    settings_key: str = ""
    """A text that changes with the settings that ``own`` depends on; then everything is read again."""
    others: tuple[Path, ...] = ()
    """Files in the folder that are emails by their content, but not by their names."""

    @property
    def provider(self) -> str:
        """The kind of source, always ``eml``."""
        return "eml"

    @property
    def source(self) -> str:
        """The path of the folder or file."""
        return source_name(self.path)

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """Yield the emails after ``cursor``, 500 per page, in the order of their paths.

        Raises:
            GiveUpError: the folder can't be read.
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
    """Yield the files in a folder and its subfolders in a fixed order, without hidden files and Maildirs.

    Raises:
        OSError: a folder can't be listed.
    """
    for here, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if is_maildir(Path(here)):
            folders[:] = [name for name in folders if name not in {"cur", "new", "tmp"}]
            continue
        yield from (Path(here, name) for name in sorted(names) if not name.startswith("."))


def is_attachment(path: Path) -> bool:
    """Return whether the file is an attachment or a part of an email that Apple Mail stored."""
    return path.suffix.lower() == ".emlxpart" or {"Data", "Attachments"} <= set(path.parts)


def mail_file(path: Path, name: str, folder: FolderName, *, label: str, plain_label: str) -> MailFile:
    """Return the file to read, with a stamp of its size and time: when the stamp changes, it is read again.

    Raises:
        OSError: the file does not exist.
    """
    # Exports number their files, so another email may appear under the same name.
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
