"""Recognises mail at a path: an mbox, a Maildir, emails as files, a Parquet file, or a folder of these."""

import dataclasses
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from connectors.base import Connector, Cursor, GiveUpError, Page, Progress, Skipped
from connectors.files.archives import packed_file
from connectors.files.eml import SUFFIXES, EmlFiles, is_attachment, paths_below
from connectors.files.folder_names import FolderName, file_folder
from connectors.files.heads import begins_like_mail
from connectors.files.maildir import Maildir, is_maildir
from connectors.files.mbox import Mbox
from connectors.files.mbox_files import MANY, SMALL, MboxFiles, own_label
from connectors.files.parquet import Parquet
from connectors.files.separators import begins_like_mbox
from connectors.files.stream import open_stream, source_name, unreadable_error
from connectors.mail import Own

REASON = "not a mailbox file"
ATTACHMENT = "an attachment that Apple Mail stores beside its email"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredFiles:
    """The files in a folder that no other connector reads, reported as skipped."""

    path: Path
    mailbox: str
    files: tuple[tuple[Path, str], ...]
    """The files, each with the reason."""

    @property
    def provider(self) -> str:
        """The kind of source, always ``files``; it has no messages."""
        return "files"

    @property
    def source(self) -> str:
        """The path of the folder."""
        return source_name(self.path)

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """Yield one page that reports each file as skipped, unless ``cursor`` follows that page."""
        skipped = [
            Skipped(os.fsencode(file.relative_to(self.path)).decode("utf-8", "replace"), reason)
            for file, reason in self.files
        ]
        lines = "\n".join(
            one.place if one.reason == REASON else f"{one.place}\0{one.reason}" for one in skipped
        )
        here = Cursor(hashlib.blake2b(lines.encode(), digest_size=16).hexdigest())
        if cursor != here:
            yield Page.of([], here, Progress(len(skipped), len(skipped), "messages"), skipped=skipped)


_BEGINNING = 1 << 16
_GZIP = b"\x1f\x8b"
_UNDERSTOOD = (
    "Use an mbox (also .gz), a Maildir, single emails (.eml, .emlx or any other name) or a folder of them, "
    "or an interchange .parquet file."
)


def open_files(path: Path, *, mailbox: str, own: Own, settings_key: str = "") -> list[Connector]:
    """Return the connectors that together read all mail at ``path``.

    Files in a folder that aren't mail get a connector of their own, which reports them as skipped. ``settings_key``
    identifies the settings behind ``own``: when it changes, everything is read again.

    Raises:
        GiveUpError: ``path`` contains no readable mail.
    """
    opener = _Opener(mailbox=mailbox, own=own, settings_key=settings_key)
    try:
        return opener.folder(path) if path.is_dir() else [opener.file(path)]
    except OSError as error:
        raise unreadable_error(path, mailbox, error) from error


