"""Reads a Gmail mailbox: first a listing, then its history, and from time to time a comparison of all ids."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator

from connectors.base import Cursor, Page, RetryLaterError
from connectors.gmail.api import GmailAnswerError, GmailApi
from connectors.gmail.backfill import listing
from connectors.gmail.cursor import GmailBookmark, read_gmail_bookmark
from connectors.gmail.fetch import Fetcher
from connectors.gmail.history import newest
from connectors.gmail.incremental import follow
from connectors.gmail.parse import PROVIDER
from connectors.gmail.reconcile import reconcile_gmail
from connectors.gmail.session import GmailSession, gmail_parts
from connectors.mail import Own
from connectors.provider import StoredMail


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GmailMailbox:
    """The connector for one Gmail mailbox."""

    mailbox: str
    open_api: Callable[[], GmailApi]
    held: StoredMail
    own: Own
    horizon: dt.datetime | None
    reconcile_every: dt.timedelta
    now: Callable[[], dt.datetime]

    @property
    def provider(self) -> str:
        """The kind of source, always ``gmail``."""
        return PROVIDER

    @property
    def source(self) -> str:
        """The address of the mailbox, which is one stream."""
        return self.mailbox

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """Yield pages of the messages that aren't stored yet, newest first; then of the changes since ``cursor``.

        Raises:
            ResyncError: Gmail no longer has the history since the cursor.
            ConnectorError: the mailbox can't be read, or not now.
        """
        api = self.open_api()
        try:
            yield from self._read(api, read_gmail_bookmark(cursor))
        except GmailAnswerError as trouble:
            raise RetryLaterError(
                self.mailbox,
                f"Gmail sent an unexpected answer ({trouble.verdict.kind}).",
                "The next run tries again. If this recurs, please report it.",
                state="unexpected answer",
            ) from trouble
        finally:
            api.close()

    def _read(self, api: GmailApi, bookmark: GmailBookmark | None) -> Iterator[Page]:
        bookmark, total = self._start(api, bookmark)
        session = self._session(api, bookmark, total)
        just_listed = bookmark.listing
        for ids in gmail_parts(self.held.due()):
            yield session.page(session.fetch(ids), session.bookmark)
        yield from listing(session)
        yield from follow(session, just_listed=just_listed)
        if self._check_is_due(session.bookmark):
            yield from reconcile_gmail(session)

    def _start(self, api: GmailApi, bookmark: GmailBookmark | None) -> tuple[GmailBookmark, int]:
        """The bookmark to continue from, and the number of messages if they are listed."""
        if bookmark is not None and self._reaches_further(bookmark):
            bookmark = dataclasses.replace(
                bookmark, listing=True, token=None, old_pages=0, listed=0, horizon=self.horizon
            )
        if bookmark is not None and not bookmark.listing:
            return bookmark, 0
        profile = api.profile()
        total = profile.get("messagesTotal")
        if bookmark is None:
            # The history id is read before the listing starts, so that changes during the listing aren't missed.
            checked_at = self.now() if self.held.stored().is_empty() else None
            history = newest(profile.get("historyId"))
            bookmark = GmailBookmark(
                history=history, listing=True, horizon=self.horizon, checked_at=checked_at
            )
        elif self.horizon is not None and bookmark.horizon is not None:
            bookmark = dataclasses.replace(bookmark, horizon=max(self.horizon, bookmark.horizon))
        elif self.horizon is not None:
            bookmark = dataclasses.replace(bookmark, horizon=self.horizon)
        return bookmark, total if isinstance(total, int) else 0

    def _session(self, api: GmailApi, bookmark: GmailBookmark, total: int) -> GmailSession:
        return GmailSession(
            api=api,
            fetcher=Fetcher(api),
            held=self.held,
            own=self.own,
            horizon=self.horizon,
            now=self.now,
            bookmark=bookmark,
            done=bookmark.listed,
            total=total,
        )

    def _reaches_further(self, bookmark: GmailBookmark) -> bool:
        """Return whether the horizon is earlier now than in the last or the current listing."""
        if bookmark.horizon is None:
            return False
        return self.horizon is None or self.horizon < bookmark.horizon

    def _check_is_due(self, bookmark: GmailBookmark) -> bool:
        checked_at = bookmark.checked_at
        return checked_at is None or not checked_at <= self.now() < checked_at + self.reconcile_every
