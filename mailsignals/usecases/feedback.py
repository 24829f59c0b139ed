"""Keeps what somebody says of an account at risk, also while a writer reads mail for hours."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import polars as pl

from mailsignals.flags.feedback_rules import FeedbackRules, Row
from mailsignals.store.tables.feedback import Said
from mailsignals.store.tables.flag_tables import FlagTables

Words: TypeAlias = Callable[[FeedbackRules], Said | None]
"""What somebody says, given how the account stands; None: nothing that is not kept already."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Speaker:
    """Somebody who may say something of an account, now."""

    store: Path
    account: Row
    """The account's row of the account book."""
    by: str
    at: dt.datetime
    timezone: str
    """Of days."""

    def stands(self) -> FeedbackRules:
        """How the account stands; nothing is kept.

        Raises:
            UserError: the store cannot be used.
        """
        with FlagTables.open(self.store) as tables:
            return self._saying(tables, tables.feedback.frame())

    def keep(self, words: Words) -> tuple[Said | None, FeedbackRules]:
        """Keep what is said; returns it, and how the account stood before.

        Raises:
            NotSaidError: that may not be said; nothing is kept.
            UserError: the store cannot be used.
        """
        stood: list[FeedbackRules] = []

        def decide(feedback: pl.DataFrame) -> Said | None:
            stood.append(self._saying(tables, feedback))
            return words(stood[0])

        with FlagTables.open(self.store) as tables:
            said = tables.feedback.keep(decide)
        return said, stood[0]

    def _saying(self, tables: FlagTables, feedback: pl.DataFrame) -> FeedbackRules:
        return FeedbackRules.of(
            self.account,
            by=self.by,
            at=self.at,
            timezone=self.timezone,
            scores=tables.scores.of_account(self.account["account_id"]),
            feedback=feedback,
            recorded=tables.scores.newest() is not None,
        )
