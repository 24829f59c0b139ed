"""What people said of accounts at risk, kept with who and when; it is taken back by saying so, and never deleted."""

import datetime as dt

import polars as pl

from mailsignals.schema import INSTANT
from mailsignals.store.catalogue import Catalogue
from mailsignals.store.instants import day_number, microseconds
from mailsignals.store.standings import Turn

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


class Feedback:
    """The table of it in an open store."""

    def __init__(self, catalogue: Catalogue, turn: Turn) -> None:
        self._catalogue = catalogue
        self._sql = catalogue.sql
        self._turn = turn

    def add(  # noqa: PLR0913  # the columns
        self,
        account_id: str,
        kind: str,
        *,
        at: dt.datetime,
        by: str,
        until: str | None = None,
        churned_on: dt.date | None = None,
        note: str | None = None,
    ) -> None:
        """Keep what somebody said of an account."""
        left = None if churned_on is None else day_number(churned_on)
        with self._turn(), self._catalogue.transaction(durable=True):
            self._sql.execute(
                "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?)",
                (account_id, microseconds(at), by, kind, until, left, note),
            )

    def frame(self) -> pl.DataFrame:
        """All of it, in ``FEEDBACK_SCHEMA``."""
        with self._turn():
            rows = self._sql.execute("SELECT * FROM feedback ORDER BY given_at, account_id").fetchall()
        return pl.DataFrame(rows, schema=FEEDBACK_SCHEMA, orient="row")
