"""The tables behind flags: daily scores and feedback, open at the same time as a writer of messages."""

import contextlib
import datetime as dt
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from mailsignals.secret_files import SecretFile, secret
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.errors import store_errors
from mailsignals.store.tables.feedback import Feedback
from mailsignals.store.tables.risk_cards import RiskCards
from mailsignals.store.tables.row_times import leave_out_future
from mailsignals.store.tables.scores import Scores


class FlagTables:
    """The tables of daily scores and of feedback.

    They need no writer's lock: a sync doesn't change them, and SQLite serialises the short transactions.
    """

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        """Take over an open catalogue; use ``open`` instead."""
        turn = functools.partial(store_errors, folder)
        self._folder = folder
        self.scores = Scores(catalogue, turn)
        self.feedback = Feedback(catalogue, turn)
        self.risk_cards = RiskCards(catalogue, turn)

    @classmethod
    @contextlib.contextmanager
    def open(cls, folder: Path, *, now: dt.datetime | None = None) -> Iterator[Self]:
        """Open the tables of the store in a folder.

        Rows that are dated later than ``now`` are left out.

        Raises:
            UserError: the folder has no store, or an older or newer version wrote it.
        """
        with contextlib.ExitStack() as held:
            with store_errors(folder):
                catalogue = held.enter_context(contextlib.closing(Catalogue.for_notes(folder)))
                if now is not None:
                    leave_out_future(catalogue.sql, now)
            yield cls(folder, catalogue)

    def secret(self, which: SecretFile) -> bytes:
        """Return a secret of the store, created on first use."""
        with store_errors(self._folder):
            return secret(self._folder, which)
