"""Reads what a mailbox holds: ids page by page, newest first, and the messages that are not held yet."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from connectors.base import Page
from connectors.gmail.api import AnswerError
from connectors.gmail.errors import Kind
from connectors.gmail.fetch import Fetched
from connectors.gmail.session import SAME_TOKEN, Session

OLD_PAGES = 3
"""Pages in a row with old mail only after which a listing ends: its order is a custom, not a promise."""


def listing(session: Session) -> Iterator[Page]:
    """Pages of the messages that are not held yet, from where the bookmark's listing stands to its end."""
    same = 0
    while session.bookmark.listing:
        before = session.bookmark
        answer = _list(session, before.token)
        ids, threads = listed(answer)
        following = next_token(answer)
        same = same + 1 if following is not None and following == before.token else 0
        if same >= SAME_TOKEN:
            raise session.going_round()
        fetched = session.fetch(session.unknown(ids), threads=threads)
        old = _old_pages(session, fetched)
        session.done += len(ids)
        if following is None or old >= OLD_PAGES:
            after = dataclasses.replace(
                before, listing=False, token=None, old_pages=0, horizon=session.horizon
            )
        else:
            after = dataclasses.replace(before, token=following, old_pages=old)
        yield session.page(fetched, after)


def _list(session: Session, token: str | None) -> dict[str, Any]:
    """A page of the listing; a place in it that is no longer accepted means its beginning."""
    try:
        return session.api.messages(token=token)
    except AnswerError as trouble:
        if token is None or trouble.verdict.kind not in {Kind.REJECTED, Kind.MISSING}:
            raise
        return session.api.messages(token=None)


def _old_pages(session: Session, fetched: Fetched) -> int:
    """How many pages in a row held only mail from before the horizon; one with nothing new says nothing."""
    messages = [message for raw in fetched.found.values() if (message := session.read(raw).message)]
    if session.horizon is None or not messages:
        return session.bookmark.old_pages
    return session.bookmark.old_pages + 1 if all(map(session.is_old, messages)) else 0


def listed(answer: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """The ids of a page of a listing, and the thread of each."""
    entries = answer.get("messages")
    threads = {
        entry["id"]: str(entry.get("threadId") or "")
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and isinstance(entry.get("id"), str)
    }
    return list(threads), {name: thread for name, thread in threads.items() if thread}


def next_token(answer: dict[str, Any]) -> str | None:
    """Where the next page is; None at the end."""
    token = answer.get("nextPageToken")
    return token if isinstance(token, str) and token else None
