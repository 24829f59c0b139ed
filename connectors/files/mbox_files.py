"""The small mbox files of a folder as one source, because many programs save each email as an mbox."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from connectors.base import Cursor, Page
from connectors.files.batch import FileBatch
from connectors.files.eml import mail_file
from connectors.files.folder import UNREADABLE_FILE, MailFile, read_folder
from connectors.files.folder_names import FolderName
from connectors.files.separators import mails_in
from connectors.files.stream import source_name
from connectors.mail import Own

SMALL = 1 << 20
"""Largest size in bytes of files that are read together."""
MANY = 20
"""Number of small files in one folder from which on they count as emails, not as folders."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MboxFiles:
    """The emails of many small mbox files in a folder and its subfolders."""

    path: Path
    mailbox: str
    own: Own
    files: tuple[tuple[Path, FolderName], ...]
    """Plain mbox files below ``path``, each with the folder that it stands for."""
    settings_key: str = ""
    """A text that changes with the settings that ``own`` depends on; then everything is read again."""

    @property
    def provider(self) -> str:
        """The kind of source, ``mbox`` as for a single file, because the emails are the same."""
        return "mbox"

    @property
    def source(self) -> str:
        """The path of the folder."""
        return source_name(self.path)

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """Yield the emails after ``cursor``, about 500 per page, in the order of the files' paths.

        Raises:
            GiveUpError: the files can't be listed.
        """
        yield from read_folder(self, self._files(), cursor, _add_mails)

    def _files(self) -> Iterator[MailFile]:
        self.path.stat()  # a missing folder must not count as an empty one
        root = self.path.resolve().name
        neighbours = Counter(path.parent for path, _ in self.files)
        for path, folder in self.files:
            within = path.relative_to(self.path)
            label = folder.label(otherwise=own_label(path, folder))
            mails = neighbours[path.parent] >= MANY and not (folder.role and folder.direct)
            place = FolderName.of((root, *within.parent.parts)) if mails else folder
            try:
                yield mail_file(path, within.as_posix(), place, label=label, plain_label=path.stem)
            except FileNotFoundError:
                continue  # deleted since the folder was looked at


def own_label(path: Path, folder: FolderName) -> str:
    """Return the label of emails in an mbox without a well-known label: the name of the file or of its folder."""
    return folder.path.rpartition("/")[2] if path.name.lower() == "mbox" else path.stem


def _add_mails(file: MailFile, batch: FileBatch) -> None:
    doubts: Counter[str] = Counter()
    try:
        with file.path.open("rb") as stream:
            for mail in mails_in(stream.read, doubts=doubts):
                place = f"{file.name}, byte {mail.start}"
                batch.add(
                    mail.head,
                    place,
                    folder=file.folder,
                    labels=file.labels,
                    defect=mail.defect,
                    plain_label=file.plain_label,
                )
    except FileNotFoundError:
        return
    except OSError:
        batch.skip(file.name, UNREADABLE_FILE)
    batch.count(doubts)
