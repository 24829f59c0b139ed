"""Folders of files with one or a few emails each: reads the files that weren't read before."""

import bisect
import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

from connectors.base import Cursor, Page, Progress
from connectors.files.batch import FileBatch
from connectors.files.bookmark import VERSION, read_cursor, settings_digest
from connectors.files.folder_names import FolderName
from connectors.files.heads import MailHead, read_head
from connectors.files.stream import unreadable_error
from connectors.mail import Own

UNREADABLE_FILE = "unreadable file"


@dataclasses.dataclass(frozen=True, slots=True)
class MailFile:
    """A file that contains one or a few emails."""

    name: str
    """Its place in the folder; files are read in the order of their names."""
    stamp: str
    """A text that changes when the file must be read again."""
    path: Path
    folder: FolderName
    labels: tuple[str, ...]
    plain_label: str
    """The name of the folder, for folders without a known role; empty if it has no name."""


AddFile: TypeAlias = Callable[[MailFile, FileBatch], None]
"""A function that reads the content of a file into the next page."""


class FolderSource(Protocol):
    """A connector whose emails are one file each."""

    @property
    def path(self) -> Path:
        """The folder or file that is read."""

    @property
    def provider(self) -> str:
        """The kind of source."""

    @property
    def mailbox(self) -> str:
        """The address of the mailbox."""

    @property
    def own(self) -> Own:
        """The rule that decides whether an address is internal."""

    @property
    def settings_key(self) -> str:
        """A text that changes with the settings that ``own`` depends on."""


def read_folder(
    source: FolderSource,
    listed: Iterable[MailFile],
    cursor: Cursor | None,
    add: AddFile,
) -> Iterator[Page]:
    """Yield the emails of a source's files after ``cursor``, as ``read_files`` does.

    Raises:
        GiveUpError: the files can't be listed.
    """
    try:
        files = list(listed)
    except OSError as error:
        raise unreadable_error(source.path, source.mailbox, error) from error
    batch = FileBatch(provider=source.provider, mailbox=source.mailbox, own=source.own)
    yield from read_files(files, batch, cursor, add, settings_key=source.settings_key)


def read_files(
    files: Iterable[MailFile],
    batch: FileBatch,
    cursor: Cursor | None,
    add: AddFile,
    *,
    settings_key: str,
) -> Iterator[Page]:
    """Yield the emails in these files after ``cursor``, in pages that ``batch`` makes and ``add`` fills.

    The cursor holds the name of the last file read, and a digest of that file and all before it. If one of them was
    added, changed or removed, everything is read again.
    """
    ordered = sorted(files, key=lambda file: file.name)
    settings = settings_digest(settings_key)
    done = _done(ordered, cursor, settings)
    digest = _digest(ordered[:done])

    def page() -> Page:
        fields = {"after": ordered[done - 1].name, "digest": digest.hexdigest(), "settings": settings}
        cursor = Cursor(json.dumps({"version": VERSION, **fields}, sort_keys=True))
        return batch.page(cursor, Progress(done, len(ordered), "messages"))

    for file in ordered[done:]:
        if batch.full:
            yield page()
        add(file, batch)
        _update(digest, file)
        done += 1
    if batch:
        yield page()


def add_mail(file: MailFile, batch: FileBatch, moved: Callable[[Path], Path | None] = lambda _: None) -> None:
    """Read the one email in a file into the next page; ``moved`` finds a file that is no longer in its place."""
    try:
        mail = _read_wherever(file.path, moved)
    except FileNotFoundError:
        return  # deleted meanwhile
    except OSError:
        batch.skip(file.name, UNREADABLE_FILE)
        return
    batch.add(
        mail.head,
        file.name,
        folder=file.folder,
        labels=(*file.labels, *mail.labels),
        defect=mail.defect,
        plain_label=file.plain_label,
    )


def _read_wherever(path: Path, moved: Callable[[Path], Path | None]) -> MailHead:
    try:
        return read_head(path)
    except FileNotFoundError:
        elsewhere = moved(path)
        if elsewhere is None:
            raise
        return read_head(elsewhere)


def _done(ordered: Sequence[MailFile], cursor: Cursor | None, settings: str) -> int:
    """The number of files that were read before ``cursor``; 0 if unknown."""
    fields = read_cursor(cursor)
    if fields is None or fields.get("settings") != settings:
        return 0
    done = bisect.bisect_right(ordered, str(fields.get("after")), key=lambda file: file.name)
    return done if _digest(ordered[:done]).hexdigest() == fields.get("digest") else 0


def _digest(files: Sequence[MailFile]) -> "hashlib.blake2b":
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        _update(digest, file)
    return digest


def _update(digest: "hashlib.blake2b", file: MailFile) -> None:
    digest.update(f"{file.name}\0{file.stamp}\n".encode("utf-8", "surrogateescape"))
