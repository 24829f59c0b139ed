"""Mails saved as ``.eml`` files: a folder of them, however deep, or a single one."""

import contextlib
import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

from connectors.base import Cursor, Page
from connectors.files.batch import folder_label
from connectors.files.folder import MailFile, read_folder
from connectors.files.maildir import is_maildir
from connectors.files.stream import source_name
from connectors.mail import Own

SUFFIX = ".eml"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class EmlFiles:
    """The mails in a folder of ``.eml`` files and in the folders below it, or in one such file."""

    path: Path
    mailbox: str
    own: Own
    settings_key: str = ""
    """Stands for whatever ``own`` depends on: with another one everything is read again."""

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
        yield from read_folder(self, self._files(), cursor)

    def _files(self) -> Iterator[MailFile]:
        if not self.path.is_dir():
            yield _mail_file(self.path, self.path.name, ())
            return
        for path in paths_below(self.path):
            if path.suffix.lower() == SUFFIX:
                within = path.relative_to(self.path)
                label = folder_label(within.parent.name, otherwise=within.parent.as_posix())
                with contextlib.suppress(FileNotFoundError):  # deleted since the folder was listed
                    yield _mail_file(path, within.as_posix(), (label,) if within.parent.name else ())


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


def _raise(error: OSError) -> None:
    raise error


def _mail_file(path: Path, name: str, labels: tuple[str, ...]) -> MailFile:
    # Exports number their files: another mail may come under the same name.
    state = path.lstat()
    return MailFile(name=name, stamp=f"{state.st_size} {state.st_mtime_ns}", path=path, labels=labels)
