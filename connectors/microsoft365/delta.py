"""Walks a folder: all of it the first time, and only its changes from then on."""

import dataclasses
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from connectors.base import Page, RetryLaterError
from connectors.microsoft365.api import FEW_TRIES, GraphAnswerError, GraphApi
from connectors.microsoft365.cursor import FolderPlace
from connectors.microsoft365.errors import GraphErrorKind, GraphVerdict
from connectors.microsoft365.items import GraphItem, WalkPage
from connectors.microsoft365.links import Link, read_link
from connectors.microsoft365.listing import count_of, listed_messages, missing_ids
from connectors.microsoft365.session import GraphBatch, GraphSession

SIZES = (500, 100, 20, 5, 1)
"""Numbers of items per page: fewer if Exchange cuts a page off because of one of them."""

RESTARTS = 2
"""Largest number of restarts of a folder in one run."""

EMPTY_PAGES = 200
"""Number of consecutive empty pages after which a walk is given up."""

_UNCONCERNED = frozenset(
    {"id", "isRead", "parentFolderId", "changeKey", "flag", "lastModifiedDateTime", "categories"}
)
"""Fields of a message whose changes don't concern us."""


@dataclasses.dataclass(slots=True)
class Walk:
    """The walk of one folder in one run."""

    session: GraphSession
    folder: str
    following: str | None
    """The folder that is walked next; None after the last one."""
    restarts: int = 0

    def pages(self) -> Iterator[Page]:
        """Yield pages until the round ends.

        Raises:
            RetryLaterError: the pages of the folder don't end.
        """
        while not (yield from self._round()):
            self.restarts += 1
            if self.restarts > RESTARTS:
                raise self._nowhere()
            self._restart(slim=self._place.slim)

    @property
    def _place(self) -> FolderPlace:
        return self.session.bookmark.places.get(self.folder, FolderPlace())

    def _restart(self, *, slim: bool) -> None:
        """Begin the folder anew; what was removed meanwhile is found by comparing all ids."""
        if self._place.link is not None:
            self._compare()
        self.session.bookmark = self.session.bookmark.at(
            self.folder, FolderPlace(slim=slim, others=self._place.others)
        )

    def _compare(self) -> None:
        self.session.bookmark = dataclasses.replace(self.session.bookmark, compare=True)

    def _round(self) -> Generator[Page, None, bool]:
        """Yield pages until the round ends, with one page of read-ahead; return whether the round was completed."""
        if self.session.held.careful and not self._place.slim and not self._note():
            self._restart(slim=True)  # a list of ids works; items are then requested one by one
        with ThreadPoolExecutor(1) as ahead:
            return (yield from self._pages(ahead))

    def _note(self) -> bool:
        """Record that a page of the folder is read next; return False if such a page crashed the program."""
        return self.session.held.note(f"a page of {self.folder}")

    def _pages(self, ahead: ThreadPoolExecutor) -> Generator[Page, None, bool]:
        first = not self._place.done
        here = self._place.link or self._first_link()
        coming: Future[WalkPage] | None = None
        trail = _Trail(self.session.api)
        while True:
            try:
                page = (coming or ahead.submit(self._get, here)).result()
            except GraphAnswerError as error:
                return (yield from self._failed(error.verdict))
            link, ended = page.link, page.ended
            place = self._after(page, first=first) if trail.leads_on(page) else None
            if link is None or place is None:
                return False
            # After a crash nothing is read ahead, so that only the recorded item is being read.
            coming = None if ended or self.session.held.careful else ahead.submit(self._get, link)
            here = link
            batch = self._sort(page.entries)
            self.session.done += len(page.entries)
            bookmark = self.session.bookmark.at(self.folder, place)
            bookmark = dataclasses.replace(bookmark, walking=self.following if ended else self.folder)
            if batch.is_empty and not first:
                self.session.bookmark = bookmark
            else:
                yield self.session.page(batch, bookmark)
            if ended:
                return True

    def _after(self, page: WalkPage, *, first: bool) -> FolderPlace | None:
        """The place after a page; None if a first round ended too early."""
        seen = self._place.seen + sum(not _is_removed(entry) for entry in page.entries)
        place: FolderPlace | None = dataclasses.replace(self._place, link=page.link, seen=seen)
        if page.ended and first and place is not None:
            place = self._whole(place, page)
        return dataclasses.replace(place, done=True) if page.ended and place is not None else place

    def _first_link(self) -> str:
        fields = "id,parentFolderId" if self._place.slim else self.session.select
        return self.session.api.url(
            f"mailFolders/{self.folder}/messages/delta", select=fields, orderby="receivedDateTime desc"
        )

    def _get(self, link: str) -> WalkPage:
        """A page, in ever smaller sizes while Exchange can't return it."""
        last: GraphAnswerError | None = None
        for size in SIZES:
            try:
                return self.session.api.page(link, page_size=size, tries=FEW_TRIES)
            except GraphAnswerError as error:
                if error.verdict.kind not in {GraphErrorKind.RETRY, GraphErrorKind.CORRUPT}:
                    raise
                last = error
        assert last is not None
        raise last

    def _failed(self, verdict: GraphVerdict) -> Generator[Page, None, bool]:
        """React to a page that can't be read; return whether the folder is finished."""
        if verdict.kind is GraphErrorKind.MISSING:
            self._compare()  # the folder was deleted meanwhile; its messages may have moved
            self.session.bookmark = self.session.bookmark.without(self.folder)
            return True
        if verdict.kind is GraphErrorKind.STALE:
            return False
        if verdict.kind is GraphErrorKind.NO_HEADERS and self.session.bookmark.headers:
            self.session.bookmark = self.session.bookmark.with_headers(allowed=False)
            return False
        if verdict.kind in {GraphErrorKind.RETRY, GraphErrorKind.CORRUPT} and not self._place.slim:
            self._restart(slim=True)
            return (yield from self._round())
        raise self.session.api.out_of_reach()

    def _whole(self, place: FolderPlace, page: WalkPage) -> FolderPlace | None:
        """The place after a first round with all messages of the folder; None if the server ended it too early.

        Folders count appointments, contacts and notes, too. If a round has fewer items than its folder, messages are
        counted or, where that can't be, listed.
        """
        total = self._counted()
        if total is None or place.seen + place.others >= total:
            return place
        whole = dataclasses.replace(place, others=total - place.seen)
        messages = count_of(self.session, self.folder)
        if (messages is not None and place.seen >= messages) or not self._misses(page):
            return whole
        if self.restarts:
            self._compare()  # the same result twice: comparing ids finds the missing messages
            return whole
        return None

    def _counted(self) -> int | None:
        """The number of all items in the folder; None if the server doesn't tell."""
        try:
            answer = self.session.api.get(
                self.session.api.url(f"mailFolders/{self.folder}", select="totalItemCount")
            )
        except GraphAnswerError:
            return None
        total = answer.get("totalItemCount")
        return total if isinstance(total, int) else None

    def _misses(self, page: WalkPage) -> bool:
        """Whether the folder has messages that neither the store nor the last page of the round has."""
        listed = listed_messages(self.session, self.folder)
        missing = missing_ids(self.session.held.stored(), listed, horizon=self.session.horizon)
        here = {_id(entry) for entry in page.entries}
        return not set(missing) <= self.session.held.known(missing) | here

    def _sort(self, entries: Sequence[GraphItem | dict[str, Any]]) -> GraphBatch:
        """Put complete items into the page, and request incomplete ones that may matter."""
        batch = GraphBatch()
        read = self.session.carefully if self.session.held.careful else self.session.add
        partial: dict[str, dict[str, Any]] = {}
        for name, entry in {_id(entry): entry for entry in entries}.items():
            if isinstance(entry, GraphItem):
                read(entry, self.folder, batch)
            else:
                partial[name] = entry
        if partial:
            self.session.fetch(self._wanted(partial), batch)
        return batch

    def _wanted(self, partial: Mapping[str, dict[str, Any]]) -> list[str]:
        """The ids of removed and partial items that must be requested."""
        held = self.session.held.holds(partial)
        listing = self._place.slim and not self._place.done
        if listing and held:
            self._compare()  # stored messages are not requested again, but may be in another folder
        removed = {name for name, item in partial.items() if "@removed" in item}
        self.session.leaves([name for name in partial if name in removed - held])
        return [
            name
            for name, item in partial.items()
            if (name in held if name in removed else name not in held)
            or (name not in removed and ((self._place.slim and not listing) or self._concerns_us(item)))
        ]

    def _concerns_us(self, item: Mapping[str, Any]) -> bool:
        fields = {field for field in item if not field.startswith("@")}
        return not fields <= _UNCONCERNED or item.get("parentFolderId", self.folder) != self.folder

    def _nowhere(self) -> RetryLaterError:
        return RetryLaterError(
            self.session.api.mailbox,
            "Exchange's list of a folder repeats itself or does not end.",
            "The next run tries again. If this recurs, please report it.",
            state="unexpected answer",
        )


class _Trail:
    """The links of one round, which must lead on and end."""

    def __init__(self, api: GraphApi) -> None:
        self._api = api
        self._links: set[Link | None] = set()
        self._empty = 0

    def leads_on(self, page: WalkPage) -> bool:
        """Return whether the link of a page leads to this mailbox, and neither back nor through endless empty pages."""
        text, ended = page.link, page.ended
        if text is None or not self._api.is_ours(text):
            return False
        link = read_link(text)
        circles = link in self._links and not ended
        self._links.add(link)
        self._empty = 0 if page.entries else self._empty + 1
        return not circles and self._empty <= EMPTY_PAGES


def _id(entry: GraphItem | dict[str, Any]) -> str:
    return entry.id if isinstance(entry, GraphItem) else str(entry["id"])


def _is_removed(entry: GraphItem | dict[str, Any]) -> bool:
    return not isinstance(entry, GraphItem) and "@removed" in entry
