"""The catalogue's tables, in numbered steps that ``table_version`` runs."""

import sqlite3
from collections.abc import Callable
from typing import TypeAlias

from mailsignals.store.messages import table_digests
from mailsignals.store.messages.digests import digest
from mailsignals.store.messages.first_tables import INITIAL, MAILBOXES
from mailsignals.store.messages.reading_counts import SIGN_TABLE
from mailsignals.store.messages.upgrade import mailbox_of, with_dated_at

Step: TypeAlias = Callable[[sqlite3.Connection], None]


def _run(catalogue: sqlite3.Connection, script: str) -> None:
    """Execute statements one by one; ``executescript`` would commit earlier ones."""
    for statement in script.split(";"):
        catalogue.execute(statement)


def m001_initial(catalogue: sqlite3.Connection) -> None:
    """Create the tables of the store's state, sources with cursors, pages, segments, skipped mail and defects."""
    _run(catalogue, INITIAL)


def m002_mailboxes(catalogue: sqlite3.Connection) -> None:
    """Create the tables of mailboxes, suspect and removed messages, and runs; skipped mail gets a time to try again."""
    _run(catalogue, MAILBOXES)


def m003_dismissals(catalogue: sqlite3.Connection) -> None:
    """Create the table of dismissals: tickets marked as needing no answer, identified by the email that opened them."""
    catalogue.execute(_DISMISSALS)


_DISMISSALS = """
CREATE TABLE dismissal (
    account_id TEXT NOT NULL, sender TEXT NOT NULL, sent_at INTEGER NOT NULL, message_id TEXT,
    dismissed_at INTEGER NOT NULL, dismissed_by TEXT NOT NULL, note TEXT,
    PRIMARY KEY (account_id, sender, sent_at, dismissed_at)
) WITHOUT ROWID
"""


def m004_flags(catalogue: sqlite3.Connection) -> None:
    """Create the tables of daily scores of every account, and of feedback on accounts at risk."""
    _run(catalogue, _FLAGS)


_FLAGS = """
CREATE TABLE score (
    scored_on INTEGER NOT NULL, account_id TEXT NOT NULL, scored_at INTEGER NOT NULL, state TEXT NOT NULL,
    level TEXT, score REAL, risk REAL, source TEXT NOT NULL, held_back INTEGER,
    PRIMARY KEY (scored_on, account_id)
) WITHOUT ROWID;
CREATE TABLE feedback (
    account_id TEXT NOT NULL, given_at INTEGER NOT NULL, given_by TEXT NOT NULL, kind TEXT NOT NULL,
    until TEXT, churned_on INTEGER, note TEXT,
    PRIMARY KEY (account_id, given_at)
) WITHOUT ROWID
"""


def m005_deliveries(catalogue: sqlite3.Connection) -> None:
    """Create the table of deliveries: recipient, day, state and attempts."""
    catalogue.execute(_DELIVERIES)


_DELIVERIES = """
CREATE TABLE delivery (
    kind TEXT NOT NULL, recipient TEXT NOT NULL, due_on INTEGER NOT NULL, message_id TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL, claimed_at INTEGER, ended_at INTEGER, next_try_at INTEGER,
    problem TEXT,
    PRIMARY KEY (kind, recipient, due_on)
) WITHOUT ROWID
"""


def m006_runs(catalogue: sqlite3.Connection) -> None:
    """Rebuild the table of runs: with a due time and an outcome, and with unfinished runs."""
    _run(catalogue, _RUNS)


_RUNS = """
ALTER TABLE run RENAME TO run_before;
CREATE TABLE run (
    run INTEGER PRIMARY KEY, kind TEXT NOT NULL, due_at INTEGER, started_at INTEGER NOT NULL, ended_at INTEGER,
    how TEXT, outcome TEXT NOT NULL
);
INSERT INTO run SELECT run, kind, NULL, started_at, ended_at, 'done', outcome FROM run_before;
DROP TABLE run_before;
CREATE INDEX run_by_kind ON run (kind, run)
"""


def m007_keeping(catalogue: sqlite3.Connection) -> None:
    """Create the tables of erased people, and columns for the retention's start and for pending wiping."""
    _run(catalogue, _KEEPING)


_KEEPING = """
ALTER TABLE state ADD COLUMN kept_since INTEGER;
ALTER TABLE state ADD COLUMN wipe INTEGER NOT NULL DEFAULT 0;
CREATE TABLE forgotten (
    hash BLOB PRIMARY KEY, token TEXT NOT NULL, forgotten_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE hushed (mark INTEGER PRIMARY KEY)
"""


def m008_alerts(catalogue: sqlite3.Connection) -> None:
    """Allow several deliveries of a kind per day, and create the tables of alert recipients and alerted events."""
    _run(catalogue, _ALERTS)


_ALERTS = """
ALTER TABLE delivery RENAME TO delivery_before;
CREATE TABLE delivery (
    kind TEXT NOT NULL, recipient TEXT NOT NULL, due_on INTEGER NOT NULL, number INTEGER NOT NULL,
    message_id TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, claimed_at INTEGER, ended_at INTEGER,
    next_try_at INTEGER, problem TEXT,
    PRIMARY KEY (kind, recipient, due_on, number)
) WITHOUT ROWID;
INSERT INTO delivery
    SELECT kind, recipient, due_on, 0, message_id, state, attempts, claimed_at, ended_at, next_try_at, problem
    FROM delivery_before;
DROP TABLE delivery_before;
CREATE TABLE alerted (recipient TEXT PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE told (
    recipient TEXT NOT NULL, matter TEXT NOT NULL, noted_at INTEGER NOT NULL, due_on INTEGER, number INTEGER,
    PRIMARY KEY (recipient, matter)
) WITHOUT ROWID
"""


