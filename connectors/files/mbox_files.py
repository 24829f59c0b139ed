"""The small mbox files of a folder as one source: many programs save each mail as an mbox of its own."""

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
"""Files of up to this many bytes are read together."""
MANY = 20
"""So many of them side by side are taken for mails rather than folders."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MboxFiles:
    """The mails of many small mbox files in a folder and below it."""

    path: Path
    mailbox: str
    own: Own
    files: tuple[tuple[Path, FolderName], ...]
    """Plain mbox files below ``path``, each with the folder that it stands for."""
    settings_key: str = ""
    """Stands for whatever ``own`` depends on: with another one everything is read again."""

    @property
    def provider(self) -> str:
        """The kind of source, ``mbox`` as for a file by itself: it holds the same mails."""
        return "mbox"

    @property
    def source(self) -> str:
        """The path of the folder."""
        return source_name(self.path)

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """The mails after ``cursor``, about 500 a page, in the order of the files' paths.

        Raises:
            GiveUpError: the files cannot be listed.
        """
        yield from read_folder(self, self._files(), cursor, _add_mails)

    def _files(self) -> Iterator[MailFile]:
        self.path.stat()  # a folder that is gone is no empty one
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
    """The label of the mails in an mbox whose folder has no well-known one: the name of the file or of its folder."""
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
        batch.set_aside(file.name, UNREADABLE_FILE)
    batch.count(doubts)
