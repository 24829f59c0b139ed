"""A Parquet file in the interchange format, of any size and of any number of mailboxes."""

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from connectors.base import MESSAGE_SCHEMA, Cursor, GiveUpError, Page, Progress
from connectors.files.bookmark import VERSION, read_cursor
from connectors.files.interchange import clean_rows, cut_rows, misfits
from connectors.files.parquet_pages import BUDGET, PagesError, row_sizes
from connectors.files.stream import open_stream, source_name

PAGE_ROWS = 50_000
"""Largest number of rows per page."""

_AGAIN = "Copy or export it again, then import it again."


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Parquet:
    """The messages of one Parquet file; each row names its mailbox and its provider."""

    path: Path
    mailbox: str
    """The mailbox of rows that name none."""

    @property
    def provider(self) -> str:
        """The kind of source, always ``parquet``; its messages have the providers that the file names."""
        return "parquet"

    @property
    def source(self) -> str:
        """The path of the file."""
        return source_name(self.path)

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """Yield the rows after ``cursor``, at most 50,000 per page; all rows if the file has changed.

        Memory stays bounded whatever the file holds: values are cut to the limits of headers, few rows at a time.

        Raises:
            GiveUpError: the file can't be read, is damaged, its columns aren't those of messages, or one page of it is
                larger than any mail needs.
        """
        with open_stream(self.path, self.mailbox) as stream:
            fingerprint = stream.fingerprint(stream.size)
        row = _row_after(cursor, fingerprint)
        with self._explained():
            rows = pl.scan_parquet(self.path, glob=False)
            schema = rows.collect_schema()
            problems, names = misfits(schema), [name for name in MESSAGE_SCHEMA if name in schema]
            total = rows.select(pl.len()).collect().item()
            sizes = row_sizes(self.path, names)
        if problems:
            raise GiveUpError(
                self.mailbox,
                f"{self.path} is not in the interchange format: {'; '.join(problems)}.",
                "Write these columns with these types; connectors/README.md lists all columns.",
            )
        while row < total:
            with self._explained():
                some = rows.select(names).slice(row, sizes.rows_from(row, most=PAGE_ROWS))
                cut = cut_rows(some.collect(engine="streaming"))
            if cut.is_empty():
                raise self._broken("it has fewer rows than it claims")
            for part in _small_parts(cut):
                messages, skipped, defects = clean_rows(part, mailbox=self.mailbox, first_row=row)
                row += part.height
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
        """Turn an error of polars about a broken file into a ``GiveUpError`` with a remedy."""
        try:
            yield
        except PagesError as error:
            raise GiveUpError(
                self.mailbox, f"{self.path} {error}.", "Export it again, then import it again."
            ) from error
        except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise self._broken(str(error).splitlines()[0] if str(error) else type(error).__name__) from error

    def _broken(self, why: str) -> GiveUpError:
        return GiveUpError(
            self.mailbox,
            f"{self.path} is not a readable Parquet file; it may be cut off or damaged ({why}).",
            _AGAIN,
        )


def _small_parts(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield rows in parts that are small when their values are written out, although equal ones share memory."""
    if rows.height > 1 and rows.estimated_size() > BUDGET:
        half = rows.height // 2
        yield from _small_parts(rows.head(half))
        yield from _small_parts(rows.tail(-half))
    else:
        yield rows


def _row_after(cursor: Cursor | None, fingerprint: str) -> int:
    """The row to continue at; the first one if the cursor belongs to another file."""
    fields = read_cursor(cursor)
    return int(fields["row"]) if fields is not None and fields.get("fingerprint") == fingerprint else 0
