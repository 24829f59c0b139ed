"""What a path is: an mbox, a Maildir, mails as files, a Parquet file, or a folder of any of these."""

import dataclasses
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from connectors.base import Connector, Cursor, GiveUpError, Page, Progress, Skipped
from connectors.files.batch import folder_label
from connectors.files.eml import SUFFIX, EmlFiles, paths_below
from connectors.files.maildir import Maildir, is_maildir
from connectors.files.mbox import Mbox
from connectors.files.parquet import Parquet
from connectors.files.separators import begins_like_mbox
from connectors.files.stream import open_stream, source_name, unreadable
from connectors.mail import Own

REASON = "not a mailbox file"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredFiles:
    """The files in a folder that no other connector reads."""

    path: Path
    mailbox: str
    files: tuple[Path, ...]

    @property
    def provider(self) -> str:
        """Always ``files``; it has no messages."""
        return "files"

    @property
    def source(self) -> str:
        """The path of the folder."""
        return source_name(self.path)

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """One page that sets each file aside, unless ``cursor`` follows that page."""
        places = [os.fsencode(file.relative_to(self.path)).decode("utf-8", "replace") for file in self.files]
        here = Cursor(hashlib.blake2b("\n".join(places).encode(), digest_size=16).hexdigest())
        if cursor != here:
            skipped = [Skipped(place, REASON) for place in places]
            yield Page.of([], here, Progress(len(places), len(places), "messages"), skipped=skipped)


_BEGINNING = 1 << 16
_UNDERSTOOD = (
    "Give an mbox (also .gz), a Maildir, .eml files or a folder of them, or an interchange .parquet file."
)
_OTHERS = {
    b"PK\x03\x04": ("a zip archive", "Unpack it and give the folder."),
    b"BZh": ("compressed with bzip2", "Unpack it first."),
    b"\xfd7zXZ": ("compressed with xz", "Unpack it first."),
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", "Unpack it first."),
    b"!BDN": ("an Outlook data file", "Export its folders as mbox or .eml files; readpst does that."),
}


def open_files(path: Path, *, mailbox: str, own: Own, settings_key: str = "") -> list[Connector]:
    """The connectors that together read all mail at ``path``.

    Files in a folder that are no mail get a connector of their own, which reports them. ``settings_key`` stands for
    the settings behind ``own``: with another one everything is read again.

    Raises:
        GiveUpError: there is nothing at ``path`` that can be read.
    """
    opener = _Opener(mailbox=mailbox, own=own, settings_key=settings_key)
    try:
        return opener.folder(path) if path.is_dir() else [opener.file(path)]
    except OSError as error:
        raise unreadable(path, mailbox, error) from error


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Opener:
    mailbox: str
    own: Own
    settings_key: str

    def file(self, path: Path) -> Connector:
        """The connector of a file that the user named."""
        beginning = self._beginning(path)
        connector = self._recognised(path, beginning)
        if connector is not None:
            return connector
        for mark, (what, remedy) in _OTHERS.items():
            if beginning.startswith(mark):
                raise GiveUpError(self.mailbox, f"{path} is {what}.", remedy)
        raise GiveUpError(
            self.mailbox,
            f'{path} is no mailbox: an mbox begins with a "From " line, and this is no other format we read.',
            _UNDERSTOOD,
        )

    def folder(self, path: Path) -> list[Connector]:
        """The connectors of all that is in a folder."""
        found: list[Connector] = list(self._maildirs(path))
        files = list(paths_below(path))
        mails = [file for file in files if file.suffix.lower() == SUFFIX]
        if mails:
            found.append(self._eml_files(path))
        left = []
        for file in sorted(set(files).difference(mails)):
            connector = self._in_folder(file)
            if connector is None:
                left.append(file)
            else:
                found.append(connector)
        if not found:
            raise GiveUpError(self.mailbox, f"there is no mail in the folder {path}.", _UNDERSTOOD)
        if left:
            found.append(IgnoredFiles(path=path, mailbox=self.mailbox, files=tuple(left)))
        return found

    def _maildirs(self, path: Path) -> Iterator[Maildir]:
        for here, folders, _ in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            folder = Path(here)
            if is_maildir(folder):
                folders[:] = [name for name in folders if name not in {"cur", "new", "tmp"}]
                label = folder_label(folder.name, otherwise="INBOX" if folder == path else folder.name)
                yield Maildir(
                    path=folder,
                    mailbox=self.mailbox,
                    own=self.own,
                    settings_key=self.settings_key,
                    label=label,
                )

    def _in_folder(self, path: Path) -> Connector | None:
        """The connector of a file in a folder; mails get the name of their mbox as a label."""
        if not path.is_file():
            return None  # a pipe, or a link that leads nowhere
        labels = (folder_label(path.stem, otherwise=path.stem),)
        try:
            beginning = self._beginning(path)
        except GiveUpError:
            return self._mbox(path, labels)  # which tells, when it is read, what is wrong with the file
        return self._recognised(path, beginning, labels=labels)

    def _recognised(self, path: Path, beginning: bytes, *, labels: tuple[str, ...] = ()) -> Connector | None:
        if path.suffix.lower() == SUFFIX:
            return self._eml_files(path)
        if path.suffix.lower() == ".parquet" or beginning.startswith(b"PAR1"):
            return Parquet(path=path, mailbox=self.mailbox)
        return self._mbox(path, labels) if begins_like_mbox(beginning) else None

    def _mbox(self, path: Path, labels: tuple[str, ...]) -> Mbox:
        return Mbox(
            path=path, mailbox=self.mailbox, own=self.own, settings_key=self.settings_key, labels=labels
        )

    def _eml_files(self, path: Path) -> EmlFiles:
        return EmlFiles(path=path, mailbox=self.mailbox, own=self.own, settings_key=self.settings_key)

    def _beginning(self, path: Path) -> bytes:
        with open_stream(path, self.mailbox) as stream:
            return stream.beginning(_BEGINNING)
