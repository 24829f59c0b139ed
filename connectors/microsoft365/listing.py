"""Lists the ids in a folder, without walking its changes."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import polars as pl

from connectors.microsoft365.api import GraphAnswerError
from connectors.microsoft365.errors import GraphErrorKind
from connectors.microsoft365.folders import label
from connectors.microsoft365.items import items_of
from connectors.microsoft365.links import Link, read_link
from connectors.microsoft365.parse import read_date
from connectors.microsoft365.session import GraphSession

PAGE = 500

LISTED = pl.Schema(
    {"provider_id": pl.String(), "label": pl.String(), "received_at": pl.Datetime("us", "UTC")}
)
"""A message in a listing: its id, the label of its folder, and when it arrived."""


def listed_messages(session: GraphSession, folder: str) -> pl.DataFrame:
    """Return the ids of all messages in a folder, in ``LISTED``; none for a folder that was deleted meanwhile."""
    frames = [LISTED.to_frame()]
    url = session.api.url(
        f"mailFolders/{folder}/messages",
        select="id,receivedDateTime",
        orderby="receivedDateTime desc",
        top=str(PAGE),
    )
    for items in listing_pages(session, url):
        rows = [(item["id"], read_date(item.get("receivedDateTime"))) for item in items]
        frame = pl.DataFrame(
            rows, schema={name: LISTED[name] for name in ("provider_id", "received_at")}, orient="row"
        )
        named = pl.lit(label(folder, session.bookmark.well_known), pl.String).alias("label")
        frames.append(frame.with_columns(named).select(LISTED.names()))
    return pl.concat(frames)


def listing_pages(session: GraphSession, url: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the items of a listing, page by page; none for a folder that was deleted meanwhile.

    Raises:
        RetryLaterError: the pages lead in a circle or elsewhere.
    """
    link: str | None = url
    seen: set[Link | None] = set()
    while link is not None:
        if read_link(link) in seen:
            raise session.api.out_of_reach()
        seen.add(read_link(link))
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


def count_of(session: GraphSession, folder: str) -> int | None:
    """Return the number of messages in a folder, without other items; None if the server doesn't count them."""
    url = f"{session.api.url(f'mailFolders/{folder}/messages', select='id', top='1')}&%24count=true"
    try:
        counted = session.api.get(url).get("@odata.count")
    except GraphAnswerError:
        return None
    return counted if isinstance(counted, int) else None


def missing_ids(stored: pl.DataFrame, listed: pl.DataFrame, *, horizon: dt.datetime | None) -> list[str]:
    """Return the provider ids in a complete listing, from the horizon on, that aren't stored."""
    received = pl.col("received_at")
    wanted = listed if horizon is None else listed.filter(received.is_null() | (received >= horizon))
    return wanted.unique("provider_id").join(stored, on="provider_id", how="anti")["provider_id"].to_list()
