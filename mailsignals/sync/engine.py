"""Reads the pages of a connector into the store."""

import collections
import dataclasses
import datetime as dt
import errno
import sqlite3
from collections.abc import Callable, Mapping
from typing import TypeAlias

import polars as pl

from connectors.base import (
    RAISED,
    Connector,
    ConnectorError,
    Page,
    ResyncError,
    SignInError,
    Skipped,
    StoppedError,
)
from connectors.mail.labels import skip_reason
from connectors.unexpected import log_unexpected
from mailsignals.errors import SignInFailedError, UserError
from mailsignals.store import Committed, Store

MessageFilter: TypeAlias = Callable[[pl.DataFrame], pl.DataFrame]
"""A function that returns the messages to store, without private parts."""


_MACHINE = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE", "ENOMEM", "EFBIG", "EACCES", "EPERM")
)
"""Numbers of errors of the machine: disk, file handles, memory and permissions."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """The result of reading one source: counts of messages, skipped mail and defects, and the error if any."""

    added: int
    changed: int
    unchanged: int
    removed: int = 0
    """Number of messages that are no longer in the mailbox."""
    skipped: Mapping[str, int]
    """Counts of skipped emails by reason."""
    defects: Mapping[str, int]
    """Counts of unreadable parts of stored messages by kind."""
    folders: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """Counts of emails by folder, including skipped ones; empty if the source has no folders."""
    too_old: int = 0
    """Number of messages that are too old for ``[retention]``."""
    resynced: bool = False
    """True if the cursor was no longer accepted, so that everything was compared."""
    error: ConnectorError | None = None
    """The error if the source wasn't read completely; earlier pages are stored, and the next run continues."""

    @property
    def complete(self) -> bool:
        """Return whether the source was read completely."""
        return self.error is None


@dataclasses.dataclass(slots=True)
class _Tally:
    """The sums of all pages so far."""

    counts: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    skipped: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    defects: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    folders: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)

    def add(self, page: Page, clean: Page, committed: Committed) -> None:
        self.counts.update(
            dataclasses.asdict(committed), too_old=page.messages.height - clean.messages.height
        )
        self.skipped.update(item.reason for item in clean.skipped)
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
    unexpected: Callable[[Exception], ConnectorError] | None = None,
) -> SyncReport:
    """Read a source from its stored cursor to its end; start again if the cursor is no longer accepted.

    Args:
        connector: reads the source.
        store: receives the pages.
        message_filter: returns the messages to store.
        at: the clock.
        on_page: is called after each page.
        unexpected: returns the error to report for one that nobody expected; None to raise it.

    Raises:
        UserError: the store can't be written.
        StoppedError: the run was interrupted; committed pages stay stored.
    """
    tally = _Tally()
    resynced = False

    def read() -> None:
        for page in connector.pages(store.cursor(connector.provider, connector.mailbox, connector.source)):
            clean = _filtered(page, message_filter)
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
    except (Exception, pl.exceptions.PanicException) as error:
        if unexpected is None or ends_run(error):
            raise
        return tally.report(unexpected(error), resynced=resynced)
    return tally.report(resynced=resynced)


def ends_run(error: BaseException) -> bool:
    """Return whether an error is not of one mailbox or email: a stop, or trouble of this machine like a full disk."""
    on_machine = isinstance(error, OSError) and error.errno in _MACHINE
    return on_machine or isinstance(error, StoppedError | UserError | sqlite3.Error | MemoryError)


def _filtered(page: Page, message_filter: MessageFilter) -> Page:
    """The page with the messages to store; one on which the filter fails unexpectedly is skipped."""
    try:
        return dataclasses.replace(page, messages=message_filter(page.messages))
    except Exception as error:  # one message must not keep the others from being stored
        if ends_run(error):
            raise
        log_unexpected(__name__, "the filter of emails failed", error)
    height = page.messages.height
    if height == 0:
        return page
    if height == 1:
        raised = [Skipped(name, RAISED) for name in page.messages["provider_id"]]
        return dataclasses.replace(page, messages=page.messages.clear(), skipped=(*page.skipped, *raised))
    parts = [
        _filtered(dataclasses.replace(page, messages=part, skipped=()), message_filter)
        for part in (page.messages[: height // 2], page.messages[height // 2 :])
    ]
    return dataclasses.replace(
        page,
        messages=pl.concat([part.messages for part in parts]),
        skipped=(*page.skipped, *(each for part in parts for each in part.skipped)),
    )


def _unwanted(connector: Connector, page: Page, store: Store) -> list[str]:
    """Ids of stored messages that this page skips, and that can only come from the same folder.

    This removes mail that was stored before the role of its folder was known; a copy with another label stays.
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
    """Read a source that the user named, as ``read_source``, but raise an error if no page was ever read.

    Raises:
        UserError: no page of it was ever read, or the store can't be written.
        SignInFailedError: no page was ever read, because the provider rejected the credentials.
    """
    report = read_source(connector, store, message_filter=message_filter, at=at, on_page=on_page)
    if report.error and store.cursor(connector.provider, connector.mailbox, connector.source) is None:
        raise _as_user_error(report.error) from report.error
    return report


def _as_user_error(error: ConnectorError) -> UserError:
    return SignInFailedError(str(error)) if isinstance(error, SignInError) else UserError(str(error))
