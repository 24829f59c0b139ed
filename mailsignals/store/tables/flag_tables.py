"""What flags follow from, opened by whoever records a day or says something, beside a writer who may take hours."""

import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from mailsignals.files import secret
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.errors import store_errors
from mailsignals.store.tables.feedback import Feedback
from mailsignals.store.tables.risk_cards import RiskCards
from mailsignals.store.tables.scores import Scores


class FlagTables:
    """The record, and what people said.

    It takes no writer's lock: reading mail touches neither table, and SQLite lets all transactions, which are short,
    take turns.
    """

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        """Use ``open``."""
        turn = functools.partial(store_errors, folder)
        self._folder = folder
        self.scores = Scores(catalogue, turn)
        self.feedback = Feedback(catalogue, turn)
        self.risk_cards = RiskCards(catalogue, turn)

    @classmethod
    @contextlib.contextmanager
    def open(cls, folder: Path) -> Iterator[Self]:
        """Those of the store in a folder.

        Raises:
            UserError: there is no store, or an older or newer program wrote it.
        """
        with contextlib.ExitStack() as held:
            with store_errors(folder):
                catalogue = held.enter_context(contextlib.closing(Catalogue.for_notes(folder)))
            yield cls(folder, catalogue)

    def secret(self, name: str) -> bytes:
        """A secret of the store, made when it is first asked for."""
        with store_errors(self._folder):
            return secret(self._folder / name)
