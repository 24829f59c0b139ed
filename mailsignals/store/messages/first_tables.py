"""The tables of the first stores, as the first two steps of the catalogue create them."""

# AUTOINCREMENT, because a segment's number names a file, and readers may still need old files.
INITIAL = """
CREATE TABLE state (revision INTEGER NOT NULL, hashing TEXT NOT NULL);
INSERT INTO state VALUES (0, 'none yet');
CREATE TABLE source (
    provider TEXT NOT NULL, mailbox TEXT NOT NULL, source TEXT NOT NULL,
    cursor TEXT, messages INTEGER NOT NULL,
    done INTEGER NOT NULL, total INTEGER, unit TEXT NOT NULL, committed_at INTEGER NOT NULL,
    PRIMARY KEY (provider, mailbox, source)
) WITHOUT ROWID;
CREATE TABLE page (
    page INTEGER PRIMARY KEY, rows INTEGER NOT NULL, rewritten BLOB NOT NULL, messages BLOB NOT NULL
);
CREATE TABLE segment (
    segment INTEGER PRIMARY KEY AUTOINCREMENT,
    rows INTEGER NOT NULL, bytes INTEGER NOT NULL, rewritten BLOB NOT NULL
);
CREATE TABLE skipped (
    provider TEXT NOT NULL, mailbox TEXT NOT NULL, source TEXT NOT NULL, place TEXT NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (provider, mailbox, source, place, reason)
) WITHOUT ROWID;
CREATE TABLE defect (
    provider TEXT NOT NULL, mailbox TEXT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, messages INTEGER NOT NULL,
    PRIMARY KEY (provider, mailbox, source, kind)
) WITHOUT ROWID
"""

MAILBOXES = """
ALTER TABLE state ADD COLUMN subjects TEXT NOT NULL DEFAULT 'keep';
CREATE TABLE mailbox (
    provider TEXT NOT NULL, mailbox TEXT NOT NULL, identity TEXT,
    state TEXT NOT NULL, problem TEXT, remedy TEXT, since INTEGER, next_try_at INTEGER,
    demanded INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL, synced_at INTEGER,
    starts INTEGER NOT NULL, noted TEXT,
    PRIMARY KEY (provider, mailbox)
) WITHOUT ROWID;
CREATE TABLE suspect (
    provider TEXT NOT NULL, mailbox TEXT NOT NULL, provider_id TEXT NOT NULL, deaths INTEGER NOT NULL,
    PRIMARY KEY (provider, mailbox, provider_id)
) WITHOUT ROWID;
CREATE TABLE gone (
    provider TEXT NOT NULL, mailbox TEXT NOT NULL, provider_id TEXT NOT NULL, gone_at INTEGER NOT NULL,
    PRIMARY KEY (provider, mailbox, provider_id)
) WITHOUT ROWID;
CREATE TABLE run (
    run INTEGER PRIMARY KEY, kind TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,
    outcome TEXT NOT NULL
);
ALTER TABLE skipped RENAME TO skipped_before;
CREATE TABLE skipped (
    provider TEXT NOT NULL, mailbox TEXT NOT NULL, source TEXT NOT NULL, place TEXT NOT NULL, reason TEXT NOT NULL,
    tries INTEGER NOT NULL, next_try_at INTEGER,
    PRIMARY KEY (provider, mailbox, source, place)
) WITHOUT ROWID;
INSERT OR REPLACE INTO skipped SELECT provider, mailbox, source, place, reason, 1, NULL FROM skipped_before;
DROP TABLE skipped_before
"""
