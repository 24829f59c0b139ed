"""The version of the catalogue's tables: the number of steps of ``migrations`` that were run."""

import sqlite3

from mailsignals.errors import OtherVersionError, UserError
from mailsignals.store.messages import migrations, table_digests

APPLICATION_ID = 0x6D736967
"""``msig`` in the header of the SQLite file, which identifies it."""

DIGESTS = 16
"""The version from which on tables have digests."""


def version(catalogue: sqlite3.Connection) -> int:
    """Return the number of steps that were run on the catalogue; 0 for an empty file."""
    (number,) = catalogue.execute("PRAGMA user_version").fetchone()
    return int(number)


def check_version(catalogue: sqlite3.Connection, *, name: str) -> None:
    """Refuse a file of another program or of a newer version.

    Raises:
        UserError: it can't be used; the file is unchanged.
    """
    (application,) = catalogue.execute("PRAGMA application_id").fetchone()
    (tables,) = catalogue.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != APPLICATION_ID:
        raise UserError(f"{name}: a database of another program. Use another folder as store.path.")
    if version(catalogue) > len(migrations.STEPS):
        raise OtherVersionError(
            f"{name}: a newer mailsignals wrote this store (version {version(catalogue)}; this program supports "
            f"version {len(migrations.STEPS)}). Install the newer mailsignals; the store is unchanged."
        )


def migrate(catalogue: sqlite3.Connection) -> None:
    """Run all pending steps, or none of them."""
    missing = migrations.STEPS[version(catalogue) :]
    if not missing:
        return
    catalogue.execute("BEGIN IMMEDIATE")
    try:
        for step in missing:
            step(catalogue)
        if len(migrations.STEPS) >= DIGESTS:
            table_digests.renew(catalogue)
        catalogue.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        catalogue.execute(f"PRAGMA user_version = {len(migrations.STEPS)}")
        catalogue.execute("COMMIT")
    except BaseException:
        if catalogue.in_transaction:
            catalogue.execute("ROLLBACK")
        raise
