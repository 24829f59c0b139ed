"""What is measured, in which company, and what it should come to."""

import dataclasses
from typing import Literal


@dataclasses.dataclass(frozen=True)
class Named:
    """A stage and what the table calls it."""

    stage: str
    """``module:function`` of this package."""
    label: str


@dataclasses.dataclass(frozen=True)
class Group:
    """Stages that run in turn, A B C A B C, so that what disturbs one disturbs its neighbours too."""

    title: str
    rounds: int
    stages: tuple[Named, ...]


@dataclasses.dataclass(frozen=True)
class Target:
    """How many times the processor seconds of another stage of its group a stage should take."""

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
        "All signals at one instant",
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
        "All signals at 78 weekly instants",
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
            Named("engine:signals_one", "mailsignals, signals at one instant"),
            Named("sla_load:by_tier", "mailsignals, compliance by tier of two years, three calendars"),
        ),
    ),
    Group(
        "Open hours and due times of 100,000 cases",
        3,
        (
            Named("sla_load:row_by_row", "row by row in Python"),
            Named("sla_load:looked_up", "mailsignals"),
        ),
    ),
    Group(
        "Learning from departures",
        1,
        (
            Named("engine:signals_one", "all signals at one instant"),
            Named("learning:weekly_snapshots", "features at 104 weekly snapshots"),
            Named("learning:judge_and_fit", "judge the candidates and fit the chosen one"),
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
        "Import of a folder of 8,000 single mails",
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
            Named("storing:sqlite_pages", "pages of 500 as SQLite rows, a reader beside"),
            Named("storing:store_pages", "pages of 500 into the store, a reader beside"),
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
            Named("starting:read_order", "a job, until it has read its order"),
        ),
    ),
)

PARTS = (
    Named("engine:touches_parts", "messages to touches"),
    Named("engine:signals_weekly_parts", "signals at 78 instants"),
)
"""Run once more under a profiler, to see where the time goes."""

TARGETS = (
    Target("frames:one", "engine:signals_one", "at least", 10, "pandas against mailsignals, one instant"),
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
    Target("engine:signals_one", "engine:scan", "at most", 5, "mailsignals, one instant, against reading"),
    Target("engine:signals_weekly", "engine:signals_one", "at most", 15, "78 instants against one"),
    Target(
        "learning:weekly_snapshots", "engine:signals_one", "at most", 20, "104 snapshots against one instant"
    ),
    Target(
        "learning:judge_and_fit",
        "learning:weekly_snapshots",
        "at most",
        1,
        "judging and fitting against the features",
    ),
    Target(
        "duckdb_signals:sorted_weekly",
        "engine:signals_weekly",
        "at least",
        4,
        "DuckDB against mailsignals, 78 instants",
    ),
    Target(
        "sla_load:by_tier",
        "engine:signals_one",
        "at most",
        3,
        "compliance by tier against signals at one instant",
    ),
    Target(
        "sla_load:row_by_row",
        "sla_load:looked_up",
        "at least",
        20,
        "open hours row by row against mailsignals",
    ),
    Target("mailbox:import_mbox", "mailbox:parse_headers", "at most", 3, "import against BytesHeaderParser"),
    Target(
        "mailbox:import_single_mails",
        "mailbox:read_single_mails",
        "at most",
        3,
        "import of single mails against the reader alone",
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
