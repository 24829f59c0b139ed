"""Follows the history of a mailbox: every message that it names is fetched or removed."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from connectors.base import Page, ResyncError
from connectors.gmail.api import GmailAnswerError
from connectors.gmail.backfill import PageTokens
from connectors.gmail.errors import GmailErrorKind
from connectors.gmail.history import history_changes, last_record, newest
from connectors.gmail.session import NOTHING, GmailSession, gmail_parts

PAGES = 10
"""Pages of history that are read before their messages are fetched, because many emails are soon deleted."""


def follow(session: GmailSession, *, just_listed: bool) -> Iterator[Page]:
    """Yield pages of the changes since the bookmark's history id.

    Raises:
        ResyncError: Gmail no longer has the history, and the mailbox changed since.
    """
    token: str | None = None
    tokens = PageTokens(session)
    while True:
        try:
            records, token, reached = _some(session, token, tokens)
        except GmailAnswerError as trouble:
            if trouble.verdict.kind not in {GmailErrorKind.MISSING, GmailErrorKind.REJECTED}:
                raise
            yield from _gone(session, just_listed=just_listed)
            return
        yield from _changed(session, records, reached)
        if token is None:
            return


def _some(session: GmailSession, token: str | None, tokens: PageTokens) -> tuple[list[Any], str | None, str]:
    """The records of some pages, the token of the next page, and the history id of the end."""
    start = session.bookmark.history
    records: list[Any] = []
    for _ in range(PAGES):
        answer = session.api.history(start=start, token=token)
        page = answer.get("history")
        records += page if isinstance(page, list) else []
        token = tokens.following(answer, after=token)
        if token is None:
            return records, None, newest(start, answer.get("historyId"), last_record(records))
    return records, token, start


def _changed(session: GmailSession, records: list[Any], reached: str) -> Iterator[Page]:
    """Pages of the messages that records name; only the last page moves the bookmark."""
    before, found = session.bookmark, history_changes(records)
    after = dataclasses.replace(before, history=reached)
    portions = list(gmail_parts(found.changed))
    if not portions and (found.deleted or after != before):
        portions = [[]]
    session.done += len(found.changed)
    for number, ids in enumerate(portions, start=1):
        fetched = session.fetch(ids)
        if number < len(portions):
            yield session.page(fetched, before)
        else:
            gone = (*fetched.gone, *found.deleted)
            yield session.page(dataclasses.replace(fetched, gone=gone), after)


def _gone(session: GmailSession, *, just_listed: bool) -> Iterator[Page]:
    """React to a history that Gmail no longer has.

    In a mailbox without changes even the newest history id expires; then nothing was missed.
    """
    present = newest(session.api.profile().get("historyId"))
    if present == session.bookmark.history:
        return
    if not just_listed:
        raise ResyncError(
            session.api.mailbox,
            "Gmail no longer has the changes since the last run.",
            "All ids are compared; stored emails are not fetched again.",
        )
    yield session.page(NOTHING, dataclasses.replace(session.bookmark, history=present))
