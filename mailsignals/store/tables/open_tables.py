"""The catalogue as those open it who note something beside a writer of messages."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.errors import store_errors


@contextlib.contextmanager
def open_tables(folder: Path) -> Iterator[Catalogue]:
    """The catalogue of a store, for a moment.

    Raises:
        UserError: there is no store, an older or newer program wrote it, or its disk fails.
    """
    with store_errors(folder), contextlib.closing(Catalogue.for_notes(folder)) as catalogue:
        yield catalogue
