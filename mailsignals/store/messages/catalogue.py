"""The SQLite file of a store: cursors, manifest and newest pages, changed together or not at all."""

import contextlib
import datetime as dt
import os
import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Self

import polars as pl

from connectors.base import Connector, Cursor, Page
from mailsignals.schema import INSTANT
from mailsignals.store.messages import table_digests, table_version
from mailsignals.store.messages.connections import check_for_use, connect_for_writing, connect_snapshot
from mailsignals.store.messages.digests import damaged_file, digest
from mailsignals.store.messages.errors import CATALOGUE, missing_store
from mailsignals.store.messages.fingerprints import Hashes
from mailsignals.store.messages.manifest import Manifest, as_keys
from mailsignals.store.messages.reading_counts import SOURCE_COLUMNS, ReadingCounts
from mailsignals.store.messages.skipped import SkippedMail, storable_text
from mailsignals.store.messages.sqlite_time import to_microseconds
from mailsignals.store.tables.deliveries import Deliveries
from mailsignals.store.tables.dismissals import Dismissals

FILE = CATALOGUE

SOURCES_SCHEMA = pl.Schema(
    {
        **SOURCE_COLUMNS,
        "messages": pl.Int64(),
        "done": pl.Int64(),
        "total": pl.Int64(),
        "unit": pl.String(),
        "last_committed_at": INSTANT,
    }
)
SKIPPED_SCHEMA = pl.Schema({**SOURCE_COLUMNS, "place": pl.String(), "reason": pl.String()})


