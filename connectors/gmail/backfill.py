"""Reads what a mailbox holds: ids page by page, newest first, and the messages that are not held yet."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from connectors.base import Page
from connectors.gmail.api import GmailAnswerError
from connectors.gmail.errors import GmailErrorKind
from connectors.gmail.fetch import Fetched
from connectors.gmail.parse import ids_in_listing
from connectors.gmail.session import SAME_TOKEN, GmailSession

OLD_PAGES = 3
"""Pages in a row with old mail only after which a listing ends: its order is a custom, not a promise."""


def listing(session: GmailSession) -> Iterator[Page]:
    """Pages of the messages that are not held yet, from where the bookmark's listing stands to its end."""
    tokens = PageTokens(session)
    while session.bookmark.listing:
        before = session.bookmark
        answer = _list(session, before.token, tokens)
        ids, threads = ids_in_listing(answer)
        following = tokens.following(answer, after=before.token)
        fetched = session.fetch(session.unknown(ids), threads=threads)
        old = _old_pages(session, fetched)
        session.done += len(ids)
        if following is None or old >= OLD_PAGES:
            after = dataclasses.replace(before, listing=False, token=None, old_pages=0, listed=0)
        else:
            after = dataclasses.replace(before, token=following, old_pages=old, listed=session.done)
        yield session.page(fetched, after)


def _list(session: GmailSession, token: str | None, tokens: "PageTokens") -> dict[str, Any]:
    """A page of the listing; a place in it that is no longer accepted means its beginning."""
    try:
        return session.api.messages(token=token)
    except GmailAnswerError as trouble:
        if token is None or trouble.verdict.kind not in {GmailErrorKind.REJECTED, GmailErrorKind.MISSING}:
            raise
        tokens.forget()
        return session.api.messages(token=None)


def _old_pages(session: GmailSession, fetched: Fetched) -> int:
    """How many pages in a row held only mail from before the horizon; one with nothing new says nothing."""
    messages = [message for raw in fetched.found.values() if (message := session.read(raw).message)]
    if session.horizon is None or not messages:
        return session.bookmark.old_pages
    return session.bookmark.old_pages + 1 if all(map(session.is_old, messages)) else 0


class PageTokens:
    """The page tokens of one listing, which must not go round in circles."""

    def __init__(self, session: GmailSession) -> None:
        self._session = session
        self.forget()

    def forget(self) -> None:
        """The listing starts again, perhaps with the same tokens."""
        self._seen: set[str | None] = set()
        self._again = 0

    def following(self, answer: dict[str, Any], *, after: str | None) -> str | None:
        """Return the token of the next page; None at the end.

        Raises:
            RetryLaterError: several pages in a row lead to where we were before.
        """
        token = answer.get("nextPageToken")
        if not isinstance(token, str) or not token:
            return None
        self._seen.add(after)
        self._again = self._again + 1 if token in self._seen else 0
        if self._again >= SAME_TOKEN:
            raise self._session.going_round()
        return token
