"""The store of messages and cursors in a folder: each message is stored once, and commits are permanent."""

import contextlib
import datetime as dt
import threading
from collections.abc import Collection, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Self

import polars as pl

from connectors.base import Connector, Cursor, Page
from mailsignals.file_modes import close_to_others
from mailsignals.schema import MESSAGE_SCHEMA
from mailsignals.secret_files import SecretFile, secret
from mailsignals.store.messages import compaction, segments
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.messages.errors import store_errors
from mailsignals.store.messages.fingerprint_index import NO_CHANGES, Committed, FingerprintIndex, PageChanges
from mailsignals.store.messages.fingerprints import CONTENT_HASH, KEY_HASH, NO_KEYS, Hashes, fingerprinted
from mailsignals.store.messages.fingerprints import key_hashes as hashes_of_ids
from mailsignals.store.messages.latest_rows import current_rows
from mailsignals.store.messages.opening import open_for_reading, open_for_writing
from mailsignals.store.tables.account_facts import AccountFacts
from mailsignals.store.tables.alerts import Alerted, AlertTable
from mailsignals.store.tables.clock_tables import ClockTables
from mailsignals.store.tables.dismissals import Opening
from mailsignals.store.tables.feedback import Feedback
from mailsignals.store.tables.mailbox_status import MailboxStatuses
from mailsignals.store.tables.models import FOLDER, Models
from mailsignals.store.tables.provider_limits import ProviderLimitTable
from mailsignals.store.tables.risk_cards import RiskCards
from mailsignals.store.tables.scores import Scores
from mailsignals.store.upkeep import wiping
from mailsignals.store.upkeep.erasure import Erasure
from mailsignals.store.upkeep.retention import Retention


