"""Opens the catalogue for short changes at the same time as a writer of messages."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.errors import store_errors
from mailsignals.store.tables.row_times import leave_out_future


@contextlib.contextmanager
def open_tables(folder: Path, *, now: dt.datetime | None = None) -> Iterator[Catalogue]:
    """Open the catalogue of a store for a short time.

    Args:
        folder: the store's.
        now: the current time, to leave out rows that are dated in the future; None to read all.

    Raises:
        UserError: the folder has no store, an older or newer version wrote it, or its disk fails.
    """
    with store_errors(folder), contextlib.closing(Catalogue.for_notes(folder)) as catalogue:
        if now is not None:
            leave_out_future(catalogue.sql, now)
        yield catalogue
