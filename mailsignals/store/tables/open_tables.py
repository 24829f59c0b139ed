"""Opens the catalogue for short changes at the same time as a writer of messages."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.errors import store_errors


@contextlib.contextmanager
def open_tables(folder: Path) -> Iterator[Catalogue]:
    """Open the catalogue of a store for a short time.

    Raises:
        UserError: the folder has no store, an older or newer version wrote it, or its disk fails.
    """
    with store_errors(folder), contextlib.closing(Catalogue.for_notes(folder)) as catalogue:
        yield catalogue
