"""The store, against rows in SQLite: pages of 500 with a reader beside, and loading everything.

The store gets its pages as the frames that connectors make, SQLite as tuples that are ready to be written.
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
"""Of each page's 500 rows, 10 were in the page before it: connectors may bring a message twice."""
ROWS_A_MAILBOX = 25_000
STORE, SQLITE = "stored", "rows.sqlite"

Row = tuple[Any, ...]

_LISTS = [name for name, dtype in MESSAGE_SCHEMA.items() if dtype == pl.List(pl.String)]
_KEYS = ["provider", "mailbox", "provider_id"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Arriving:
    """A mailbox that only names itself: the pages are already there."""

    mailbox: str
    provider: str = "gmail"
    source: str = "all"

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """None: what is measured is what happens to pages."""
        del cursor
        yield from ()


def store_pages(folder: Path) -> Callable[[], Figures]:
    """Commit pages to a new store while a second process reads from it."""
    shutil.rmtree(folder / STORE, ignore_errors=True)
    pages = _pages(folder)

    def run() -> Figures:
        with Store.open(folder / STORE, mode="write") as store, Reader("store", folder / STORE) as reader:
            for number, rows in enumerate(pages):
                progress = Progress(number, len(pages), "messages")
                page = Page(messages=rows, cursor=Cursor(str(number)), progress=progress)
                store.commit(Arriving(mailbox=rows["mailbox"][0]), page, at=clock.now())
        return reader.figures | {"bytes a row": _size(folder / STORE) / ROWS}

    return run


def sqlite_pages(folder: Path) -> Callable[[], Figures]:
    """The same as rows: upserts and the cursor in one transaction a page."""
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
        return reader.figures | {"bytes a row": (folder / SQLITE).stat().st_size / ROWS}

    return run


def compact(folder: Path) -> Figures:
    """Put the store's pages and segments into few files."""
    with Store.open(folder / STORE, mode="write") as store:
        store.compact()
    # Opened once more it removes the files that nothing refers to any longer.
    Store.open(folder / STORE, mode="write").close()
    return {"bytes a row": _size(folder / STORE) / ROWS}


def load_store(folder: Path) -> Figures:
    """All messages of the compacted store as a frame."""
    with Store.open(folder / STORE, mode="read") as store:
        return {"rows": store.messages().collect(engine="streaming").height}


def load_sqlite(folder: Path) -> Figures:
    """All rows of the SQLite table as the same frame."""
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
    """The messages in pages, from eight mailboxes one after the other."""
    mailbox = pl.concat_str(pl.lit("box"), (pl.int_range(pl.len()) // ROWS_A_MAILBOX).cast(pl.String))
    messages = pl.scan_parquet(folder / MESSAGES / "*.parquet").head(ROWS).with_columns(mailbox=mailbox)
    frame = messages.select(MESSAGE_SCHEMA.names()).collect()
    starts = range(0, frame.height, PAGE - REDELIVERED)
    return [frame.slice(start, PAGE) for start in starts]


def _flat(row: Row) -> Row:
    """The row as SQLite can hold it."""
    values = dict(zip(MESSAGE_SCHEMA, row, strict=True))
    lists = {name: json.dumps(values[name]) for name in _LISTS}
    return tuple((values | lists | {"sent_at": int(values["sent_at"].timestamp() * 1e6)}).values())


def _quoted(names: list[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
