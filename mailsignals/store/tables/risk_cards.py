"""What was learnt each night from the company's own silences, and how often each level came true."""

import datetime as dt

from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.sqlite_time import day_number, to_microseconds
from mailsignals.store.tables.mailbox_status import Turn


class RiskCards:
    """The table of them in an open store: one a day, which can be computed again."""

    def __init__(self, catalogue: Catalogue, turn: Turn) -> None:
        self._catalogue = catalogue
        self._sql = catalogue.sql
        self._turn = turn

    def add(self, on: dt.date, at: dt.datetime, content: str) -> None:
        """Keep what was learnt on a day, as of an instant; it takes the place of what was kept of that day."""
        with self._turn(), self._catalogue.transaction(durable=False):
            self._sql.execute(
                "INSERT OR REPLACE INTO risk_card VALUES (?, ?, ?)",
                (day_number(on), to_microseconds(at), content),
            )

    def of_day(self, on: dt.date, *, by: dt.datetime) -> str | None:
        """Return what was learnt on a day as of an instant up to ``by``; None where nothing was kept."""
        with self._turn():
            found = self._sql.execute(
                "SELECT content FROM risk_card WHERE made_on = ? AND made_at <= ?",
                (day_number(on), to_microseconds(by)),
            ).fetchone()
        return None if found is None else str(found[0])
