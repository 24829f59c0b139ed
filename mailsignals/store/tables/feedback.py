"""What people said of accounts at risk, kept with who and when; it is taken back by saying so, and never deleted."""

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
"""``until`` is a day or an event, of what is snoozed; ``churned_on`` is of who left, and null of all others."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackEntry:
    """One thing that somebody said of an account: a row of the table."""

    account_id: str
    given_at: dt.datetime
    given_by: str
    kind: str
    until: str | None = None
    churned_on: dt.date | None = None
    note: str | None = None


Decide: TypeAlias = Callable[[pl.DataFrame], FeedbackEntry | None]
"""What is to be kept, given all that was said before (``FEEDBACK_SCHEMA``); None: nothing."""


class Feedback:
    """The table of it in an open store."""

    def __init__(self, catalogue: Catalogue, turn: Turn) -> None:
        self._catalogue = catalogue
        self._sql = catalogue.sql
        self._turn = turn

    def keep(self, decide: Decide) -> FeedbackEntry | None:
        """Keep what ``decide`` makes of all that was said before; nobody says anything in between.

        What it raises passes through, and nothing is kept. The same row twice is there once.
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
            "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?)",
            (said.account_id, at, said.given_by, said.kind, said.until, left, said.note),
        )

    def frame(self) -> pl.DataFrame:
        """All of it, in ``FEEDBACK_SCHEMA``."""
        with self._turn():
            return self._rows()

    def _rows(self) -> pl.DataFrame:
        rows = self._sql.execute("SELECT * FROM feedback ORDER BY given_at, account_id").fetchall()
        return pl.DataFrame(rows, schema=FEEDBACK_SCHEMA, orient="row")