class Catalogue(Manifest):
    """An open catalogue; all changes must be made inside ``transaction``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.aside = SkippedMail(connection)
        self.reading = ReadingCounts(connection)
        self.deliveries = Deliveries(connection)
        self.dismissals = Dismissals(connection)

    @classmethod
    def for_writing(cls, folder: Path) -> Self:
        """Open the catalogue; create it if it is missing, and run pending migrations."""
        # Callers with several threads must serialise them.
        connection = connect_for_writing(folder / FILE, many_threads=True)
        try:
            table_version.check_version(connection, name=str(folder))
            if table_version.version(connection) == 0:
                # Pages are short-lived blobs of about 100 kB; both settings must precede the first table.
                connection.execute("PRAGMA page_size = 16384")
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            table_version.migrate(connection)
            connection.follow()
        except BaseException:
            connection.close()
            raise
        return cls(connection)

    @classmethod
    def for_reading(cls, folder: Path) -> Self:
        """Open a snapshot of the catalogue; later commits are invisible."""
        path = folder / FILE
        try:
            return cls(connect_snapshot(folder, f"{path.resolve().as_uri()}?mode=rw"))
        except sqlite3.OperationalError:
            # SQLite creates the files of its write-ahead log, and fails without write permission.
            # Without a log, the file alone is complete.
            log = folder / f"{FILE}-wal"
            if os.access(folder, os.W_OK) or (log.exists() and log.stat().st_size):
                raise
            return cls(connect_snapshot(folder, f"{path.resolve().as_uri()}?immutable=1"))

    @classmethod
    def for_notes(cls, folder: Path, *, patience_seconds: float = 30) -> Self:
        """Open an up-to-date catalogue to record runs and feedback, at the same time as a writer of messages.

        Args:
            folder: the store.
            patience_seconds: the time to wait for a short change of another program.
        """
        if not (folder / FILE).is_file():
            raise missing_store(folder)
        connection = connect_for_writing(folder / FILE, patience_seconds=patience_seconds)
        try:
            check_for_use(connection, folder)
            connection.follow()
        except BaseException:
            connection.close()
            raise
        return cls(connection)

    def _file(self) -> Path:
        return Path(self.sql.execute("PRAGMA database_list").fetchone()[2])

    def refuse_change(self) -> None:
        """Refuse a catalogue whose tables about mail aren't as they were written.

        Raises:
            UserError: names the file, with a remedy.
        """
        if table_version.version(self.sql) < table_version.DIGESTS:
            return
        changed = table_digests.changed_tables(self.sql, table_digests.ABOUT_MAIL)
        if changed:
            raise damaged_file(self._file(), f"is damaged: its table {changed[0]} is not what was written")

    def close(self) -> None:
        """Close the file."""
        self.sql.close()

    @contextlib.contextmanager
    def transaction(self, *, durable: bool) -> Iterator[None]:
        """Make all changes in the block, or none of them.

        A power cut may undo the last transactions that aren't durable, pages together with their cursors, which are
        then read again. A change of the manifest must be durable before a file that it no longer names is removed.
        """
        self.sql.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        self.sql.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.sql.execute("COMMIT")
        except BaseException:
            if self.sql.in_transaction:
                self.sql.execute("ROLLBACK")
            raise

    def revision(self) -> int:
        """Return the number of the last change of the messages."""
        (number,) = self.sql.execute("SELECT revision FROM state").fetchone()
        return int(number)

    def new_revision(self, at: dt.datetime) -> None:
        """Record a change of the messages; the number follows the time, so that a power cut never repeats one."""
        self.sql.execute("UPDATE state SET revision = max(revision + 1, ?)", (to_microseconds(at),))

    def hashing(self) -> str:
        """Return the name of the content hash in all rows."""
        (name,) = self.sql.execute("SELECT hashing FROM state").fetchone()
        return str(name)

    def name_hashing(self, name: str) -> None:
        """Record that all rows have this content hash."""
        self.sql.execute("UPDATE state SET hashing = ?", (name,))

    def rules(self) -> int:
        """Return the version of the reading rules of all rows."""
        (number,) = self.sql.execute("SELECT rules FROM state").fetchone()
        return int(number)

    def name_rules(self, number: int, *, changed: bool) -> None:
        """Record durably the version of the reading rules of all rows; ``changed`` rows make a revision."""
        self.sql.execute("UPDATE state SET rules = ?, revision = revision + ?", (number, changed))

    def subjects(self) -> str:
        """Return the privacy rule that all stored subjects comply with."""
        (rule,) = self.sql.execute("SELECT subjects FROM state").fetchone()
        return str(rule)

    def name_subjects(self, rule: str, *, at: dt.datetime | None = None) -> None:
        """Record the privacy rule of subjects; ``at`` makes a new revision, because stored subjects changed."""
        self.sql.execute("UPDATE state SET subjects = ?", (rule,))
        if at is not None:
            self.new_revision(at)

    def cursor(self, provider: str, mailbox: str, source: str) -> Cursor | None:
        """Return the bookmark after the last page of the source; None if there is none."""
        key = (provider, mailbox, storable_text(source))
        row = self.sql.execute(
            "SELECT cursor FROM source WHERE (provider, mailbox, source) = (?, ?, ?)", key
        ).fetchone()
        return None if row is None or row[0] is None else Cursor(row[0])

    def move_cursor(
        self, connector: Connector, page: Page, *, added: int, gone: Collection[str], at: dt.datetime
    ) -> None:
        """Record the cursor after a page and its skipped emails; ``gone`` are stored ids that are removed."""
        key = (connector.provider, connector.mailbox, storable_text(connector.source))
        progress = page.progress
        self.sql.execute(
            "INSERT INTO source VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (provider, mailbox, source) DO UPDATE"
            " SET cursor = excluded.cursor, messages = messages + excluded.messages, done = excluded.done,"
            " total = excluded.total, unit = excluded.unit, committed_at = excluded.committed_at",
            (*key, page.cursor, added, progress.done, progress.total, progress.unit, to_microseconds(at)),
        )
        self.aside.take_back(key, page.messages["provider_id"].to_list())
        self.aside.put(key, page.skipped, at=at)
        self.aside.leave(key, gone, at=at)
        self.sql.execute(
            "UPDATE mailbox SET starts = 0, noted = NULL WHERE (provider, mailbox) = (?, ?) AND starts > 0",
            key[:2],
        )
        self.reading.add(key, page)

    def forget_cursor(self, provider: str, mailbox: str, source: str) -> None:
        """Drop the cursor and the skipped emails of a source, so that it starts again; its messages stay."""
        key = (provider, mailbox, storable_text(source))
        self.sql.execute("UPDATE source SET cursor = NULL WHERE (provider, mailbox, source) = (?, ?, ?)", key)
        self.sql.execute("DELETE FROM skipped WHERE (provider, mailbox, source) = (?, ?, ?)", key)
        self.reading.forget(key)

    def add_page(
        self, source: Connector, messages: bytes, *, rows: int, rewritten: Hashes, at: dt.datetime
    ) -> None:
        """Store the new rows of a page of a source, and make a new revision."""
        self.sql.execute(
            "INSERT INTO page (rows, rewritten, messages, digest, provider, mailbox) VALUES (?, ?, ?, ?, ?, ?)",
            (rows, rewritten.tobytes(), messages, digest(messages), source.provider, source.mailbox),
        )
        self.new_revision(at)

    def pages(self) -> tuple[list[bytes], Hashes]:
        """Return the pages that aren't in a segment yet, oldest first, and the keys that they rewrite.

        Raises:
            UserError: a page isn't what was written.
        """
        rows = self.sql.execute("SELECT messages, rewritten, digest FROM page ORDER BY page").fetchall()
        if any(digest(messages) != expected for messages, _, expected in rows):
            raise damaged_file(self._file(), "is damaged: the newest emails in it aren't what was written")
        return [row[0] for row in rows], as_keys(b"".join(row[1] for row in rows))

    def unfolded(self) -> tuple[int, int]:
        """Return the number of pages that aren't in a segment yet, and the number of their rows."""
        pages, rows = self.sql.execute("SELECT count(*), coalesce(sum(rows), 0) FROM page").fetchone()
        return int(pages), int(rows)

    def shrink(self) -> None:
        """Return the space of folded pages to the disk."""
        self.sql.execute("PRAGMA incremental_vacuum").fetchall()

    def sources(self) -> pl.DataFrame:
        """Return every source that was ever read, in ``SOURCES_SCHEMA``."""
        return self._frame(
            "SELECT provider, mailbox, source, messages, done, total, unit, committed_at FROM source ORDER BY 1, 2, 3",
            SOURCES_SCHEMA,
        )

    def skipped(self) -> pl.DataFrame:
        """Return the skipped emails in ``SKIPPED_SCHEMA``, one row per email."""
        return self._frame(
            "SELECT provider, mailbox, source, place, reason FROM skipped ORDER BY 1, 2, 3, 4", SKIPPED_SCHEMA
        )

    def _frame(self, query: str, schema: pl.Schema) -> pl.DataFrame:
        return pl.DataFrame(self.sql.execute(query).fetchall(), schema=schema, orient="row")
