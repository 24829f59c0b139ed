"""A company's configuration and account list, with access to its store."""

import dataclasses
import datetime as dt
import functools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from connectors.base import StoppedError
from mailsignals.accounts import Book, match, read_book
from mailsignals.accounts.dated import SINCE, steps, with_starts
from mailsignals.accounts.history_file import History, HistoryRules, read_history
from mailsignals.clock import local_date, named_day
from mailsignals.config import Settings, load_settings
from mailsignals.errors import MachineError, UserError
from mailsignals.sla.promises import Promises
from mailsignals.sla.tickets import TicketRules
from mailsignals.store import Store
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.errors import store_errors
from mailsignals.store.messages.lock import StoreBusyError
from mailsignals.store.upkeep.derived import Directory
from mailsignals.touches.build import TouchRules
from mailsignals.turns import ConversationRules
from mailsignals.wording.people import PersonNames
from mailsignals.workspace.snapshot import Snapshot

BUSY_SECONDS, BUSY_TRIES = 0.5, 600
"""The pause in seconds between tries to open a busy store, and the number of tries."""

TICK = dt.timedelta(microseconds=1)

EARLIEST, LATEST = 1970, 2999
"""The first and last year of as-of times, so that windows around them are valid dates."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Workspace:
    """One company's configuration, loaded and checked."""

    settings: Settings
    book: Book
    read_at: dt.datetime | None = None
    """The time at which the account list was read; None: the as-of time of each snapshot."""

    @classmethod
    def load(cls, config: Path | None, *, now: dt.datetime | None = None) -> "Workspace":
        """Return the workspace of a configuration file and its account list; ``now`` becomes ``read_at``.

        Raises:
            UserError: the configuration or the account list is invalid.
        """
        return cls.of(load_settings(config, environ=os.environ), now=now)

    @classmethod
    def of(cls, settings: Settings, *, now: dt.datetime | None = None) -> "Workspace":
        """Return the workspace of settings and their account list; ``now`` becomes ``read_at``.

        Raises:
            UserError: the account list is invalid, or it contradicts the settings.
        """
        accounts = settings.accounts
        book = read_book(accounts.file, tiers=settings.tier_names, notation=accounts.notation)
        _refuse_customers_as_forms(settings, book)
        return cls(settings=settings, book=book.with_csms(settings.addresses_of_people), read_at=now)

    def latest(self, as_of: dt.datetime) -> dt.datetime | None:
        """Return the time after which nothing in the store can be right; None where the current time is unknown.

        That is the time at which the account list was read, or a later as-of time.
        """
        return None if self.read_at is None else max(self.read_at, as_of)

    @property
    def names(self) -> PersonNames:
        """The names of people: those of the configuration, then those of the account list."""
        return PersonNames({**self.book.names, **self.settings.names_of_people})

    @property
    def directory(self) -> Directory:
        """The rules that match addresses to your team and accounts."""
        return Directory(company=self.settings.our_company, book=self.book, free_mail=self.settings.free_mail)

    @property
    def touch_rules(self) -> TouchRules:
        """The rules for announcements, urgency and copies when messages become touches."""
        return TouchRules(
            mail_merge_accounts=self.settings.signals.mail_merge_accounts,
            urgency_words=self.settings.signals.urgency_words,
            aliases=self.settings.our_company.aliases,
            compare_subjects=self.settings.privacy.subjects == "keep",
        )

    @property
    def conversation_rules(self) -> ConversationRules:
        """The rules for the end of a conversation."""
        return ConversationRules(
            gap=dt.timedelta(days=self.settings.signals.conversation_gap_days),
            unanswered_gap=dt.timedelta(days=self.settings.signals.unanswered_gap_days),
        )

    @property
    def ticket_rules(self) -> TicketRules:
        """The rules for when a ticket is resolved or needs no response."""
        sla = self.settings.sla
        return TicketRules(
            resolve_after=dt.timedelta(hours=sla.resolve_after_hours), closing_after=sla.closing_after
        )

    @property
    def reply_horizon(self) -> dt.timedelta:
        """The time within which a check-in must be answered to count as answered."""
        return dt.timedelta(days=self.settings.signals.reply_horizon_days)

    @functools.cached_property
    def history(self) -> History:
        """The past values of the account list from the configured history file; empty without such a file.

        Errors in the file don't raise; they are listed in ``problems``.
        """
        accounts = self.settings.accounts
        if accounts.history_file is None:
            return History()
        rules = HistoryRules(
            book=self.book.accounts,
            tiers=self.settings.tier_names,
            timezone=self.timezone,
            notation=accounts.notation,
            csms=self.settings.addresses_of_people,
        )
        return read_history(accounts.history_file, rules)

    def reading_at(self, newest: dt.datetime | None, *, as_of: dt.datetime) -> dt.datetime:
        """Return the time that counts as the reading of the account list.

        It is later than ``newest``, even where the clock was set back. Without ``read_at`` it is ``as_of`` or the
        newest value of the history, whichever is later, because the current account list is newer than its history.

        Args:
            newest: the time of the last recorded value; None without one.
            as_of: the as-of time.
        """
        read_at = self.read_at
        if read_at is None:
            read_at = max([as_of, *with_starts(self.history.facts, self.timezone)[SINCE]])
        return read_at if newest is None else max(read_at, newest + TICK)

    def promises(self, facts: pl.DataFrame) -> Promises:
        """Return the SLA targets of every account, by its tiers over time (``facts``, in ``FACT_SCHEMA``)."""
        book = self.book.accounts
        return self.settings.promises(book["tier"], steps(facts, book, "tier", timezone=self.timezone))

    @property
    def timezone(self) -> str:
        """The company's time zone."""
        return self.settings.company.timezone

    def instant(self, text: str | None, *, now: dt.datetime) -> dt.datetime:
        """Return a date or time from text, in UTC; ``now`` for None.

        Raises:
            UserError: the text is not a valid date; the message quotes it.
        """
        return now if text is None else parse_instant(text, timezone=self.timezone, now=now)

    def day(self, moment: dt.datetime) -> dt.date:
        """Return the date of a time in the company's time zone."""
        return local_date(moment, self.timezone)

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """Open the store for reading.

        Raises:
            UserError: the store doesn't exist or cannot be read.
        """
        path = self.settings.store.path
        with store_errors(path), Store.open(path, mode="read") as store:
            yield store

    @contextmanager
    def at(self, as_of: dt.datetime) -> Iterator[Snapshot]:
        """Open the store for reading, and yield the company's snapshot as of a time.

        What is dated later than now, because a clock was wrong, is left out.

        Raises:
            UserError: the store doesn't exist or cannot be read.
        """
        with self.reading() as store:
            if (now := self.latest(as_of)) is not None:
                store.clock.leave_out_future(now)
            yield Snapshot(self, store, as_of)

    @contextmanager
    def writing_when_free(self, stop: threading.Event) -> Iterator[Store]:
        """Open the store for writing as soon as no other program writes to it.

        Raises:
            StoreBusyError: another program writes to it for minutes.
            StoppedError: ``stop`` was set.
        """
        with self._free(stop, tries=BUSY_TRIES) as store:
            yield store

    def prepare_store(self, stop: threading.Event) -> None:
        """Create the store, or migrate its tables, where needed.

        Raises:
            MachineError: the disk can't be used now, or another program writes to it for minutes.
            StoppedError: ``stop`` was set.
        """
        path = self.settings.store.path
        try:
            with store_errors(path):
                Catalogue.for_notes(path).close()
        except MachineError:  # a new store would not be written either
            raise
        except UserError:
            with self.writing_when_free(stop):
                pass

    def _free(self, stop: threading.Event, *, tries: int) -> Store:
        while True:
            try:
                return Store.open(self.settings.store.path, mode="write")
            except StoreBusyError:
                tries -= 1
                if not tries:
                    raise
            if stop.wait(BUSY_SECONDS):
                raise StoppedError


