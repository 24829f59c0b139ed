"""Every command names a full, read-only or damaged disk in words, and never calls it a bug."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.mailsignals import small_company
from tests.mailsignals.cli.program import Program, Ran
from tests.mailsignals.cli.test_options import AS_OF

pytestmark = [pytest.mark.scenario("disk-errors-in-words"), pytest.mark.slow]

COMMANDS = [
    ("import", "inbox.mbox", "--mailbox", small_company.DESK),
    ("sync",),
    ("check",),
    ("status",),
    ("signals", *AS_OF),
    ("risk", *AS_OF),
    ("sla", *AS_OF),
    ("digest", *AS_OF, "--to", "out"),
    ("alerts", *AS_OF),
    ("flag", "record"),
    ("flag",),
    ("audit",),
    ("token", "list"),
    ("run", "--once", "score"),
    ("run", "--once", "digests"),
    ("run", "--once", "prepare"),
    ("run", "--once", "drift"),
    ("run", "--once", "compact"),
    ("run", "--once", "backup"),
    ("run", "--once", "retention"),
    ("train", *AS_OF),
    ("backtest", *AS_OF, "--output", "report"),
    ("model",),
    ("export", "conversations", *AS_OF, "--output", "rows.csv"),
    ("export", "conversations", *AS_OF, "--output", "rows.parquet"),
    ("backup", "copies"),
    ("prune",),
    ("forget", "kim@a01.test", "--yes"),
    ("accounts", "history"),
]


def _cut(store: Path) -> None:
    content = (store / "catalogue.sqlite").read_bytes()
    (store / "catalogue.sqlite").write_bytes(content[: len(content) // 2])


def _foreign(store: Path) -> None:
    (store / "catalogue.sqlite").write_bytes(b"not a database" * 5_000)


@pytest.fixture
def store(stocked: Path) -> Path:
    """The store of the company in the current folder, closed, with no log beside its catalogue."""
    small_company.add(stocked, "[retention]\nmail_days = 100000")
    catalogue = sqlite3.connect(stocked / "store" / "catalogue.sqlite")
    catalogue.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    catalogue.close()
    for name in ("catalogue.sqlite-wal", "catalogue.sqlite-shm"):
        (stocked / "store" / name).unlink(missing_ok=True)
    return stocked / "store"


def said_in_words(run: Program) -> None:
    """Run every command, and check that each failure is a sentence."""
    for command in COMMANDS:
        ran = run(*command)
        assert "bug" not in ran.err, (command, ran.err)
        assert "Traceback" not in ran.err, (command, ran.err)
        assert ran.status in {0, 2, 3}, (command, ran.err)


@pytest.mark.parametrize("damage", [_cut, _foreign], ids=["cut", "foreign"])
def test_a_damaged_catalogue_is_named(store: Path, run: Program, damage: Callable[[Path], None]) -> None:
    """No command takes a cut catalogue, or another file in its place, for a bug of its own."""
    damage(store)
    said_in_words(run)


def test_a_full_disk_is_named(store: Path, run: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file may grow, as on a full disk: each command that writes says so, and all others do their work."""
    resource = pytest.importorskip("resource")
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limited(*arguments: str | Path) -> Ran:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            return run(*arguments)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))

    said_in_words(limited)


@pytest.mark.parametrize(
    ("code", "calls"),
    [(sqlite3.SQLITE_FULL, 0), (sqlite3.SQLITE_IOERR_READ, 7)],
    ids=["full from the start", "unreadable in the middle"],
)
@pytest.mark.usefixtures("store")
def test_a_failing_catalogue_is_named(
    run: Program, monkeypatch: pytest.MonkeyPatch, code: int, calls: int
) -> None:
    """From the first statement on, or from a later one, SQLite fails: no command takes that for a bug."""
    left = [calls]

    class Failing(sqlite3.Connection):
        """A connection that fails after a number of statements."""

        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            left[0] -= 1
            if left[0] < 0:
                error = sqlite3.OperationalError("as the test wants it")
                error.sqlite_errorcode = code
                raise error
            return super().execute(*arguments)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **more: connect(*given, **more, factory=Failing))

    def failing(*arguments: str | Path) -> Ran:
        left[0] = calls
        return run(*arguments)

    said_in_words(failing)
