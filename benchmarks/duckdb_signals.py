"""Signals in DuckDB: ``signals.sql`` over the touches file, with two ways to order the rows of a thread."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from benchmarks.company import ACCOUNTS, AS_OF, REPLY_HORIZON, WEEKLY, targets
from benchmarks.files import LINKS, TOUCHES
from benchmarks.measure import Figures

PARTITIONED = "PARTITION BY account, thread ORDER BY row"
"""The common form of the window."""
SORTED = ""
"""An empty window in the order of the file, which DuckDB keeps, so that rows are streamed."""

_SQL = Path(__file__).with_name("signals.sql")


def partitioned_one(folder: Path) -> Figures:
    """Compute all signals as of one time, with windows by thread; return the number of rows."""
    return {"rows": signals(folder, [AS_OF], neighbours=PARTITIONED).height}


def sorted_one(folder: Path) -> Figures:
    """Compute all signals as of one time, with windows over the sorted file; return the number of rows."""
    return {"rows": signals(folder, [AS_OF], neighbours=SORTED).height}


def sorted_weekly(folder: Path) -> Figures:
    """Compute all signals as of 78 weekly times, with windows over the sorted file; return the number of rows."""
    return {"rows": signals(folder, WEEKLY, neighbours=SORTED).height}


def signals(folder: Path, as_ofs: Sequence[dt.datetime], *, neighbours: str) -> pl.DataFrame:
    """Return the signals by account, as-of time and window, in any order."""
    instants = [int(moment.timestamp()) * 1_000_000 for moment in as_ofs]
    rules = targets().to_arrow()
    with duckdb.connect() as connection:
        connection.register("targets", rules)
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TEMP TABLE accounts AS SELECT range AS account FROM range({ACCOUNTS})")
        connection.execute("CREATE TEMP TABLE instants AS SELECT unnest($1::BIGINT[]) AS as_of", [instants])
        connection.execute(_views(folder, last=max(instants), number_rows=neighbours == PARTITIONED))
        connection.execute(_statements(neighbours))
        found = connection.sql(
            "SELECT * REPLACE (make_timestamptz(as_of) AS as_of, account::UINTEGER AS account) FROM signals"
        )
        return pl.DataFrame(found.to_arrow_table())


def _statements(neighbours: str) -> str:
    horizon = REPLY_HORIZON // dt.timedelta(microseconds=1)
    return (
        _SQL.read_text("utf-8")
        .replace("OVER (neighbours", f"OVER ({neighbours}")
        .replace("$horizon", str(horizon))
    )


def _views(folder: Path, *, last: int, number_rows: bool) -> str:
    """Return statements that create views of both files, with times in microseconds, up to the last as-of time."""
    row = "file_row_number" if number_rows else "0"
    return f"""
        CREATE TEMP VIEW touches AS
        SELECT account, thread, epoch_us(sent_at) AS sent_at, outbound, role, person, urgent, {row} AS row
        FROM read_parquet('{folder / TOUCHES}', file_row_number = TRUE)
        WHERE sent_at <= make_timestamptz({last});
        CREATE TEMP VIEW links AS
        SELECT account, epoch_us(sent_at) AS sent_at, epoch_us(previous_at) AS previous_at,
            epoch_us(stored_at) AS stored_at
        FROM read_parquet('{folder / LINKS}')
        WHERE sent_at <= make_timestamptz({last});
    """
