"""What flags follow from, opened by whoever says something of one, beside a writer who may read mail for hours."""

import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from mailsignals.store.catalogue import Catalogue
from mailsignals.store.faults import worded
from mailsignals.store.feedback import Feedback
from mailsignals.store.scores import Scores


class FlagTables:
    """The record, and what people said.

    It takes no writer's lock: feedback is one table that no writer touches, and SQLite lets their transactions, which
    are short, take turns.
    """

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        """Use ``open``."""
        turn = functools.partial(worded, folder)
        self.scores = Scores(catalogue, turn)
        self.feedback = Feedback(catalogue, turn)

    @classmethod
    @contextlib.contextmanager
    def open(cls, folder: Path) -> Iterator[Self]:
        """Those of the store in a folder.

        Raises:
            UserError: there is no store, or an older or newer program wrote it.
        """
        with contextlib.ExitStack() as held:
            with worded(folder):
                catalogue = held.enter_context(contextlib.closing(Catalogue.for_notes(folder)))
            yield cls(folder, catalogue)
