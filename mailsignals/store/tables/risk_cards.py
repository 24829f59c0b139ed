"""Nightly calibrations: the chances from the company's own silences, and the track record of each level."""

import datetime as dt

from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.sqlite_time import day_number, to_microseconds
from mailsignals.store.tables.mailbox_status import Turn


class RiskCards:
    """The table of nightly calibrations in an open store: one per day, which can be computed again."""

    def __init__(self, catalogue: Catalogue, turn: Turn) -> None:
        self._catalogue = catalogue
        self._sql = catalogue.sql
        self._turn = turn

    def add(self, on: dt.date, at: dt.datetime, content: str) -> None:
        """Store the calibration of a day as of a time, replacing an earlier one of that day."""
        with self._turn(), self._catalogue.transaction(durable=False):
            self._sql.execute(
                "INSERT OR REPLACE INTO main.risk_card VALUES (?, ?, ?)",
                (day_number(on), to_microseconds(at), content),
            )

    def of_day(self, on: dt.date, *, by: dt.datetime) -> str | None:
        """Return the calibration of a day, as of a time up to ``by``, as text; None if there is none."""
        with self._turn():
            found = self._sql.execute(
                "SELECT content FROM risk_card WHERE made_on = ? AND made_at <= ?",
                (day_number(on), to_microseconds(by)),
            ).fetchone()
        return None if found is None else str(found[0])
