"""Bring what a connector reads into the store, a page at a time."""

import collections
import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from typing import TypeAlias

import polars as pl

from connectors.base import Connector, ConnectorError, Page, ResyncError, SignInError
from connectors.mail.labels import skip_reason
from mailsignals.errors import SignInFailedError, UserError
from mailsignals.store import Committed, Store

MessageFilter: TypeAlias = Callable[[pl.DataFrame], pl.DataFrame]
"""What of messages may be stored: those that are kept, with what is private taken out."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """The result of reading one source: counts of messages, skipped mail and defects, and the error if any."""

    added: int
    changed: int
    unchanged: int
    removed: int = 0
    """Messages that the mailbox no longer holds."""
    skipped: Mapping[str, int]
    """Emails that were skipped, by reason."""
    defects: Mapping[str, int]
    """What could not be read of messages that were kept, by kind."""
    folders: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """Emails in each folder, also those skipped for the folder's sake; empty where the source has no folders."""
    too_old: int = 0
    """Messages that ``[retention]`` doesn't keep."""
    resynced: bool = False
    """True if the bookmark was no longer accepted, so that everything was compared."""
    error: ConnectorError | None = None
    """Why the source wasn't read to its end; the pages before stand, and the next run goes on after them."""

    @property
    def complete(self) -> bool:
        """Return whether the source was read to its end."""
        return self.error is None


@dataclasses.dataclass(slots=True)
class _Tally:
    """What the pages so far add up to."""

    counts: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    skipped: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    defects: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    folders: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)

    def add(self, page: Page, clean: Page, committed: Committed) -> None:
        self.counts.update(
            dataclasses.asdict(committed), too_old=page.messages.height - clean.messages.height
        )
        self.skipped.update(item.reason for item in page.skipped)
        self.defects.update(page.defects)
        self.folders.update(page.folders)

    def report(self, error: ConnectorError | None = None, *, resynced: bool) -> SyncReport:
        return SyncReport(
            added=self.counts["added"],
            changed=self.counts["changed"],
            unchanged=self.counts["unchanged"],
            removed=self.counts["removed"],
            skipped=dict(self.skipped),
            defects=dict(self.defects),
            folders=dict(self.folders),
            too_old=self.counts["too_old"],
            resynced=resynced,
            error=error,
        )


def read_source(
    connector: Connector,
    store: Store,
    *,
    message_filter: MessageFilter,
    at: Callable[[], dt.datetime],
    on_page: Callable[[Page, Committed], None],
) -> SyncReport:
    """Read a source from its stored cursor to its end; a cursor that is no longer accepted starts it again.

    Raises:
        UserError: the store can't be written.
        StoppedError: somebody wants it to stop; pages that were committed stand.
    """
    tally = _Tally()
    resynced = False

    def read() -> None:
        for page in connector.pages(store.cursor(connector.provider, connector.mailbox, connector.source)):
            clean = dataclasses.replace(page, messages=message_filter(page.messages))
            if page.unwanted:
                clean = dataclasses.replace(
                    clean, removed=(*clean.removed, *_unwanted(connector, page, store))
                )
            committed = store.commit(connector, clean, at=at())
            tally.add(page, clean, committed)
            on_page(page, committed)

    try:
        try:
            read()
        except ResyncError:
            resynced = True
            store.forget_cursor(connector.provider, connector.mailbox, connector.source)
            read()
    except ConnectorError as error:
        return tally.report(error, resynced=resynced)
    return tally.report(resynced=resynced)


def _unwanted(connector: Connector, page: Page, store: Store) -> list[str]:
    """Ids of stored messages that this page sets aside, and that nothing but the same folder can have brought.

    So mail goes that came in before the role of its folder was known; a copy under another label stays.
    """
    held = store.holds(connector.provider, connector.mailbox, page.unwanted)
    if not held:
        return []
    stored = store.labels(connector.provider, connector.mailbox).filter(pl.col("provider_id").is_in(held))
    return [
        id_
        for id_, labels in stored.iter_rows()
        if skip_reason(labels) or labels == [label for label in [page.unwanted[id_]] if label]
    ]


def bring_in(
    connector: Connector,
    store: Store,
    *,
    message_filter: MessageFilter,
    at: Callable[[], dt.datetime],
    on_page: Callable[[Page, Committed], None],
) -> SyncReport:
    """``read_source`` for a source that somebody named: what was never read at all is that person's error.

    Raises:
        UserError: not one page of it was ever read, or the store can't be written.
        SignInFailedError: the same, because the provider refused our credentials.
    """
    report = read_source(connector, store, message_filter=message_filter, at=at, on_page=on_page)
    if report.error and store.cursor(connector.provider, connector.mailbox, connector.source) is None:
        raise _as_user_error(report.error) from report.error
    return report


def _as_user_error(error: ConnectorError) -> UserError:
    return SignInFailedError(str(error)) if isinstance(error, SignInError) else UserError(str(error))
