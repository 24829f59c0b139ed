"""Everything in a store that the system's clock is compared with: providers' dates, later mail, rows of the future."""

import dataclasses
import datetime as dt
from pathlib import Path

import polars as pl

from mailsignals.schema import INSTANT
from mailsignals.store.messages import segments
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.sqlite_time import instant, to_microseconds
from mailsignals.store.tables.mailbox_status import Turn
from mailsignals.store.tables.row_times import (
    ROW_TIMES,
    FutureDates,
    archive_future_rows,
    future_rows,
    leave_out_future,
)

PROVIDERS = ("gmail", "microsoft365")
"""The providers that report when an email arrived."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDate:
    """A date that a provider reported."""

    provider: str
    date_at: dt.datetime
    """The time by the provider's clock."""
    noted_at: dt.datetime
    """The time by this machine's clock when the date arrived."""


class ClockTables:
    """The times of an open store, beside those of providers; safe to use from any thread."""

    def __init__(self, folder: Path, catalogue: Catalogue, turn: Turn) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._turn = turn

    def note_date(self, date: ProviderDate) -> None:
        """Store the date of a provider in place of the one before."""
        with self._turn(), self._catalogue.transaction(durable=False):
            self._catalogue.sql.execute(
                "INSERT OR REPLACE INTO provider_date VALUES (?, ?, ?)",
                (date.provider, to_microseconds(date.date_at), to_microseconds(date.noted_at)),
            )

    def provider_dates(self) -> list[ProviderDate]:
        """Return the last date of each provider, by its name."""
        with self._turn():
            rows = self._catalogue.sql.execute(
                "SELECT provider, date_at, noted_at FROM provider_date ORDER BY provider"
            ).fetchall()
        return [
            ProviderDate(provider=provider, date_at=instant(date_at), noted_at=instant(noted_at))
            for provider, date_at, noted_at in rows
        ]

    def run_before(self, at: dt.datetime) -> dt.datetime | None:
        """Return the time at which a job last ended before a time; None without one."""
        with self._turn():
            (last,) = self._catalogue.sql.execute(
                "SELECT max(ended_at) FROM run WHERE ended_at <= ?", (to_microseconds(at),)
            ).fetchone()
        return None if last is None else instant(last)

    def mail_after(self, at: dt.datetime) -> list[dt.datetime]:
        """Return the times of messages that arrived at a provider after a time, replaced copies included.

        Mail from files doesn't count: its times come from the files.
        """
        with self._turn():
            paths = [segment.path(self._folder) for segment in self._catalogue.segments()]
            pages, _ = self._catalogue.pages()
        parts = [pl.LazyFrame(schema={"provider": pl.String(), "sent_at": INSTANT})]
        if paths:
            parts.append(segments.scan_segments(paths).select("provider", "sent_at"))
        if pages:
            parts.append(pl.scan_ipc(list(pages)).select("provider", "sent_at"))
        return (
            pl.concat(parts)
            .filter(pl.col("sent_at") > at, pl.col("provider").is_in(PROVIDERS))
            .collect()["sent_at"]
            .to_list()
        )

    def future_rows(self, now: dt.datetime) -> list[FutureDates]:
        """Return the tables with rows that are dated later than now; see ``row_times``."""
        with self._turn():
            return future_rows(self._catalogue.sql, now)

    def leave_out_future(self, now: dt.datetime) -> None:
        """Leave out what is dated later than now from every table that is read from here on; see ``row_times``."""
        with self._turn():
            leave_out_future(self._catalogue.sql, now)

    def archive_future_rows(self, now: dt.datetime) -> list[FutureDates]:
        """Archive every record that is dated later than now, and return the moved ones by table; see ``row_times``."""
        if not self.future_rows(now):
            return []
        with self._turn(), self._catalogue.transaction(durable=True):
            return archive_future_rows(self._catalogue.sql, now)

    def archived_since(self, at: dt.datetime) -> list[FutureDates]:
        """Return the records that were archived since a time, by table."""
        nouns = {each.table: each for each in ROW_TIMES}
        with self._turn():
            rows = self._catalogue.sql.execute(
                "SELECT source, count(*), max(dated_at) FROM misdated WHERE archived_at >= ? GROUP BY 1 ORDER BY 1",
                (to_microseconds(at),),
            ).fetchall()
        return [
            FutureDates(
                noun=nouns[table].noun, nouns=nouns[table].nouns, number=number, last_at=instant(last)
            )
            for table, number, last in rows
        ]