@dataclasses.dataclass(frozen=True, slots=True)
class _SortedFiles:
    """The files below a folder, by kind."""

    mails: list[Path] = dataclasses.field(default_factory=list)
    """Files that are emails by their names."""
    others: list[Path] = dataclasses.field(default_factory=list)
    """Files that are emails by their content."""
    boxes: list[tuple[Path, Connector]] = dataclasses.field(default_factory=list)
    """Files with many emails."""
    small: list[tuple[Path, FolderName]] = dataclasses.field(default_factory=list)
    """Those of ``boxes`` that are small."""
    left: list[tuple[Path, str]] = dataclasses.field(default_factory=list)
    """Files that are skipped, with the reason."""
    packed: list[str] = dataclasses.field(default_factory=list)
    """A sentence about each file that must be unpacked first."""

    @property
    def remedy(self) -> str:
        """The remedy for the first file that must be unpacked; empty if there is none."""
        return self.packed[0] if self.packed else ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Opener:
    mailbox: str
    own: Own
    settings_key: str

    def file(self, path: Path) -> Connector:
        """The connector of a file that the user named."""
        beginning = self._beginning(path)
        packed = packed_file(path, beginning)
        if packed is not None:
            raise GiveUpError(self.mailbox, f"{path} is {packed.what}.", packed.remedy)
        above = (path.resolve().parent.name,) if path.name.lower() == "mbox" else ()
        connector = self._recognised(path, beginning, file_folder((*above, path.name)), named=True)
        if connector is not None:
            return connector
        raise GiveUpError(
            self.mailbox,
            f'{path} is not in a supported mail format; an mbox begins with a "From " line.',
            _UNDERSTOOD,
        )

    def folder(self, path: Path) -> list[Connector]:
        """The connectors of everything in a folder."""
        found: list[Connector] = list(self._maildirs(path))
        sorted_files = self._sorted(path)
        if sorted_files.mails or sorted_files.others:
            found.append(self._mail_files(path, tuple(sorted_files.others)))
        # Fewer files than that are separate sources, each with its own line in the report.
        small = sorted_files.small if len(sorted_files.small) >= MANY else []
        if small:
            found.append(
                MboxFiles(
                    path=path,
                    mailbox=self.mailbox,
                    own=self.own,
                    settings_key=self.settings_key,
                    files=tuple(small),
                )
            )
        grouped = {file for file, _ in small}
        found += [
            connector for file, connector in sorted(sorted_files.boxes, key=_path) if file not in grouped
        ]
        if not found:
            raise GiveUpError(
                self.mailbox, f"the folder {path} contains no mail.{sorted_files.remedy}", _UNDERSTOOD
            )
        if sorted_files.left:
            found.append(IgnoredFiles(path=path, mailbox=self.mailbox, files=tuple(sorted_files.left)))
        return found

    def _maildirs(self, path: Path) -> Iterator[Maildir]:
        for here, folders, _ in os.walk(path):
            # KMail keeps the folders below "name" in ".name.directory".
            folders[:] = sorted(
                name for name in folders if not name.startswith(".") or name.endswith(".directory")
            )
            folder = Path(here)
            if is_maildir(folder):
                folders[:] = [name for name in folders if name not in {"cur", "new", "tmp"}]
                name = FolderName.of([path.resolve().name, *folder.relative_to(path).parts])
                label = name.label(otherwise="INBOX" if folder == path else folder.name)
                yield Maildir(
                    path=folder,
                    mailbox=self.mailbox,
                    own=self.own,
                    settings_key=self.settings_key,
                    label=label,
                    folder=name,
                )

    def _sorted(self, root: Path) -> _SortedFiles:
        """The files below a folder, by kind."""
        found = _SortedFiles()
        name = root.resolve().name
        for file in paths_below(root):
            within = file.relative_to(root)
            if is_attachment(within):
                found.left.append((file, ATTACHMENT))
            elif file.suffix.lower() in SUFFIXES:
                found.mails.append(file)
            elif not file.is_file():
                found.left.append((file, REASON))  # a pipe or a broken link
            else:
                self._sort(file, file_folder((name, *within.parts)), found)
        return found

    def _sort(self, file: Path, folder: FolderName, found: _SortedFiles) -> None:
        try:
            beginning = self._beginning(file)
        except GiveUpError:
            found.boxes.append((file, self._mbox(file, folder)))  # reading it reports the problem
            return
        packed = packed_file(file, beginning)
        if packed is not None:
            found.left.append((file, packed.reason))
            found.packed.append(f" {file.name} is {packed.what}. {packed.remedy}")
            return
        connector = self._recognised(file, beginning, folder)
        if connector is not None:
            found.boxes.append((file, connector))
            if (
                isinstance(connector, Mbox)
                and file.stat().st_size <= SMALL
                and beginning.startswith(b"From ")
            ):
                found.small.append((file, folder))
        elif begins_like_mail(beginning):
            found.others.append(file)
        else:
            found.left.append((file, REASON))

    def _recognised(
        self, path: Path, beginning: bytes, folder: FolderName, *, named: bool = False
    ) -> Connector | None:
        if path.suffix.lower() in SUFFIXES:
            return self._mail_files(path)
        if path.suffix.lower() == ".parquet" or beginning.startswith(b"PAR1"):
            return Parquet(path=path, mailbox=self.mailbox)
        if begins_like_mbox(beginning):
            return self._mbox(path, folder, named=named)
        return self._mail_files(path) if named and begins_like_mail(beginning) else None

    def _mbox(self, path: Path, folder: FolderName, *, named: bool = False) -> Mbox:
        """The connector of an mbox; in a folder, emails get its name as a label."""
        label = folder.label(otherwise="" if named else own_label(path, folder))
        return Mbox(
            path=path,
            mailbox=self.mailbox,
            own=self.own,
            settings_key=self.settings_key,
            labels=(label,) if label else (),
            folder=folder,
            plain_label="" if named else path.stem,
        )

    def _mail_files(self, path: Path, others: tuple[Path, ...] = ()) -> EmlFiles:
        return EmlFiles(
            path=path, mailbox=self.mailbox, own=self.own, settings_key=self.settings_key, others=others
        )

    def _beginning(self, path: Path) -> bytes:
        """The first bytes of a file, decompressed if it is compressed with gzip."""
        if path.is_file():
            with path.open("rb") as file:
                start = file.read(_BEGINNING)
            if not start.startswith(_GZIP):
                return start
        with open_stream(path, self.mailbox) as stream:
            return stream.beginning(_BEGINNING)


def _path(box: tuple[Path, Connector]) -> Path:
    return box[0]
