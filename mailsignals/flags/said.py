"""What people said by an instant and have not taken back; and who left, by the account book or by them."""

import datetime as dt

import polars as pl

from mailsignals.flags.episodes import CHURNED

UNDONE = "undone"
"""The kind of feedback that takes back what was said last."""


def standing(feedback: pl.DataFrame, as_of: dt.datetime) -> pl.DataFrame:
    """The feedback that stands at an instant, in ``FEEDBACK_SCHEMA`` and in the order in which it was given.

    Args:
        feedback: all there is.
        as_of: nothing given later counts.
    """
    told = feedback.filter(pl.col("given_at") <= as_of).sort("given_at", "account_id")
    stands: dict[str, list[int]] = {}
    for place, (account_id, kind) in enumerate(told.select("account_id", "kind").iter_rows()):
        own = stands.setdefault(account_id, [])
        if kind != UNDONE:
            own.append(place)
        elif own:
            own.pop()
    return told[sorted(place for own in stands.values() for place in own)]


def with_departures(book: pl.DataFrame, feedback: pl.DataFrame, *, as_of: dt.datetime) -> pl.DataFrame:
    """The account book with ``churned_on`` of those who left as people say, where the book itself has none.

    Args:
        book: the account book's rows.
        feedback: all there is.
        as_of: nothing given later counts.
    """
    said = (
        standing(feedback, as_of)
        .filter(pl.col("kind") == CHURNED)
        .group_by("account_id")
        .agg(said_on=pl.col("churned_on").last())
    )
    joined = book.join(said, on="account_id", how="left", maintain_order="left")
    return joined.with_columns(churned_on=pl.coalesce("churned_on", "said_on")).drop("said_on")