class Store:
    """The messages of all mailboxes, one per (provider, mailbox, provider_id), and the cursors of their sources.

    A store opened for reading is a snapshot, whatever a writer does meanwhile; that writer's log grows until the
    reader closes. One program at a time may write, with any number of threads.
    """

    def __init__(self, folder: Path, catalogue: Catalogue, held: contextlib.ExitStack) -> None:
        """Take over an open catalogue; use ``open`` instead."""
        self._folder = folder
        self._catalogue = catalogue
        self._held = held
        self._known: FingerprintIndex | None = None
        self._one_at_a_time = threading.RLock()
        self._checked = segments.checked_files(folder)
        self.mailbox_status = MailboxStatuses(catalogue, self._turn)
        self.provider_limits = ProviderLimitTable(catalogue, self._turn)
        self.scores = Scores(catalogue, self._turn)
        self.risk_cards = RiskCards(catalogue, self._turn)
        self.feedback = Feedback(catalogue, self._turn)
        self.account_facts = AccountFacts(catalogue, self._turn)
        self.clock = ClockTables(folder, catalogue, self._turn)
        self.retention = Retention(folder, catalogue, self._rewriting)
        self.erasure = Erasure(folder, catalogue, self._rewriting)

    @classmethod
    def open(cls, folder: Path, *, mode: Literal["read", "write"]) -> Self:
        """Open the store in a folder; mode "write" creates it.

        Raises:
            UserError: the folder has no store or can't be used, the store is damaged or was written by a newer
                program, or another process is writing. The store is unchanged.
        """
        close_to_others(folder)
        with store_errors(folder), contextlib.ExitStack() as held:
            catalogue = open_for_writing(folder, held) if mode == "write" else open_for_reading(folder, held)
            return cls(folder, catalogue, held.pop_all())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store; frames from ``messages`` must be collected before."""
        self._held.close()

    def keep_open(self, file: BinaryIO) -> None:
        """Close a file, and release its lock, when the store is closed."""
        self._held.callback(file.close)

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait until no other thread uses the store, and raise its errors as ``UserError``."""
        with store_errors(self._folder), self._one_at_a_time:
            yield

    @contextlib.contextmanager
    def _rewriting(self) -> Iterator[None]:
        """A turn that changes the fingerprints of stored messages."""
        with self._turn():
            self._known = None
            yield

    @property
    def revision(self) -> int:
        """Return a number that grows whenever ``messages`` changes."""
        with self._turn():
            return self._catalogue.revision()

    @property
    def derived_folder(self) -> Path:
        """Return the folder for tables that can be computed again from the messages."""
        return self._folder / wiping.DERIVED

    @property
    def models(self) -> Models:
        """Return the models that were trained on these messages."""
        return Models(self._folder / FOLDER)

    def messages(self) -> pl.LazyFrame:
        """Return all messages in ``MESSAGE_SCHEMA``, in no particular order; collect it before the store is closed."""
        with self._turn():
            return self._rows().select(MESSAGE_SCHEMA.names())

    def cursor(self, provider: str, mailbox: str, source: str) -> Cursor | None:
        """Return the bookmark of the last page of a source; None if it was never read, or must start again."""
        with self._turn():
            return self._catalogue.cursor(provider, mailbox, source)

    def commit(self, connector: Connector, page: Page, *, at: dt.datetime) -> Committed:
        """Store a page, its cursor and its skipped emails in one transaction, and return the counts of changes.

        Unchanged messages only move the cursor.

        Raises:
            UserError: the disk is full or can't be written; nothing of the page was stored.
        """
        with self._turn():
            compaction.fold_if_due(self._folder, self._catalogue)
            gone, keys = self._leaving(connector, page)
            news = self._news(page).without(keys)
            with self._catalogue.transaction(durable=False):
                self._catalogue.move_cursor(connector, page, added=news.counts.added, gone=gone, at=at)
                if not news.rows.is_empty():
                    blob = segments.to_bytes(news.rows)
                    rows, rewritten = news.rows.height, news.rewritten
                    self._catalogue.add_page(connector, blob, rows=rows, rewritten=rewritten, at=at)
            if not news.rows.is_empty():
                self._fingerprints().learn(news.rows)
        return news.counts

    def _news(self, page: Page) -> PageChanges:
        """The changes in a page; the fingerprints of stored messages are loaded with the first messages."""
        if page.messages.is_empty():
            return NO_CHANGES
        return self._fingerprints().news(fingerprinted(page.messages))

    def _leaving(self, connector: Connector, page: Page) -> tuple[list[str], Hashes]:
        """The removed ids of a page that are stored, and their keys."""
        ids = list(dict.fromkeys(page.removed))
        if not ids:
            return [], NO_KEYS
        keys = hashes_of_ids(connector.provider, connector.mailbox, ids)
        held = self._fingerprints().holds(keys)
        return [name for name, stands in zip(ids, held.tolist(), strict=True) if stands], keys[held]

    def _fingerprints(self) -> FingerprintIndex:
        if self._known is None:
            compaction.hash_anew(self._folder, self._catalogue)
            self._known = FingerprintIndex(self._rows().select(KEY_HASH, CONTENT_HASH).collect())
        return self._known

    def _rows(self) -> pl.LazyFrame:
        pages, rewritten = self._catalogue.pages()
        manifest = self._catalogue.segments()
        segments.refuse_damage(self._checked, self._folder, manifest, read=True)
        return current_rows(self._folder, manifest, pages, rewritten=rewritten)

    def known(self, provider: str, mailbox: str, provider_ids: Collection[str]) -> set[str]:
        """Return those of a mailbox's ids that are stored or were skipped."""
        with self._turn():
            aside = self._catalogue.aside.among(provider, mailbox, provider_ids)
        return aside | self.holds(provider, mailbox, provider_ids)

    def holds(self, provider: str, mailbox: str, provider_ids: Collection[str]) -> set[str]:
        """Return those of a mailbox's ids that are stored."""
        with self._turn():
            stored = self._fingerprints().holds(hashes_of_ids(provider, mailbox, [*provider_ids])).tolist()
        return {name for name, held in zip(provider_ids, stored, strict=True) if held}

    def due(self, provider: str, mailbox: str, *, now: dt.datetime) -> tuple[str, ...]:
        """Return the ids that were skipped for a temporary reason and are due to be requested again."""
        with self._turn():
            return self._catalogue.aside.due(provider, mailbox, now=now)

    def labels(self, provider: str, mailbox: str) -> pl.DataFrame:
        """Return ``provider_id`` and ``labels`` of every message of a mailbox, in no particular order."""
        with self._turn():
            rows = self._rows().filter(provider=provider, mailbox=mailbox)
            return rows.select("provider_id", "labels").collect()

    def forget_cursor(self, provider: str, mailbox: str, source: str) -> None:
        """Drop the cursor and the skipped emails of a source, so that it is read again; its messages stay."""
        with self._turn(), self._catalogue.transaction(durable=False):
            self._catalogue.forget_cursor(provider, mailbox, source)

    @property
    def subjects(self) -> str:
        """Return the privacy rule that all stored subjects comply with: ``keep``, ``cues`` or ``none``."""
        with self._turn():
            return self._catalogue.subjects()

    def strip_subjects(self, rule: str, strip: compaction.Change, *, at: dt.datetime) -> None:
        """Apply ``strip`` to every stored message; old files are removed when the store is next opened for writing."""
        with self._rewriting():
            compaction.strip_subjects(self._folder, self._catalogue, rule=rule, strip=strip, at=at)

    def name_subjects(self, rule: str) -> None:
        """Record that a looser privacy rule applies to subjects from now on."""
        with self._turn(), self._catalogue.transaction(durable=True):
            self._catalogue.name_subjects(rule)

    def secret(self, which: SecretFile) -> bytes:
        """Return a secret of this store, created on first use in a file that only its owner can read."""
        with self._turn():
            return secret(self._folder, which)

    def dismiss(self, opening: Opening, *, at: dt.datetime, by: str, note: str | None) -> None:
        """Record that the unanswered emails of a ticket need no reply as of a time, with the author and a note."""
        with self._turn(), self._catalogue.transaction(durable=True):
            self._catalogue.dismissals.add(opening, at=at, by=by, note=note)

    def take_back_dismissals(self, opening: Opening) -> int:
        """Remove the dismissals of a ticket, and return their number."""
        with self._turn(), self._catalogue.transaction(durable=True):
            return self._catalogue.dismissals.remove(opening)

    def dismissals(self) -> pl.DataFrame:
        """Return the mail dismissed as needing no answer, with who dismissed it and when: ``DISMISSALS_SCHEMA``."""
        with self._turn():
            return self._catalogue.dismissals.frame()

    def deliveries(self) -> pl.DataFrame:
        """Return all deliveries, sent or not: ``DELIVERIES_SCHEMA``."""
        with self._turn():
            return self._catalogue.deliveries.frame()

    def alerted(self) -> Alerted:
        """Return the start of alerts for each recipient, and the events that each was alerted to."""
        with self._turn():
            return AlertTable(self._catalogue.sql).read()

    def compact(self) -> None:
        """Merge pages and small segments into few sorted files with each message once; full, current files stay."""
        with self._turn():
            compaction.compact(self._folder, self._catalogue)

    def sources(self) -> pl.DataFrame:
        """Return every source that was read: its number of messages, its progress, and the time of the last page."""
        with self._turn():
            return self._catalogue.sources()

    def skipped(self) -> pl.DataFrame:
        """Return the skipped mail: provider, mailbox, source, place, reason."""
        with self._turn():
            return self._catalogue.skipped()

    def defects(self) -> pl.DataFrame:
        """Return the counts of unreadable parts of stored messages: provider, mailbox, source, kind, messages."""
        with self._turn():
            return self._catalogue.reading.defects()

    def signs(self) -> pl.DataFrame:
        """Return the counts of signs that made messages automated: provider, mailbox, source, kind, sign, messages."""
        with self._turn():
            return self._catalogue.reading.signs()
