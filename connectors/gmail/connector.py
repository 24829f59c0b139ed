"""Reads a Gmail mailbox: first a listing, from then on its history, and now and then a comparison of all ids."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator

from connectors.base import Cursor, Page, RetryLaterError
from connectors.gmail.api import AnswerError, Api
from connectors.gmail.cursor import Bookmark, read_bookmark
from connectors.gmail.fetch import Fetcher
from connectors.gmail.follow import follow
from connectors.gmail.history import newest
from connectors.gmail.listing import listing
from connectors.gmail.parse import PROVIDER
from connectors.gmail.reconcile import reconcile
from connectors.gmail.session import Session, parts
from connectors.mail import Own
from connectors.provider import Held


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GmailMailbox:
    """One mailbox."""

    mailbox: str
    open_api: Callable[[], Api]
    held: Held
    own: Own
    horizon: dt.datetime | None
    reconcile_every: dt.timedelta
    now: Callable[[], dt.datetime]

    @property
    def provider(self) -> str:
        """Always ``gmail``."""
        return PROVIDER

    @property
    def source(self) -> str:
        """The mailbox itself: it is one stream."""
        return self.mailbox

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """What the mailbox holds that is not held yet, newest first; then what changed since ``cursor``.

        Raises:
            ResyncError: the history that the cursor needs is no longer kept.
            ConnectorError: the mailbox cannot be read, or not now.
        """
        api = self.open_api()
        try:
            yield from self._read(api, read_bookmark(cursor))
        except AnswerError as trouble:
            raise RetryLaterError(
                self.mailbox,
                f"Gmail gave an answer that makes no sense to us ({trouble.verdict.kind}).",
                "The next run tries again; if this comes back, please report it.",
                state="odd answer",
            ) from trouble
        finally:
            api.close()

    def _read(self, api: Api, bookmark: Bookmark | None) -> Iterator[Page]:
        total = 0
        if bookmark is None:
            bookmark, total = self._begin(api)
        elif self._reaches_further(bookmark):
            bookmark = dataclasses.replace(bookmark, listing=True, token=None, old_pages=0)
        session = self._session(api, bookmark, total)
        just_listed = bookmark.listing
        for ids in parts(self.held.due()):
            yield session.page(session.fetch(ids), session.bookmark)
        yield from listing(session)
        yield from follow(session, just_listed=just_listed)
        if self._check_is_due(session.bookmark):
            yield from reconcile(session)

    def _begin(self, api: Api) -> tuple[Bookmark, int]:
        """Pin the history before anything is listed, so that what happens meanwhile is not missed."""
        profile = api.profile()
        checked_at = self.now() if self.held.stored().is_empty() else None
        bookmark = Bookmark(history=newest(profile.get("historyId")), listing=True, checked_at=checked_at)
        total = profile.get("messagesTotal")
        return bookmark, total if isinstance(total, int) else 0

    def _session(self, api: Api, bookmark: Bookmark, total: int) -> Session:
        return Session(
            api=api,
            fetcher=Fetcher(api, one_by_one=self.held.careful),
            held=self.held,
            own=self.own,
            horizon=self.horizon,
            now=self.now,
            bookmark=bookmark,
            total=total,
        )

    def _reaches_further(self, bookmark: Bookmark) -> bool:
        """Whether mail from before the horizon of the last listing is wanted by now."""
        if bookmark.listing or bookmark.horizon is None:
            return False
        return self.horizon is None or self.horizon < bookmark.horizon

    def _check_is_due(self, bookmark: Bookmark) -> bool:
        checked_at = bookmark.checked_at
        return checked_at is None or not checked_at <= self.now() < checked_at + self.reconcile_every