def m009_access(catalogue: sqlite3.Connection) -> None:
    """Create the tables of the audit log, API tokens and ended sessions."""
    _run(catalogue, _ACCESS)


_ACCESS = """
CREATE TABLE audit (
    entry INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, way TEXT NOT NULL, client TEXT NOT NULL,
    kind TEXT NOT NULL, what TEXT NOT NULL, account_id TEXT, status INTEGER, detail TEXT
);
CREATE INDEX audit_by_at ON audit (at);
CREATE TABLE token (
    name TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, role TEXT NOT NULL, csm TEXT, created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL, expires_at INTEGER, revoked_at INTEGER
) WITHOUT ROWID;
CREATE TABLE ended_session (session TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID
"""


def m010_dated_at(catalogue: sqlite3.Connection) -> None:
    """Add ``dated_at`` to the newest messages, and reset all cursors, because the reading rules have changed."""
    for page, messages in catalogue.execute("SELECT page, messages FROM page").fetchall():
        catalogue.execute("UPDATE page SET messages = ? WHERE page = ?", (with_dated_at(messages), page))
    _run(catalogue, _READ_AGAIN)


_READ_AGAIN = """
UPDATE source SET cursor = NULL;
DELETE FROM skipped;
DELETE FROM defect
"""


def m011_rules(catalogue: sqlite3.Connection) -> None:
    """Add a column for the version of the reading rules of stored messages; older messages have none."""
    catalogue.execute("ALTER TABLE state ADD COLUMN rules INTEGER NOT NULL DEFAULT 0")


def m012_signs(catalogue: sqlite3.Connection) -> None:
    """Create the table of signs of automated messages, counted by source and kind."""
    catalogue.execute(SIGN_TABLE)


def m013_risk_columns(catalogue: sqlite3.Connection) -> None:
    """Add columns for the two causes of risk to recorded days; earlier days have none."""
    _run(catalogue, _RISK_COLUMNS)


_RISK_COLUMNS = """
ALTER TABLE score ADD COLUMN quiet REAL;
ALTER TABLE score ADD COLUMN leaving REAL
"""


def m014_risk_cards(catalogue: sqlite3.Connection) -> None:
    """Create the table of nightly calibrations of silence and levels."""
    catalogue.execute(
        "CREATE TABLE risk_card (made_on INTEGER PRIMARY KEY, made_at INTEGER NOT NULL, content TEXT NOT NULL)"
    )


def m015_account_facts(catalogue: sqlite3.Connection) -> None:
    """Create the table of past values of the account list, each with the time at which it became known."""
    catalogue.execute(_ACCOUNT_FACTS)


# A field may change twice a day, and may have no first day.
_ACCOUNT_FACTS = """
CREATE TABLE account_fact (
    account_id TEXT NOT NULL, field TEXT NOT NULL, seen_at INTEGER NOT NULL, valid_from INTEGER, value TEXT,
    PRIMARY KEY (account_id, field, seen_at)
) WITHOUT ROWID
"""


_DIGESTS = """
ALTER TABLE segment ADD COLUMN digest BLOB;
ALTER TABLE segment ADD COLUMN mailboxes TEXT NOT NULL DEFAULT '[]';
ALTER TABLE page ADD COLUMN digest BLOB;
ALTER TABLE page ADD COLUMN provider TEXT;
ALTER TABLE page ADD COLUMN mailbox TEXT;
CREATE TABLE key_digest (name TEXT PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID
"""


def m016_digests(catalogue: sqlite3.Connection) -> None:
    """Add digests of segments, pages, keys and tables; an older segment gets its own when it was read whole."""
    _run(catalogue, _DIGESTS)
    for page, messages in catalogue.execute("SELECT page, messages FROM page").fetchall():
        catalogue.execute(
            "UPDATE page SET digest = ?, provider = ?, mailbox = ? WHERE page = ?",
            (digest(messages), *mailbox_of(messages), page),
        )
    catalogue.execute(table_digests.DEFINITION)


def m018_clocks(catalogue: sqlite3.Connection) -> None:
    """Create the tables of providers' dates, and of rows that were set aside because they were dated in the future."""
    _run(catalogue, _CLOCKS)


_CLOCKS = """
CREATE TABLE IF NOT EXISTS provider_date (
    provider TEXT PRIMARY KEY, date_at INTEGER NOT NULL, noted_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS misdated (
    source TEXT NOT NULL, content TEXT NOT NULL, dated_at INTEGER NOT NULL, set_aside_at INTEGER NOT NULL
)
"""


def m019_schedule(catalogue: sqlite3.Connection) -> None:
    """Create the table of scheduled jobs, each with the time since which it is scheduled."""
    catalogue.execute("CREATE TABLE schedule (job TEXT PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID")


STEPS: tuple[Step, ...] = (
    m001_initial,
    m002_mailboxes,
    m003_dismissals,
    m004_flags,
    m005_deliveries,
    m006_runs,
    m007_keeping,
    m008_alerts,
    m009_access,
    m010_dated_at,
    m011_rules,
    m012_signs,
    m013_risk_columns,
    m014_risk_cards,
    m015_account_facts,
    m016_digests,
    m018_clocks,
    m019_schedule,
)
