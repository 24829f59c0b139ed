"""Walks a folder: all of it the first time, and only its changes from then on."""

import dataclasses
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from connectors.base import Page, RetryLaterError
from connectors.microsoft365.api import FEW_TRIES, GraphAnswerError
from connectors.microsoft365.cursor import FolderPlace
from connectors.microsoft365.errors import GraphErrorKind, GraphVerdict
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

_WHOLE = frozenset({"receivedDateTime", "sentDateTime"})
"""Fields that every complete item has, possibly without a value."""


@dataclasses.dataclass(slots=True)
class Walk:
    """The walk of one folder in one run."""

    session: GraphSession
    folder: str
    restarts: int = 0
    stale: bool = False
    """True if the position in the folder was lost, so that messages removed meanwhile must be searched."""

    def pages(self) -> Iterator[Page]:
        """Yield pages until the round ends.

        Raises:
            RetryLaterError: the pages of the folder don't end.
        """
        if self.session.held.careful and not self._place.slim:
            self._restart(slim=True)  # a list of ids works; items are then requested one by one
        while not (yield from self._round()):
            self.restarts += 1
            if self.restarts > RESTARTS:
                raise self._nowhere()
            self._restart(slim=self._place.slim)

    @property
    def _place(self) -> FolderPlace:
        return self.session.bookmark.places.get(self.folder, FolderPlace())

    def _restart(self, *, slim: bool) -> None:
        self.stale = self.stale or self._place.link is not None
        self.session.bookmark = self.session.bookmark.at(self.folder, FolderPlace(slim=slim))

    def _round(self) -> Generator[Page, None, bool]:
        """Yield pages until the round ends, with one page of read-ahead; return whether the round was completed."""
        with ThreadPoolExecutor(1) as ahead:
            return (yield from self._pages(ahead))

    def _pages(self, ahead: ThreadPoolExecutor) -> Generator[Page, None, bool]:
        first = not self._place.done
        coming = ahead.submit(self._get, self._place.link or self._first_link())
        links: set[str] = set()
        empty = 0
        while True:
            try:
                answer = coming.result()
            except GraphAnswerError as error:
                return (yield from self._failed(error.verdict))
            items = items_of(answer)
            link, ended = _following(answer)
            if link is None or not self.session.api.is_ours(link) or (link in links and not ended):
                return False
            links.add(link)
            empty = 0 if items else empty + 1
            if empty > EMPTY_PAGES:
                return False
            seen = self._place.seen + sum("@removed" not in item for item in items)
            place = dataclasses.replace(self._place, link=link, seen=seen)
            if ended and first and not self._is_whole(place):
                return False
            if ended:
                place = dataclasses.replace(place, done=True)
            else:
                coming = ahead.submit(self._get, link)
            batch = self._sort(items)
            self.session.done += len(items)
            yield self.session.page(batch, self.session.bookmark.at(self.folder, place))
            if ended:
                return True

    def _first_link(self) -> str:
        fields = "id,parentFolderId" if self._place.slim else self.session.select
        return self.session.api.url(
            f"mailFolders/{self.folder}/messages/delta", select=fields, orderby="receivedDateTime desc"
        )

    def _get(self, link: str) -> Mapping[str, Any]:
        """A page, in ever smaller sizes while Exchange can't return it."""
        last: GraphAnswerError | None = None
        for size in SIZES:
            try:
                return self.session.api.get(link, page_size=size, tries=FEW_TRIES)
            except GraphAnswerError as error:
                if error.verdict.kind not in {GraphErrorKind.RETRY, GraphErrorKind.CORRUPT}:
                    raise
                last = error
        assert last is not None
        raise last

    def _failed(self, verdict: GraphVerdict) -> Generator[Page, None, bool]:
        """React to a page that can't be read; return whether the folder is finished."""
        if verdict.kind is GraphErrorKind.MISSING:
            return True  # the folder was deleted meanwhile; its messages may have moved
        if verdict.kind is GraphErrorKind.STALE:
            return False
        if verdict.kind is GraphErrorKind.NO_HEADERS and self.session.bookmark.headers:
            self.session.bookmark = self.session.bookmark.with_headers(allowed=False)
            return False
        if verdict.kind in {GraphErrorKind.RETRY, GraphErrorKind.CORRUPT} and not self._place.slim:
            self._restart(slim=True)
            return (yield from self._round())
        raise self.session.api.out_of_reach()

    def _is_whole(self, place: FolderPlace) -> bool:
        """Return whether a first round returned all messages of the folder; a server may end it early."""
        try:
            answer = self.session.api.get(
                self.session.api.url(f"mailFolders/{self.folder}", select="totalItemCount")
            )
        except GraphAnswerError:
            return True
        total = answer.get("totalItemCount")
        if not isinstance(total, int) or place.seen >= total:
            return True
        if self.restarts:
            # The same result twice: comparing ids finds the missing messages.
            self.session.bookmark = dataclasses.replace(self.session.bookmark, checked_at=None)
            return True
        return False

    def _sort(self, items: list[dict[str, Any]]) -> GraphBatch:
        """Put complete items into the page, and request incomplete ones that may matter."""
        batch = GraphBatch()
        latest = {str(item["id"]): item for item in items}
        asked = [name for name, item in latest.items() if not _WHOLE & item.keys()]
        held = self.session.held.holds(asked) if asked else set()
        wanted = []
        for name, item in latest.items():
            if "@removed" in item:
                if name in held:
                    wanted.append(name)
            elif _WHOLE & item.keys():
                self.session.add(item, self.folder, batch)
            elif name not in held or self._place.slim or self._concerns_us(item):
                wanted.append(name)
        self.session.fetch(wanted, batch)
        return batch

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


def items_of(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the items of a page."""
    value = answer.get("value")
    return [
        item
        for item in (value if isinstance(value, list) else [])
        if isinstance(item, dict) and isinstance(item.get("id"), str)
    ]


def _following(answer: Mapping[str, Any]) -> tuple[str | None, bool]:
    """The link of the next page or the next round, and whether this round is complete."""
    following, delta = answer.get("@odata.nextLink"), answer.get("@odata.deltaLink")
    if isinstance(following, str):
        return following, False
    return (delta, True) if isinstance(delta, str) else (None, False)
