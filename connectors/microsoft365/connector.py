"""Reads a mailbox of Microsoft 365: every folder by its changes, and now and then a comparison of all ids."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator

from connectors.base import Cursor, Page, RetryLaterError
from connectors.mail import Own
from connectors.microsoft365.api import GraphAnswerError, GraphApi
from connectors.microsoft365.cursor import FolderPlace, GraphBookmark, read_graph_bookmark
from connectors.microsoft365.delta import SIZES, Walk
from connectors.microsoft365.errors import GraphErrorKind, resource_not_found
from connectors.microsoft365.folders import folders, to_walk, well_known
from connectors.microsoft365.parse import PROVIDER, SELECTED
from connectors.microsoft365.reconcile import earlier, reconcile_graph
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
    """What a request takes at least by the mailbox's limits."""
    now: Callable[[], dt.datetime]

    @property
    def provider(self) -> str:
        """The kind of source, always ``microsoft365``."""
        return PROVIDER

    @property
    def source(self) -> str:
        """The mailbox itself: all its folders are one stream."""
        return self.mailbox

    @property
    def shape(self) -> str:
        """The kind of ids, subjects and fields that requests select, as text.

        Bookmarks hold links that contain these, so a bookmark of another shape is no longer valid.
        """
        return ",".join(["immutable", "with subjects" if self.subjects else "without subjects", *SELECTED])

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """Everything in the folders that are read, newest first; then what changed since ``cursor``.

        Raises:
            ConnectorError: the mailbox cannot be read, or not now.
        """
        try:
            yield from self._read(read_graph_bookmark(cursor, shape=self.shape))
        except GraphAnswerError as error:
            raise RetryLaterError(
                self.mailbox,
                f"Exchange gave an answer that makes no sense to us ({error.verdict.kind}).",
                "The next run tries again; if this comes back, please report it.",
                state="odd answer",
            ) from error

    def _read(self, bookmark: GraphBookmark | None) -> Iterator[Page]:
        session = self._session(bookmark or self._begin())
        walked = self._look_around(session)
        yield from self._try_again(session)
        stale = False
        for folder in walked:
            walk = Walk(session, folder)
            yield from walk.pages()
            stale = stale or walk.stale
        before = session.bookmark.horizon
        if before is not None and (self.horizon is None or self.horizon < before):
            yield from earlier(session, walked, until=before)
        if stale or self._check_is_due(session.bookmark):
            yield from reconcile_graph(session, walked)

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
        """The folders to walk by now; those that are new begin at their start, those that went are forgotten."""
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
            places=places,
            well_known=names,
            left_out=tuple(folder for folder in session.tree if folder not in set(walked)),
        )
        fresh = [folder for folder in walked if not places.get(folder, FolderPlace()).done]
        session.total = sum(session.tree[folder].messages for folder in fresh)
        return walked

    def _try_again(self, session: GraphSession) -> Iterator[Page]:
        """What was set aside, and may be readable by now."""
        for ids in graph_parts(self.held.due()):
            batch = GraphBatch()
            try:
                session.fetch(ids, batch)
            except GraphAnswerError as error:
                if error.verdict.kind is not GraphErrorKind.NO_HEADERS:
                    raise
                return  # the walk finds out how to ask; these are asked for in the next run
            yield session.page(batch, session.bookmark)

    def _check_is_due(self, bookmark: GraphBookmark) -> bool:
        checked_at = bookmark.checked_at
        return checked_at is None or not checked_at <= self.now() < checked_at + self.reconcile_every
