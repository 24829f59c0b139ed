"""Feedback on accounts at risk, with author and time; undoing adds an entry, and none is ever deleted."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import TypeAlias

import polars as pl

from mailsignals.schema import INSTANT
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.sqlite_time import day_number, to_microseconds
from mailsignals.store.tables.mailbox_status import Turn

FEEDBACK_SCHEMA = pl.Schema(
    {
        "account_id": pl.String(),
        "given_at": INSTANT,
        "given_by": pl.String(),
        "kind": pl.String(),
        "until": pl.String(),
        "churned_on": pl.Date(),
        "note": pl.String(),
    }
)
"""One row per feedback; ``until`` is a date or event for snoozed flags, ``churned_on`` a date for churned accounts."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackEntry:
    """One feedback on an account: a row of the table."""

    account_id: str
    given_at: dt.datetime
    given_by: str
    kind: str
    until: str | None = None
    churned_on: dt.date | None = None
    note: str | None = None


Decide: TypeAlias = Callable[[pl.DataFrame], FeedbackEntry | None]
"""A function from all earlier feedback (``FEEDBACK_SCHEMA``) to the new entry; None to store nothing."""


class Feedback:
    """The table of feedback in an open store."""

    def __init__(self, catalogue: Catalogue, turn: Turn) -> None:
        self._catalogue = catalogue
        self._sql = catalogue.sql
        self._turn = turn

    def keep(self, decide: Decide) -> FeedbackEntry | None:
        """Store the entry that ``decide`` returns for all earlier feedback, in one transaction, and return it.

        Its errors pass through, and nothing is stored. An identical row is stored once.
        """
        with self._turn(), self._catalogue.transaction(durable=True):
            said = decide(self._rows())
            if said is not None:
                self._insert(said)
        return said

    def _insert(self, said: FeedbackEntry) -> None:
        left = None if said.churned_on is None else day_number(said.churned_on)
        at = to_microseconds(said.given_at)
        self._sql.execute(
            "INSERT OR REPLACE INTO main.feedback VALUES (?, ?, ?, ?, ?, ?, ?)",
            (said.account_id, at, said.given_by, said.kind, said.until, left, said.note),
        )

    def frame(self) -> pl.DataFrame:
        """Return all feedback, in ``FEEDBACK_SCHEMA``."""
        with self._turn():
            return self._rows()

    def _rows(self) -> pl.DataFrame:
        rows = self._sql.execute("SELECT * FROM feedback ORDER BY given_at, account_id").fetchall()
        return pl.DataFrame(rows, schema=FEEDBACK_SCHEMA, orient="row")
