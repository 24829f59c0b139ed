"""Plan of the benchmarks: groups of stages, and targets."""

import dataclasses
from typing import Literal


@dataclasses.dataclass(frozen=True)
class Named:
    """A stage and its label in tables."""

    stage: str
    """``module:function`` of this package."""
    label: str


@dataclasses.dataclass(frozen=True)
class Group:
    """Stages that run in turn, A B C A B C, so that a disturbance affects neighbours alike."""

    title: str
    rounds: int
    stages: tuple[Named, ...]


@dataclasses.dataclass(frozen=True)
class Target:
    """Target for the ratio of processor seconds of two stages in one group."""

    stage: str
    than: str
    bound: Literal["at most", "at least"]
    times: float
    label: str


GROUPS = (
    Group(
        "Messages to touches",
        2,
        (
            Named("engine:scan_messages", "read the messages, nothing else"),
            Named("engine:touches", "messages to touches: copies, accounts, threads, links"),
        ),
    ),
    Group(
        "All signals as of one time",
        3,
        (
            Named("engine:scan_touches", "read the touches' columns, nothing else"),
            Named("engine:scan", "read the columns of touches and links, nothing else"),
            Named("engine:turns_of_touches", "touches to turns"),
            Named("engine:signals_one", "mailsignals"),
            Named("duckdb_signals:partitioned_one", "DuckDB, PARTITION BY thread"),
            Named("duckdb_signals:sorted_one", "DuckDB, lag() OVER () on the sorted file"),
            Named("frames:one", "pandas"),
        ),
    ),
    Group(
        "All signals as of 78 weekly times",
        2,
        (
            Named("engine:signals_one", "mailsignals, one instant"),
            Named("engine:signals_weekly", "mailsignals"),
            Named("duckdb_signals:sorted_weekly", "DuckDB, lag() OVER () on the sorted file"),
            Named("frames:weekly", "pandas"),
        ),
    ),
    Group(
        "Service level agreements",
        3,
        (
            Named("engine:signals_one", "mailsignals, signals as of one time"),
            Named("sla_load:by_tier", "mailsignals, compliance by tier of two years, three calendars"),
        ),
    ),
    Group(
        "Business hours and due times of 100,000 responses",
        3,
        (
            Named("sla_load:row_by_row", "row by row in Python"),
            Named("sla_load:looked_up", "mailsignals"),
        ),
    ),
    Group(
        "Training on churn dates",
        1,
        (
            Named("engine:signals_one", "all signals as of one time"),
            Named("learning:weekly_snapshots", "features at 104 weekly snapshots"),
            Named("learning:judge_and_fit", "evaluate the candidates and fit the chosen one"),
        ),
    ),
    Group(
        "Import of an mbox",
        3,
        (
            Named("mailbox:parse_headers", "BytesHeaderParser over the same headers, nothing else"),
            Named("mailbox:import_mbox", "mailsignals: find, read, commit"),
        ),
    ),
    Group(
        "Import of a folder of 8,000 single emails",
        3,
        (
            Named("mailbox:read_single_mails", "read the headers of every file, nothing else"),
            Named("mailbox:import_single_mails", "mailsignals: find, read, commit"),
        ),
    ),
    Group(
        "Store",
        3,
        (
            Named("storing:sqlite_pages", "pages of 500 as SQLite rows, with a concurrent reader"),
            Named("storing:store_pages", "pages of 500 into the store, with a concurrent reader"),
            Named("storing:compact", "compact the store"),
            Named("storing:load_sqlite", "load all SQLite rows"),
            Named("storing:load_store", "load the compacted store"),
        ),
    ),
    Group(
        "Start",
        5,
        (
            Named("starting:polars", "import polars, nothing else"),
            Named("starting:version", "mailsignals --version"),
            Named("starting:list_commands", "mailsignals --help"),
            Named("starting:list_flags", "mailsignals flag, 40 accounts"),
            Named("starting:show_status", "mailsignals status, 40 accounts"),
            Named("starting:read_order", "a job, until it has read its request"),
        ),
    ),
)

PARTS = (
    Named("engine:touches_parts", "messages to touches"),
    Named("engine:signals_weekly_parts", "signals as of 78 times"),
)
"""Stages that run once more under a profiler, which shows the time by function."""

TARGETS = (
    Target("frames:one", "engine:signals_one", "at least", 10, "pandas against mailsignals, one time"),
    Target(
        "duckdb_signals:partitioned_one",
        "engine:signals_one",
        "at least",
        4.5,
        "DuckDB by thread against mailsignals",
    ),
    Target(
        "duckdb_signals:sorted_one",
        "engine:signals_one",
        "at least",
        2,
        "DuckDB on the sorted file against mailsignals",
    ),
    Target("engine:signals_one", "engine:scan", "at most", 5, "mailsignals, one time, against reading"),
    Target("engine:signals_weekly", "engine:signals_one", "at most", 15, "78 times against one"),
    Target(
        "learning:weekly_snapshots", "engine:signals_one", "at most", 20, "104 snapshots against one time"
    ),
    Target(
        "learning:judge_and_fit",
        "learning:weekly_snapshots",
        "at most",
        1,
        "evaluating and fitting against the features",
    ),
    Target(
        "duckdb_signals:sorted_weekly",
        "engine:signals_weekly",
        "at least",
        4,
        "DuckDB against mailsignals, 78 times",
    ),
    Target(
        "sla_load:by_tier",
        "engine:signals_one",
        "at most",
        3,
        "compliance by tier against signals as of one time",
    ),
    Target(
        "sla_load:row_by_row",
        "sla_load:looked_up",
        "at least",
        20,
        "business hours row by row against mailsignals",
    ),
    Target("mailbox:import_mbox", "mailbox:parse_headers", "at most", 3, "import against BytesHeaderParser"),
    Target(
        "mailbox:import_single_mails",
        "mailbox:read_single_mails",
        "at most",
        3,
        "import of single emails against the reader alone",
    ),
    Target(
        "storing:sqlite_pages",
        "storing:store_pages",
        "at least",
        2.5,
        "SQLite rows against the store, writing",
    ),
    Target(
        "storing:load_sqlite", "storing:load_store", "at least", 10, "SQLite rows against the store, loading"
    ),
    Target("starting:version", "starting:polars", "at most", 1.7, "--version against importing polars"),
    Target("starting:list_commands", "starting:polars", "at most", 1.7, "--help against importing polars"),
    Target("starting:list_flags", "starting:polars", "at most", 5, "flag against importing polars"),
    Target("starting:read_order", "starting:polars", "at most", 5, "starting a job against importing polars"),
)