def _refuse_customers_as_forms(settings: Settings, book: Book) -> None:
    """Raise UserError for a contact form's address that is in the account list, so that its own mail is not misread."""
    forms = pl.Series("address", settings.company.forms, dtype=pl.String)
    matched = match(forms, company=settings.our_company, book=book, free_mail=settings.free_mail)
    problems = [
        f"config.toml, company.forms: {address} belongs to account {book.accounts['account_id'][number]} of "
        f"{settings.accounts.file.name}. Remove it from company.forms, or from that account."
        for address, account in matched.select("address", "account").iter_rows()
        if (number := book.contacts.get(address, account)) is not None
    ]
    if problems:
        raise UserError("\n".join(problems))


def parse_instant(text: str, *, timezone: str, now: dt.datetime) -> dt.datetime:
    """Return an ISO 8601 date or time in UTC; a date alone means its midnight.

    Args:
        text: such as ``2026-10-01`` or ``2026-10-01T08:30+02:00``, or a day as accepted by ``clock.named_day``.
        timezone: the time zone of texts without one.
        now: the current time, from which ``today`` is derived.

    Raises:
        UserError: the text is not a valid date, or out of range; the message quotes it.
    """
    day = named_day(text, today=local_date(now, timezone))
    try:
        moment = dt.datetime.fromisoformat(text) if day is None else dt.datetime.combine(day, dt.time())
    except ValueError:
        raise UserError(
            f"Invalid date {text!r}. Use 2026-10-01, 2026-10-01T08:30+02:00, today, yesterday or -7d."
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(timezone))
    if not EARLIEST <= moment.year <= LATEST:
        raise UserError(f"{text!r} is out of range. Use a year from {EARLIEST} to {LATEST}.")
    return moment.astimezone(dt.UTC)
