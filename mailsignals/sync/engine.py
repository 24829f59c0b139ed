"""Bring what a connector reads into the store, a page at a time."""

import collections
import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping

from connectors.base import Connector, ConnectorError, Page, ResyncError, SignInError
from mailsignals.errors import SignInFailedError, UserError
from mailsignals.store import Committed, Store


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What came of reading one source."""

    added: int
    changed: int
    unchanged: int
    skipped: Mapping[str, int]
    """Mails that were set aside, by reason."""
    defects: Mapping[str, int]
    """What could not be read of messages that were kept, by kind."""
    complete: bool
    problem: str | None
    """Why the source was not read to its end; the pages before stand, and the next run goes on after them."""


@dataclasses.dataclass(slots=True)
class _Tally:
    """What the pages so far add up to."""

    pages: int = 0
    counts: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    skipped: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    defects: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)

    def add(self, page: Page, committed: Committed) -> None:
        self.pages += 1
        self.counts.update(dataclasses.asdict(committed))
        self.skipped.update(item.reason for item in page.skipped)
        self.defects.update(page.defects)

    def report(self, problem: ConnectorError | None = None) -> SyncReport:
        return SyncReport(
            added=self.counts["added"],
            changed=self.counts["changed"],
            unchanged=self.counts["unchanged"],
            skipped=dict(self.skipped),
            defects=dict(self.defects),
            complete=problem is None,
            problem=None if problem is None else str(problem),
        )


def bring_in(
    connector: Connector,
    store: Store,
    *,
    at: Callable[[], dt.datetime],
    on_page: Callable[[Page, Committed], None],
) -> SyncReport:
    """Read a source from its stored cursor to its end; a cursor that is no longer accepted starts it again.

    Raises:
        UserError: not one page of it was ever read, or the store cannot be written.
        SignInFailedError: the same, because the provider refused our credentials.
    """
    tally = _Tally()

    def read() -> None:
        for page in connector.pages(store.cursor(connector.provider, connector.mailbox, connector.source)):
            committed = store.commit(connector, page, at=at())
            tally.add(page, committed)
            on_page(page, committed)

    try:
        try:
            read()
        except ResyncError:
            store.forget_cursor(connector.provider, connector.mailbox, connector.source)
            read()
    except ConnectorError as error:
        if tally.pages or store.cursor(connector.provider, connector.mailbox, connector.source) is not None:
            return tally.report(error)
        raise _as_user_error(error) from error
    return tally.report()


def _as_user_error(error: ConnectorError) -> UserError:
    return SignInFailedError(str(error)) if isinstance(error, SignInError) else UserError(str(error))
