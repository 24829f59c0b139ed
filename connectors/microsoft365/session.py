"""The shared part of all ways to read a mailbox: judging items, fetching single ones, and making pages."""

import collections
import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from connectors.base import DEADLY, UNREADABLE, Message, Page, Progress, Skipped
from connectors.mail import Own
from connectors.microsoft365.api import GraphAnswerError, GraphApi
from connectors.microsoft365.cursor import GraphBookmark
from connectors.microsoft365.errors import GraphErrorKind
from connectors.microsoft365.folders import MailFolder, folders, label, reason_left_out
from connectors.microsoft365.items import GraphItem, read_item
from connectors.microsoft365.parse import is_email, parse_graph_message, selected_fields
from connectors.provider import StoredMail

PAGE_IDS = 200
"""Number of ids that are fetched one by one for one page."""

GONE_DELAY = 2.0
"""Seconds before a missing item is requested again: it may be moving between folders."""

MOST_UNKNOWN = 200
"""Largest number of unknown ids that are requested one by one; for more of them all ids are compared."""

NO_EMAIL = "not an email"
"""The reason for skipping a contact, an appointment or another item that a mail folder may hold."""

SUSPICIOUS = 3
"""Number of items from which on, if all fail, the server is the reason."""


@dataclasses.dataclass(slots=True)
class GraphBatch:
    """The content of one page: messages, skipped mail, removed ids, and counts of defects and signs."""

    messages: dict[str, Message] = dataclasses.field(default_factory=dict)
    skipped: dict[str, str] = dataclasses.field(default_factory=dict)
    removed: dict[str, None] = dataclasses.field(default_factory=dict)
    defects: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    signs: collections.Counter[tuple[str, str]] = dataclasses.field(default_factory=collections.Counter)

    @property
    def is_empty(self) -> bool:
        """Return whether the page would change nothing."""
        return not (self.messages or self.skipped or self.removed)


