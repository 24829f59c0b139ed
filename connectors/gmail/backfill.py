"""Lists the ids of a mailbox page by page, newest first, and fetches the messages that aren't stored yet."""

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
"""Number of consecutive pages with only old mail after which a listing ends, because its order isn't guaranteed."""


def listing(session: GmailSession) -> Iterator[Page]:
    """Yield pages of the messages that aren't stored yet, from the bookmark's place in the listing to its end."""
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
    """A page of the listing; if its token is no longer accepted, the first one."""
    try:
        return session.api.messages(token=token)
    except GmailAnswerError as trouble:
        if token is None or trouble.verdict.kind not in {GmailErrorKind.REJECTED, GmailErrorKind.MISSING}:
            raise
        tokens.forget()
        return session.api.messages(token=None)


def _old_pages(session: GmailSession, fetched: Fetched) -> int:
    """The number of consecutive pages with only mail from before the horizon; pages without new mail don't count."""
    messages = [message for raw in fetched.found.values() if (message := session.read(raw).message)]
    if session.horizon is None or not messages:
        return session.bookmark.old_pages
    return session.bookmark.old_pages + 1 if all(map(session.is_old, messages)) else 0


class PageTokens:
    """The page tokens of one listing, to detect loops."""

    def __init__(self, session: GmailSession) -> None:
        self._session = session
        self.forget()

    def forget(self) -> None:
        """Forget all tokens, because the listing starts again."""
        self._seen: set[str | None] = set()
        self._again = 0

    def following(self, answer: dict[str, Any], *, after: str | None) -> str | None:
        """Return the token of the next page; None at the end.

        Raises:
            RetryLaterError: several consecutive pages lead back to earlier pages.
        """
        token = answer.get("nextPageToken")
        if not isinstance(token, str) or not token:
            return None
        self._seen.add(after)
        self._again = self._again + 1 if token in self._seen else 0
        if self._again >= SAME_TOKEN:
            raise self._session.going_round()
        return token
