"""The store compared with rows in SQLite: writing pages of 500 with a concurrent reader, and loading all rows.

The store receives pages as frames from connectors, SQLite as tuples that are ready to write.
"""

import dataclasses
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.files import MESSAGES
from benchmarks.measure import Figures
from benchmarks.reading import Reader
from connectors.base import MESSAGE_SCHEMA, Cursor, Page, Progress
from mailsignals import clock
from mailsignals.store import Store

ROWS, PAGE, REDELIVERED = 200_000, 500, 10
"""Rows, rows per page, and rows of each page that the previous one contains, because connectors may redeliver."""
ROWS_A_MAILBOX = 25_000
STORE, SQLITE = "stored", "rows.sqlite"

Row = tuple[Any, ...]

_LISTS = [name for name, dtype in MESSAGE_SCHEMA.items() if dtype == pl.List(pl.String)]
_KEYS = ["provider", "mailbox", "provider_id"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Arriving:
    """A mailbox without content, because the pages are prepared."""

    mailbox: str
    provider: str = "gmail"
    source: str = "all"

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """Return no pages, because only their storage is measured."""
        del cursor
        yield from ()


def store_pages(folder: Path) -> Callable[[], Figures]:
    """Return a stage that commits pages to a new store while a second process reads from it."""
    shutil.rmtree(folder / STORE, ignore_errors=True)
    pages = _pages(folder)

    def run() -> Figures:
        with Store.open(folder / STORE, mode="write") as store, Reader("store", folder / STORE) as reader:
            for number, rows in enumerate(pages):
                progress = Progress(number, len(pages), "messages")
                page = Page(messages=rows, cursor=Cursor(str(number)), progress=progress)
                store.commit(Arriving(mailbox=rows["mailbox"][0]), page, at=clock.now())
        return reader.figures | {"bytes per row": _size(folder / STORE) / ROWS}

    return run


def sqlite_pages(folder: Path) -> Callable[[], Figures]:
    """Return a stage that upserts rows and the cursor in one transaction per page, with the same reader."""
    for path in folder.glob(f"{SQLITE}*"):
        path.unlink()
    pages = [[_flat(row) for row in page.iter_rows()] for page in _pages(folder)]
    names = MESSAGE_SCHEMA.names()
    told = ", ".join(f"{name} = excluded.{name}" for name in _quoted(names))
    upsert = f"INSERT INTO messages VALUES ({', '.join('?' * len(names))}) ON CONFLICT DO UPDATE SET {told}"

    def run() -> Figures:
        connection = sqlite3.connect(folder / SQLITE, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(
            f"CREATE TABLE messages ({', '.join(_quoted(names))}, PRIMARY KEY ({', '.join(_KEYS)}))"
        )
        connection.execute("CREATE TABLE cursors (mailbox PRIMARY KEY, cursor)")
        with Reader("sqlite", folder / SQLITE) as reader:
            for number, rows in enumerate(pages):
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(upsert, rows)
                connection.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?)", (rows[0][0], str(number)))
                connection.execute("COMMIT")
        connection.close()
        return reader.figures | {"bytes per row": (folder / SQLITE).stat().st_size / ROWS}

    return run


def compact(folder: Path) -> Figures:
    """Merge the store's pages and segments into few files; return its bytes per row."""
    with Store.open(folder / STORE, mode="write") as store:
        store.compact()
    # Opening the store again removes unreferenced files.
    Store.open(folder / STORE, mode="write").close()
    return {"bytes per row": _size(folder / STORE) / ROWS}


def load_store(folder: Path) -> Figures:
    """Load all messages of the compacted store as a frame; return the number of rows."""
    with Store.open(folder / STORE, mode="read") as store:
        return {"rows": store.messages().collect(engine="streaming").height}


def load_sqlite(folder: Path) -> Figures:
    """Load all rows of the SQLite table as the same frame; return the number of rows."""
    connection = sqlite3.connect(folder / SQLITE)
    rows = connection.execute("SELECT * FROM messages").fetchall()
    connection.close()
    flat = {name: pl.Int64() if name == "sent_at" else pl.String() for name in MESSAGE_SCHEMA}
    frame = pl.DataFrame(rows, schema=flat, orient="row").with_columns(
        pl.col(_LISTS).str.json_decode(pl.List(pl.String)),
        pl.from_epoch("sent_at", time_unit="us").dt.replace_time_zone("UTC"),
    )
    return {"rows": frame.height}


def _pages(folder: Path) -> list[pl.DataFrame]:
    """Return the messages in pages, from eight mailboxes in turn."""
    mailbox = pl.concat_str(pl.lit("box"), (pl.int_range(pl.len()) // ROWS_A_MAILBOX).cast(pl.String))
    messages = pl.scan_parquet(folder / MESSAGES / "*.parquet").head(ROWS).with_columns(mailbox=mailbox)
    frame = messages.select(MESSAGE_SCHEMA.names()).collect()
    starts = range(0, frame.height, PAGE - REDELIVERED)
    return [frame.slice(start, PAGE) for start in starts]


def _flat(row: Row) -> Row:
    """Return a row with values that SQLite can store."""
    values = dict(zip(MESSAGE_SCHEMA, row, strict=True))
    lists = {name: json.dumps(values[name]) for name in _LISTS}
    return tuple((values | lists | {"sent_at": int(values["sent_at"].timestamp() * 1e6)}).values())


def _quoted(names: list[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