@dataclasses.dataclass(slots=True, kw_only=True)
class GraphSession:
    """One run over one mailbox."""

    api: GraphApi
    held: StoredMail
    own: Own
    shape: str
    subjects: bool
    horizon: dt.datetime | None
    now: Callable[[], dt.datetime]
    bookmark: GraphBookmark
    tree: Mapping[str, MailFolder] = dataclasses.field(default_factory=dict)
    done: int = 0
    total: int = 0
    seconds_a_message: float = 0.0
    looked_again: bool = False
    """True if the folders were listed a second time, for an item in a folder that is new."""
    saved_bookmark: GraphBookmark | None = None
    """The bookmark of the last page."""

    @property
    def select(self) -> str:
        """Return the fields to request, as a query option."""
        return selected_fields(subjects=self.subjects, headers=self.bookmark.headers)

    def add(self, item: GraphItem, folder: str, batch: GraphBatch) -> None:
        """Put a complete item into the page, as a message or as skipped."""
        name = item.id
        reason = "draft" if item.is_draft else self.left_out(folder)
        if not is_email(item.kind):
            reason = NO_EMAIL
        if reason is not None:
            batch.skipped[name] = reason
            batch.removed[name] = None
            batch.messages.pop(name, None)
            return
        reading = parse_graph_message(
            item, mailbox=self.api.mailbox, folder=label(folder, self.bookmark.well_known), own=self.own
        )
        batch.removed.pop(name, None)
        if reading.message is None:
            batch.skipped[name] = reading.skipped or UNREADABLE
        elif self.horizon is None or reading.message.sent_at >= self.horizon:
            batch.messages[name] = reading.message
            batch.defects.update(reading.defects)
            if reading.sign is not None:
                batch.signs[reading.sign] += 1

    @property
    def saved(self) -> bool:
        """Return whether the last page has the present bookmark."""
        return self.bookmark == self.saved_bookmark

    def left_out(self, folder: str) -> str | None:
        """Return the reason why messages in a folder are skipped (``draft``, ``spam`` or ``chat``); None if not."""
        return reason_left_out(folder, self.tree, self.bookmark.well_known)

    def carefully(self, item: GraphItem, folder: str, batch: GraphBatch) -> None:
        """Put a complete item into the page, but record it before it is read; skip one that crashed the program."""
        if self.held.note(item.id):
            self.add(item, folder, batch)
        else:
            batch.skipped[item.id] = DEADLY

    def leaves(self, ids: Sequence[str]) -> None:
        """Remember ids that left a folder and aren't stored; many of them make a comparison of all ids due."""
        bookmark = self.bookmark
        if not ids or bookmark.compare:
            return
        unknown = tuple(dict.fromkeys((*bookmark.unknown, *ids)))
        if len(unknown) > MOST_UNKNOWN:
            self.bookmark = dataclasses.replace(bookmark, compare=True, unknown=())
        else:
            self.bookmark = dataclasses.replace(bookmark, unknown=unknown)

    def look_up(self, ids: Sequence[str], batch: GraphBatch) -> None:
        """Request each item once, and put those that are found into the page."""
        self._fetched(ids, batch)

    def fetch(self, ids: Iterable[str], batch: GraphBatch) -> None:
        """Request single items, and put the result of each into the page."""
        missing = self._fetched(list(dict.fromkeys(ids)), batch)
        if missing:
            self.api.pause(GONE_DELAY)
            batch.removed.update(dict.fromkeys(self._fetched(missing, batch)))

    def _fetched(self, ids: Sequence[str], batch: GraphBatch) -> list[str]:
        """Fetch items, one by one after a crash; return the ids of missing ones."""
        if not self.held.careful:
            return list(self._some(ids, batch))
        missing: list[str] = []
        for name in ids:
            if self.held.note(name):
                missing += self._some([name], batch)
            else:
                batch.skipped[name] = DEADLY
        return missing

    def _some(self, ids: Sequence[str], batch: GraphBatch) -> Iterator[str]:
        """Fetch items at once; yield the ids of missing ones."""
        urls = (self.api.url(f"messages/{name}", select=self.select) for name in ids)
        answers = list(self.api.get_all(urls))
        if len(ids) >= SUSPICIOUS and all(_is_outage(answer) for answer in answers):
            raise self.api.out_of_reach()
        for name, answer in zip(ids, answers, strict=True):
            if not isinstance(answer, GraphAnswerError):
                # The server may return another kind of id; the requested one counts.
                item = read_item({**answer, "id": name})
                self._found(item, str(answer.get("parentFolderId") or ""), batch)
            elif answer.verdict.kind is GraphErrorKind.MISSING:
                yield name
            elif answer.verdict.kind is GraphErrorKind.NO_HEADERS and self.bookmark.headers:
                raise answer
            else:
                batch.skipped[name] = UNREADABLE

    def _found(self, item: GraphItem, folder: str, batch: GraphBatch) -> None:
        """Put a requested item into the page; one in a folder that isn't listed is out of sight."""
        if folder and folder not in self.tree and not self.looked_again:
            self.tree, self.looked_again = {**self.tree, **folders(self.api)}, True
        if folder and folder not in self.tree:
            batch.removed[item.id] = None
        else:
            self.add(item, folder, batch)

    def page(self, batch: GraphBatch, after: GraphBookmark) -> Page:
        """Return a page, and move the session's bookmark to ``after``."""
        self.bookmark = self.saved_bookmark = after
        self.total = max(self.total, self.done)
        left = (self.total - self.done) * self.seconds_a_message
        page = Page.of(
            batch.messages.values(),
            after.cursor(self.shape),
            Progress(self.done, self.total, "messages", left),
            skipped=[Skipped(name, reason) for name, reason in batch.skipped.items()],
            defects=batch.defects,
            removed=batch.removed,
        )
        return dataclasses.replace(page, signs=batch.signs)


def _is_outage(answer: dict[str, Any] | GraphAnswerError) -> bool:
    return isinstance(answer, GraphAnswerError) and answer.verdict.kind is GraphErrorKind.RETRY


def graph_parts(ids: Iterable[str]) -> Iterator[list[str]]:
    """Yield the ids in lists, one per page."""
    every = list(ids)
    for start in range(0, len(every), PAGE_IDS):
        yield every[start : start + PAGE_IDS]
