"""Threads of messages: by shared ids, by the provider's threads, and by the subjects of other replies.

The functions return edges: frames of two message numbers, ``message`` and ``other``, that share a thread.
"""

import datetime as dt

import numpy as np
import polars as pl

SUBJECT_REACH = dt.timedelta(days=30)
"""The longest time between a reply and the touch of the same base subject that it joins."""


def shared_id_edges(ids: pl.LazyFrame) -> pl.DataFrame:
    """Return edges between messages that share an id, as their own or as a reference, stored or not.

    Args:
        ids: ``message`` and ``id``: every id that a message has or refers to.
    """
    return _linked(ids, ["id"])


def provider_edges(copies: pl.DataFrame) -> pl.DataFrame:
    """Return edges between messages that a provider put into the same thread of the same mailbox."""
    keys = ["provider", "mailbox", "provider_thread_id"]
    return _linked(copies.lazy().select("message", *keys), keys)


def subject_edges(touches: pl.DataFrame) -> pl.DataFrame:
    """Return edges from groups that begin with a reply to the group of the account's latest touch of that subject.

    Args:
        touches: in touch order, with ``account``, ``group`` (of messages that ids or a provider's thread connect),
            ``sent_at``, ``base_subject`` and ``is_reply``.

    Returns:
        ``message`` and ``other``, which are numbers of groups.
    """
    topic = ["account", "base_subject"]
    position = pl.col("position")
    placed = touches.lazy().with_row_index("position")
    joining = (
        placed.filter(position == position.min().over("account", "group"))
        .filter("is_reply", pl.col("base_subject") != "")
        .select("position", *topic)
    )
    return (
        placed.join(joining.select(topic).unique(), on=topic, how="semi", maintain_order="left")
        .with_columns(pl.col("group", "sent_at").shift(1).over(topic).name.prefix("earlier_"))
        .join(joining.select("position"), on="position", how="semi")
        .filter(pl.col("sent_at") - pl.col("earlier_sent_at") <= SUBJECT_REACH)
        .select(message="group", other="earlier_group")
        .collect()
    )


def components(edges: pl.DataFrame, *, messages: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Return the thread of each of ``messages`` messages: a number that messages share if edges connect them."""
    from scipy.sparse import coo_array  # noqa: PLC0415  # takes a tenth of a second, needed only to derive touches
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415  # as above

    a, b = edges["message"].to_numpy(), edges["other"].to_numpy()
    graph = coo_array((np.ones(len(a), dtype=np.bool_), (a, b)), shape=(messages, messages))
    _, labels = connected_components(graph, directed=False)
    return np.asarray(labels, dtype=np.int32)


def _linked(rows: pl.LazyFrame, keys: list[str]) -> pl.DataFrame:
    """An edge from each message to the first one that has the same, non-null keys."""
    return (
        rows.drop_nulls()
        .with_columns(other=pl.col("message").min().over(keys))
        .filter(pl.col("message") != pl.col("other"))
        .select("message", "other")
        .collect()
    )
