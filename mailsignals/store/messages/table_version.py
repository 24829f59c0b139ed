"""The version of the catalogue's tables: how many of the steps in ``migrations`` it has taken."""

import sqlite3

from mailsignals.errors import UserError
from mailsignals.store.messages import migrations

APPLICATION_ID = 0x6D736967
"""``msig`` in the header of the SQLite file: that it is one of ours."""


def version(catalogue: sqlite3.Connection) -> int:
    """Return the number of steps that the catalogue has taken; 0 for an empty file."""
    (number,) = catalogue.execute("PRAGMA user_version").fetchone()
    return int(number)


def check_version(catalogue: sqlite3.Connection, *, name: str) -> None:
    """Refuse a file that is not ours, or that only a newer program understands.

    Raises:
        UserError: the file is left as it was.
    """
    (application,) = catalogue.execute("PRAGMA application_id").fetchone()
    (tables,) = catalogue.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != APPLICATION_ID:
        raise UserError(
            f"{name}: this is the database of another program. Choose another folder as store.path."
        )
    if version(catalogue) > len(migrations.STEPS):
        raise UserError(
            f"{name}: a newer mailsignals wrote this store (version {version(catalogue)}; this program knows "
            f"version {len(migrations.STEPS)}). Install the newer mailsignals; the store was left as it is."
        )


def migrate(catalogue: sqlite3.Connection) -> None:
    """Take the steps that are missing, all of them or none."""
    missing = migrations.STEPS[version(catalogue) :]
    if not missing:
        return
    catalogue.execute("BEGIN IMMEDIATE")
    try:
        for step in missing:
            step(catalogue)
        catalogue.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        catalogue.execute(f"PRAGMA user_version = {len(migrations.STEPS)}")
        catalogue.execute("COMMIT")
    except BaseException:
        if catalogue.in_transaction:
            catalogue.execute("ROLLBACK")
        raise
