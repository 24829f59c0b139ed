"""What a command works on: settings, account book, store, and the facts at some instants."""

import dataclasses
import datetime as dt
import functools
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from connectors.base import StoppedError
from mailsignals.accounts import Book, read_book
from mailsignals.cli.instants import instant
from mailsignals.clock import local_date
from mailsignals.config import Settings, load_settings
from mailsignals.flags.feedback import with_departures
from mailsignals.flags.flags import flags
from mailsignals.signals.facts import Facts, facts
from mailsignals.sla.dismissals import DISMISSAL_SCHEMA
from mailsignals.sla.promises import Promises
from mailsignals.store import Store
from mailsignals.store.messages.lock import StoreBusyError
from mailsignals.store.upkeep.derived import Derived, Directory, derived, derived_at
from mailsignals.sync.engine import MessageFilter
from mailsignals.sync.privacy import kept, privacy_filter
from mailsignals.sync.pseudonyms import pseudonym_filter
from mailsignals.touches.build import TouchRules, settled_at
from mailsignals.turns import ConversationRules

BUSY_SECONDS, BUSY_TRIES = 0.5, 600
"""How often a job asks whether the store is free, and how many times."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Workspace:
    """One company's configuration, loaded and checked."""

    settings: Settings
    book: Book

    @classmethod
    def load(cls, config: Path | None) -> "Workspace":
        """Raises UserError for anything wrong in the configuration or the account book."""
        return cls.of(load_settings(config, environ=os.environ))

    @classmethod
    def of(cls, settings: Settings) -> "Workspace":
        """With the account book that the settings name.

        Raises:
            UserError: something is wrong in the account book.
        """
        return cls(settings=settings, book=read_book(settings.accounts.file, tiers=settings.tier_names))

    @property
    def directory(self) -> Directory:
        """Whose an address is."""
        return Directory(company=self.settings.our_company, book=self.book, free_mail=self.settings.free_mail)

    @property
    def touch_rules(self) -> TouchRules:
        """What makes a touch."""
        return TouchRules(
            mail_merge_accounts=self.settings.signals.mail_merge_accounts,
            urgency_words=self.settings.signals.urgency_words,
        )

    @property
    def conversation_rules(self) -> ConversationRules:
        """Where conversations end."""
        return ConversationRules(
            gap=dt.timedelta(days=self.settings.signals.conversation_gap_days),
            unanswered_gap=dt.timedelta(days=self.settings.signals.unanswered_gap_days),
        )

    @property
    def reply_horizon(self) -> dt.timedelta:
        """How soon a check-in must be answered."""
        return dt.timedelta(days=self.settings.signals.reply_horizon_days)

    def instant(self, text: str | None, *, now: dt.datetime) -> dt.datetime:
        """What was typed as an instant; nothing typed is now."""
        return now if text is None else instant(text, timezone=self.settings.company.timezone)

    def day(self, moment: dt.datetime) -> dt.date:
        """The day of an instant in the company's time zone."""
        return local_date(moment, self.settings.company.timezone)

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """The store, for reading."""
        with Store.open(self.settings.store.path, mode="read") as store:
            yield store

    def accounts(self, store: Store, *, as_of: dt.datetime) -> pl.DataFrame:
        """The account book's rows; who left, as people said by an instant, left there too."""
        return with_departures(self.book.accounts, store.feedback.frame(), as_of=as_of)

    def flags(self, store: Store, *, as_of: dt.datetime) -> pl.DataFrame:
        """All flags at an instant, in ``FLAG_SCHEMA``; none where no scores were recorded."""
        return flags(
            store.scores.of_flagged(),
            store.feedback.frame(),
            self.book.accounts,
            as_of=as_of,
            timezone=self.settings.company.timezone,
        )

    @contextmanager
    def writing_when_free(self, stop: threading.Event) -> Iterator[Store]:
        """The store, for writing, as soon as no other program writes to it.

        Raises:
            StoreBusyError: another one writes for minutes.
            StoppedError: somebody wants to stop.
        """
        with self._free(stop, tries=BUSY_TRIES) as store:
            yield store

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

    def border(self, store: Store, *, now: dt.datetime) -> MessageFilter:
        """What messages go through before they are stored, as the rules for retention and privacy say."""
        since = self.settings.retention.mail_since(now)
        store.retention.extend_history(since)
        words = self.settings.signals.urgency_words
        clean = privacy_filter(store, self.settings.privacy.subjects, urgency_words=words, at=now)
        anonymous = pseudonym_filter(store, urgency_words=words)
        return lambda messages: clean(anonymous(kept(messages, since)))

    def derived_by_instant(
        self, store: Store, as_ofs: Sequence[dt.datetime]
    ) -> list[tuple[Derived, list[dt.datetime]]]:
        """The touches to use for each instant: one set for all but those few that lie in an unsettled period."""
        shared = derived(store, self.directory, self.touch_rules)
        odd = [t for t in as_ofs if not settled_at(shared.unsettled, t)]
        sets = [(derived_at(store, self.directory, self.touch_rules, t), [t]) for t in odd]
        even = [t for t in as_ofs if t not in odd]
        return [(shared, even), *sets] if even else sets

    @functools.cached_property
    def promises(self) -> Promises:
        """What each account was promised."""
        return self.settings.promises(self.book.accounts["tier"])

    def facts(self, tables: Derived, dismissals: pl.DataFrame | None = None) -> Facts:
        """The facts of all accounts of the book; what was dismissed is never due."""
        return facts(
            tables.touches,
            tables.links,
            accounts=pl.Series(range(self.book.accounts.height), dtype=pl.UInt32),
            rules=self.conversation_rules,
            promises=self.promises,
            dismissals=dismissals,
        )

    def dismissals(self, store: Store, tables: Derived, *, as_of: dt.datetime) -> pl.DataFrame:
        """What needs no answer by an instant, in ``DISMISSAL_SCHEMA``; without what is of accounts that are gone."""
        kept = store.dismissals().filter(pl.col("dismissed_at") <= as_of)
        if kept.is_empty():
            return pl.DataFrame(schema=DISMISSAL_SCHEMA)
        ids = kept["message_id"].drop_nulls().unique()
        # Another copy of the mail may have come since, which was sent a little earlier.
        current = (
            store.messages()
            .filter(pl.col("message_id").is_in(ids.implode()))
            .group_by("message_id", "sender")
            .agg(now_at=pl.col("sent_at").min())
            .collect()
        )
        accounts = self.book.accounts.select("account_id", account=pl.int_range(pl.len(), dtype=pl.UInt32))
        people = tables.people.select("person", sender="address")
        return (
            kept.join(current, on=["message_id", "sender"], how="left")
            .join(accounts, on="account_id")
            .join(people, on="sender")
            .with_columns(sent_at=pl.coalesce("now_at", "sent_at"))
            .select(pl.col(name).cast(dtype) for name, dtype in DISMISSAL_SCHEMA.items())
        )
