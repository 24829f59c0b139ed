"""Compares a mailbox with what is held, and reads what lies before an earlier horizon."""

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
    """Pages of what is missing, of what is gone, and of what lies in another folder.

    Nothing is taken for gone before all folders were listed, and the mailbox has said so of that message.
    """
    began_at = session.now()
    listed = pl.concat([_LISTED.to_frame(), *(_listing(session, folder) for folder in folders)])
    stored = session.held.stored()
    for some in graph_parts(missing_ids(stored, listed, horizon=session.horizon)):
        known = session.held.known(some)  # what was set aside is known, and not stored
        yield _fetched(session, [name for name in some if name not in known])
    for some in graph_parts(elsewhere(stored, listed)):
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
    """The items of a listing, page by page; a folder that went meanwhile has none."""
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
    """Return the provider ids that a complete listing names from the horizon on and that are not stored."""
    received = pl.col("received_at")
    wanted = listed if horizon is None else listed.filter(received.is_null() | (received >= horizon))
    return wanted.unique("provider_id").join(stored, on="provider_id", how="anti")["provider_id"].to_list()


def elsewhere(stored: pl.DataFrame, listed: pl.DataFrame) -> list[str]:
    """Return the stored provider ids that a complete listing lacks or names in another folder."""
    found = stored.join(listed.unique("provider_id"), on="provider_id", how="left")
    is_listed = pl.col("provider_id").is_in(listed["provider_id"].implode())
    same = pl.col("labels").list.first().eq_missing(pl.col("label"))
    return found.filter(~is_listed | ~same)["provider_id"].to_list()


def earlier(session: GraphSession, folders: list[str], *, until: dt.datetime) -> Iterator[Page]:
    """Pages of the mail between the session's horizon and ``until``, an earlier run's horizon."""
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
