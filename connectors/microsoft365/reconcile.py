"""Compares all ids of a mailbox with the store, and reads mail back to an earlier horizon."""

import dataclasses
import datetime as dt
from collections.abc import Iterator

import polars as pl

from connectors.base import Page
from connectors.microsoft365.items import read_item
from connectors.microsoft365.listing import LISTED, PAGE, listed_messages, listing_pages, missing_ids
from connectors.microsoft365.session import GraphBatch, GraphSession, graph_parts


def reconcile_graph(session: GraphSession, folders: list[str]) -> Iterator[Page]:
    """Yield pages of messages that are missing in the store, that are gone, and that are in another folder.

    A message counts as gone only after all folders were listed, and after the mailbox confirmed it for that message.
    """
    began_at = session.now()
    listed = pl.concat([LISTED.to_frame(), *(listed_messages(session, folder) for folder in folders)])
    stored = session.held.stored()
    for some in graph_parts(missing_ids(stored, listed, horizon=session.horizon)):
        known = session.held.known(some)  # skipped emails are known, but not stored
        yield _fetched(session, [name for name in some if name not in known])
    for some in graph_parts(moved_ids(stored, listed)):
        yield _fetched(session, some)
    after = dataclasses.replace(session.bookmark, checked_at=began_at, compare=False, unknown=())
    yield session.page(GraphBatch(), after)


def _fetched(session: GraphSession, ids: list[str]) -> Page:
    batch = GraphBatch()
    session.fetch(ids, batch)
    return session.page(batch, session.bookmark)


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
        for items in listing_pages(session, url):
            batch = GraphBatch()
            for item in items:
                session.add(read_item(item), folder, batch)
            session.done += len(items)
            yield session.page(batch, session.bookmark)
    yield session.page(GraphBatch(), dataclasses.replace(session.bookmark, horizon=session.horizon))


def unknown_pages(session: GraphSession) -> Iterator[Page]:
    """Yield pages of messages that left a folder and were never stored, if they are in another folder that is read.

    Exchange may report the move of a message only as its removal from the first folder. Each is requested once.
    """
    for some in graph_parts(session.bookmark.unknown):
        batch = GraphBatch()
        held = session.held.holds(some)
        session.look_up([name for name in some if name not in held], batch)
        left = tuple(name for name in session.bookmark.unknown if name not in set(some))
        yield session.page(batch, dataclasses.replace(session.bookmark, unknown=left))


def _literal(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
