"""A Parquet file in the interchange format, of any size and of any number of mailboxes."""

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from connectors.base import MESSAGE_SCHEMA, Cursor, GiveUpError, Page, Progress
from connectors.files.bookmark import VERSION, read_cursor
from connectors.files.interchange import cleaned, misfits
from connectors.files.stream import open_stream, source_name

PAGE_ROWS = 50_000
"""How many rows make a page."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Parquet:
    """The messages of one Parquet file; each row says whose it is and where it comes from."""

    path: Path
    mailbox: str
    """Whose the rows are that name no mailbox."""

    @property
    def provider(self) -> str:
        """Always ``parquet``; the messages have the providers that the file says."""
        return "parquet"

    @property
    def source(self) -> str:
        """The path of the file."""
        return source_name(self.path)

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """The rows after ``cursor``, 50,000 a page; of a file that is another one by now, all of them.

        Raises:
            GiveUpError: the file cannot be read, is damaged, or its columns are not those of messages.
        """
        with open_stream(self.path, self.mailbox) as stream:
            fingerprint = stream.fingerprint(stream.size)
        row = _row_after(cursor, fingerprint)
        with self._explained():
            rows = pl.scan_parquet(self.path, glob=False)
            schema = rows.collect_schema()
            problems, names = misfits(schema), [name for name in MESSAGE_SCHEMA if name in schema]
            total = rows.select(pl.len()).collect().item()
        if problems:
            raise GiveUpError(
                self.mailbox,
                f"{self.path} does not hold messages: {'; '.join(problems)}.",
                "Write it with these columns and types; connectors/README.md lists all of them.",
            )
        while row < total:
            with self._explained():
                some = rows.select(names).slice(row, PAGE_ROWS).collect(engine="streaming")
            messages, skipped, defects = cleaned(some, mailbox=self.mailbox, first_row=row)
            row = min(row + PAGE_ROWS, total)
            fields = {"version": VERSION, "fingerprint": fingerprint, "row": row}
            yield Page(
                messages=messages,
                cursor=Cursor(json.dumps(fields, sort_keys=True)),
                progress=Progress(row, total, "messages"),
                skipped=tuple(skipped),
                defects=defects,
            )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what polars says about a broken file into what the user can do about it."""
        try:
            yield
        except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise GiveUpError(
                self.mailbox,
                f"{self.path} cannot be read as Parquet, it is cut off, damaged or something else "
                f"({str(error).splitlines()[0] if str(error) else type(error).__name__}).",
                "Copy or export it again, then import it once more.",
            ) from error


def _row_after(cursor: Cursor | None, fingerprint: str) -> int:
    """The row to go on at; the first where the cursor is of another file."""
    fields = read_cursor(cursor)
    return int(fields["row"]) if fields is not None and fields.get("fingerprint") == fingerprint else 0
