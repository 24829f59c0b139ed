"""Compares all ids of a mailbox with the store, and reads mail back to an earlier horizon."""

import dataclasses
import datetime as dt
from collections.abc import Iterator

import polars as pl

from connectors.base import Page
from connectors.microsoft365.api import GraphAnswerError
from connectors.microsoft365.delta import items_of
from connectors.microsoft365.errors import GraphErrorKind
from connectors.microsoft365.folders import label
from connectors.microsoft365.parse import read_date
from connectors.microsoft365.session import GraphBatch, GraphSession, graph_parts

PAGE = 500

_LISTED = pl.Schema(
    {"provider_id": pl.String(), "label": pl.String(), "received_at": pl.Datetime("us", "UTC")}
)


def reconcile_graph(session: GraphSession, folders: list[str]) -> Iterator[Page]:
    """Yield pages of messages that are missing in the store, that are gone, and that are in another folder.

    A message counts as gone only after all folders were listed, and after the mailbox confirmed it for that message.
    """
    began_at = session.now()
    listed = pl.concat([_LISTED.to_frame(), *(_listing(session, folder) for folder in folders)])
    stored = session.held.stored()
    for some in graph_parts(missing_ids(stored, listed, horizon=session.horizon)):
        known = session.held.known(some)  # skipped emails are known, but not stored
        yield _fetched(session, [name for name in some if name not in known])
    for some in graph_parts(moved_ids(stored, listed)):
        yield _fetched(session, some)
    yield session.page(GraphBatch(), dataclasses.replace(session.bookmark, checked_at=began_at))


def _fetched(session: GraphSession, ids: list[str]) -> Page:
    batch = GraphBatch()
    session.fetch(ids, batch)
    return session.page(batch, session.bookmark)


def _listing(session: GraphSession, folder: str) -> pl.DataFrame:
    """All ids of a folder, in ``_LISTED``."""
    frames = [_LISTED.to_frame()]
    url = session.api.url(
        f"mailFolders/{folder}/messages",
        select="id,receivedDateTime",
        orderby="receivedDateTime desc",
        top=str(PAGE),
    )
    for items in _pages(session, url):
        rows = [(item["id"], read_date(item.get("receivedDateTime"))) for item in items]
        frame = pl.DataFrame(
            rows, schema={name: _LISTED[name] for name in ("provider_id", "received_at")}, orient="row"
        )
        named = pl.lit(label(folder, session.bookmark.well_known), pl.String).alias("label")
        frames.append(frame.with_columns(named).select(_LISTED.names()))
    return pl.concat(frames)


def _pages(session: GraphSession, url: str) -> Iterator[list[dict[str, object]]]:
    """The items of a listing, page by page; none for a folder that was deleted meanwhile."""
    link: str | None = url
    seen: set[str] = set()
    while link is not None:
        if link in seen:
            raise session.api.out_of_reach()
        seen.add(link)
        try:
            answer = session.api.get(link, page_size=PAGE)
        except GraphAnswerError as error:
            if error.verdict.kind is GraphErrorKind.MISSING:
                return
            raise
        yield items_of(answer)
        following = answer.get("@odata.nextLink")
        if following is not None and not (isinstance(following, str) and session.api.is_ours(following)):
            raise session.api.out_of_reach()
        link = following


def missing_ids(stored: pl.DataFrame, listed: pl.DataFrame, *, horizon: dt.datetime | None) -> list[str]:
    """Return the provider ids in a complete listing, from the horizon on, that aren't stored."""
    received = pl.col("received_at")
    wanted = listed if horizon is None else listed.filter(received.is_null() | (received >= horizon))
    return wanted.unique("provider_id").join(stored, on="provider_id", how="anti")["provider_id"].to_list()


def moved_ids(stored: pl.DataFrame, listed: pl.DataFrame) -> list[str]:
    """Return the stored provider ids that are missing in a complete listing, or are in another folder there."""
    found = stored.join(listed.unique("provider_id"), on="provider_id", how="left")
    is_listed = pl.col("provider_id").is_in(listed["provider_id"].implode())
    same = pl.col("labels").list.first().eq_missing(pl.col("label"))
    return found.filter(~is_listed | ~same)["provider_id"].to_list()


def older_pages(session: GraphSession, folders: list[str], *, until: dt.datetime) -> Iterator[Page]:
    """Yield pages of the mail between the session's horizon and ``until``, the horizon of an earlier run."""
    span = f"receivedDateTime lt {_literal(until)}"
    if session.horizon is not None:
        span = f"receivedDateTime ge {_literal(session.horizon)} and {span}"
    for folder in folders:
        url = session.api.url(
            f"mailFolders/{folder}/messages",
            select=session.select,
            filter=span,
            orderby="receivedDateTime desc",
            top=str(PAGE),
        )
        for items in _pages(session, url):
            batch = GraphBatch()
            for item in items:
                session.add(item, folder, batch)
            session.done += len(items)
            yield session.page(batch, session.bookmark)
    yield session.page(GraphBatch(), dataclasses.replace(session.bookmark, horizon=session.horizon))


def _literal(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
