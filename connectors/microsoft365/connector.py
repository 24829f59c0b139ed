"""Reads a mailbox of Microsoft 365: the changes of every folder, and from time to time a comparison of all ids."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator

from connectors.base import Cursor, GiveUpError, Page, RetryLaterError
from connectors.mail import Own
from connectors.microsoft365.access_check import check_access, may_concern_headers
from connectors.microsoft365.api import GraphAnswerError, GraphApi
from connectors.microsoft365.cursor import FolderPlace, GraphBookmark, read_graph_bookmark
from connectors.microsoft365.delta import SIZES, Walk
from connectors.microsoft365.errors import GraphErrorKind, resource_not_found
from connectors.microsoft365.folders import folders, to_walk, well_known
from connectors.microsoft365.parse import PROVIDER, SELECTED
from connectors.microsoft365.reconcile import older_pages, reconcile_graph, unknown_pages
from connectors.microsoft365.session import GraphBatch, GraphSession, graph_parts
from connectors.provider import StoredMail


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Microsoft365Mailbox:
    """The connector for one mailbox of Microsoft 365."""

    mailbox: str
    api: GraphApi
    held: StoredMail
    own: Own
    subjects: bool
    horizon: dt.datetime | None
    reconcile_every: dt.timedelta
    seconds_a_request: float
    """Shortest time of one request by the mailbox's limits, in seconds."""
    now: Callable[[], dt.datetime]

    @property
    def provider(self) -> str:
        """The kind of source, always ``microsoft365``."""
        return PROVIDER

    @property
    def source(self) -> str:
        """The address of the mailbox; all its folders are one stream."""
        return self.mailbox

    @property
    def shape(self) -> str:
        """The kind of ids, subjects and fields that requests select, as text.

        Bookmarks contain links with these, so a bookmark of another shape is no longer valid.
        """
        return ",".join(["immutable", "with subjects" if self.subjects else "without subjects", *SELECTED])

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """Yield pages of all messages in the folders, newest first; then of the changes since ``cursor``.

        Raises:
            ConnectorError: the mailbox can't be read, or not now.
        """
        session = self._session(read_graph_bookmark(cursor, shape=self.shape) or self._begin())
        try:
            try:
                self._try_headers(session)
                yield from self._read(session)
            except (GiveUpError, GraphAnswerError) as refused:
                if not (session.bookmark.headers and may_concern_headers(refused)):
                    raise
                if check_access(self.api, subjects=self.subjects):
                    raise  # the headers aren't the reason
                session.bookmark = session.bookmark.with_headers(allowed=False)
                yield from self._read(session)
        except GraphAnswerError as error:
            raise RetryLaterError(
                self.mailbox,
                f"Exchange sent an unexpected answer ({error.verdict.kind}).",
                "The next run tries again. If this recurs, please report it.",
                state="unexpected answer",
            ) from error

    def _try_headers(self, session: GraphSession) -> None:
        """Request headers again that were refused, as often as all ids are compared."""
        if session.bookmark.headers or not self._check_is_due(session.bookmark):
            return
        if check_access(self.api, subjects=self.subjects):
            session.bookmark = session.bookmark.with_headers(allowed=True)

    def _read(self, session: GraphSession) -> Iterator[Page]:
        walked = self._look_around(session)
        yield from self._try_again(session)
        for folder, following in _in_turn(walked, session.bookmark.walking):
            yield from Walk(session, folder, following).pages()
        before = session.bookmark.horizon
        if before is not None and (self.horizon is None or self.horizon < before):
            yield from older_pages(session, walked, until=before)
        if session.bookmark.compare or self._check_is_due(session.bookmark):
            yield from reconcile_graph(session, walked)
        yield from unknown_pages(session)
        if not session.saved:
            yield session.page(GraphBatch(), session.bookmark)

    def _begin(self) -> GraphBookmark:
        empty = self.held.stored().is_empty()
        return GraphBookmark(horizon=self.horizon, checked_at=self.now() if empty else None)

    def _session(self, bookmark: GraphBookmark) -> GraphSession:
        return GraphSession(
            api=self.api,
            held=self.held,
            own=self.own,
            shape=self.shape,
            subjects=self.subjects,
            horizon=self.horizon,
            now=self.now,
            bookmark=bookmark,
            seconds_a_message=self.seconds_a_request / SIZES[0],
        )

    def _look_around(self, session: GraphSession) -> list[str]:
        """The folders to walk now; new ones begin at their start, and deleted ones are forgotten."""
        try:
            session.tree = folders(self.api)
        except GraphAnswerError as error:
            verdict = resource_not_found(error.verdict, mailbox=self.mailbox)
            raise (verdict.error or error) from error
        bookmark = session.bookmark
        names = dict(bookmark.well_known)
        if not names or not session.tree.keys() <= bookmark.places.keys() | names.keys() | set(
            bookmark.left_out
        ):
            names = well_known(self.api, session.tree, names)
        walked = to_walk(session.tree, names)
        due = self._check_is_due(bookmark)
        places = {
            folder: place
            for folder in walked
            if (place := bookmark.places.get(folder)) is not None and not (place.slim and due)
        }
        session.bookmark = dataclasses.replace(
            bookmark,
            compare=bookmark.compare or not bookmark.places.keys() <= set(walked),
            places=places,
            well_known=names,
            left_out=tuple(folder for folder in session.tree if folder not in set(walked)),
        )
        fresh = [folder for folder in walked if not places.get(folder, FolderPlace()).done]
        session.total = sum(session.tree[folder].messages for folder in fresh)
        return walked

    def _try_again(self, session: GraphSession) -> Iterator[Page]:
        """Pages of skipped emails that are readable now."""
        for ids in graph_parts(self.held.due()):
            batch = GraphBatch()
            try:
                session.fetch(ids, batch)
            except GraphAnswerError as error:
                if error.verdict.kind is not GraphErrorKind.NO_HEADERS:
                    raise
                return  # the walk finds the right kind of request; the next run retries these
            yield session.page(batch, session.bookmark)

    def _check_is_due(self, bookmark: GraphBookmark) -> bool:
        checked_at = bookmark.checked_at
        return checked_at is None or not checked_at <= self.now() < checked_at + self.reconcile_every


def _in_turn(folders: list[str], first: str | None) -> list[tuple[str, str | None]]:
    """The folders from the first one on, each with the one that follows it; None follows the last."""
    at = folders.index(first) if first in folders else 0
    turn = [*folders[at:], *folders[:at]]
    return list(zip(turn, [*turn[1:], None], strict=True))
