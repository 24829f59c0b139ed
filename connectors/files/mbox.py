"""An mbox file, plain or compressed with gzip, of any size: only headers are read, in flat memory."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from connectors.base import Cursor, GiveUpError, Page, Progress
from connectors.files.batch import FileBatch
from connectors.files.bookmark import FileBookmark
from connectors.files.folder_names import FolderName
from connectors.files.separators import FILE_ENDS_IN_HEADERS, RawMail, begins_like_mbox, mails_in
from connectors.files.stream import Stream, open_stream, source_name
from connectors.mail import Own

_BEGINNING = 1 << 16  # bytes within which the first separator must begin


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Mbox:
    """The emails of one mbox file in any of the dialects mboxo, mboxrd, mboxcl and mboxcl2."""

    path: Path
    mailbox: str
    own: Own
    settings_key: str = ""
    """A text that changes with the settings that ``own`` depends on; then everything is read again."""
    labels: tuple[str, ...] = ()
    folder: FolderName | None = None
    """The folder of these emails, if known."""
    plain_label: str = ""
    """The file's name if it stands for the folder; empty for a file that the user named."""

    @property
    def provider(self) -> str:
        """The kind of source, always ``mbox``."""
        return "mbox"

    @property
    def source(self) -> str:
        """The path of the file."""
        return source_name(self.path)

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """Yield the emails after ``cursor``, 500 per page; of a file that has grown since, the new ones.

        Raises:
            GiveUpError: the file can't be read or isn't an mbox; or it is cut off or damaged, after all emails before
                that place were yielded.
        """
        with open_stream(self.path, self.mailbox) as stream:
            self._refuse_other_files(stream)
        with open_stream(self.path, self.mailbox) as stream:
            mark = FileBookmark.at_start(self.settings_key).resumed(cursor, stream)
            if not (mark.finished and mark.disk == stream.size):
                stream.go_to(mark.offset)
                yield from self._read(stream, mark)

    def _refuse_other_files(self, stream: Stream) -> None:
        if not begins_like_mbox(stream.beginning(_BEGINNING)):
            raise GiveUpError(
                self.mailbox,
                f'{self.path} is not an mbox: it does not begin with a "From " line.',
                "Use an mbox, a Maildir, a folder of .eml or .emlx files, or a Parquet file.",
            )

    def _read(self, stream: Stream, mark: FileBookmark) -> Iterator[Page]:
        """The pages after ``mark``, the current position of the stream."""
        batch = FileBatch(provider=self.provider, mailbox=self.mailbox, own=self.own)
        doubts: Counter[str] = Counter()
        found = mails_in(stream.read, mark.offset, doubts)
        if mark.known:
            next(found, None)
        cut_off = False
        mail: RawMail | None = None
        for mail in found:
            if doubts:
                batch.count(doubts)
            if batch.full:
                mark = mark.moved(stream, offset=mail.start, count=mark.count + len(batch))
                yield batch.page(mark.cursor(), Progress(mark.disk, stream.size, "bytes"))
            cut_off = not self._add(mail, batch, stream)
        batch.count(doubts)
        problem = stream.damage or ("it ends within the headers of an email" if cut_off else None)
        if mail is not None:
            mark = mark.moved(
                stream,
                offset=mail.start,
                count=mark.count + len(batch),
                known=mail.defect != FILE_ENDS_IN_HEADERS,
                finished=problem is None,
            )
        if batch:
            yield batch.page(mark.cursor(), Progress(mark.disk, stream.size, "bytes"))
        if problem:
            raise self._in_part(problem, mark)

    def _add(self, mail: RawMail, batch: FileBatch, stream: Stream) -> bool:
        """Add an email; return False if the file ends before it can be read."""
        cut_off = mail.defect == FILE_ENDS_IN_HEADERS
        if cut_off and stream.damage:
            return False
        place = f"{self.path.name}, byte {mail.start}"
        read = batch.add(
            mail.head,
            place,
            folder=self.folder,
            labels=self.labels,
            defect=mail.defect,
            plain_label=self.plain_label,
        )
        return read or not cut_off

    def _in_part(self, problem: str, mark: FileBookmark) -> GiveUpError:
        return GiveUpError(
            self.mailbox,
            f"{self.path} was read up to email {mark.count} (byte {mark.disk} on disk): {problem}.",
            "Emails read so far are stored. Copy or export the file again, then import it again.",
        )
