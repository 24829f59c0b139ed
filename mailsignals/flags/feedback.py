"""What people said by an instant and have not taken back; and who left, by the account book or by them."""

import datetime as dt

import polars as pl

from mailsignals.flags.episodes import CHURNED

SOMEBODY = "somebody"
"""Who said what is kept without a name."""
UNDONE = "undone"
"""The kind of feedback that takes back what was said last."""


def standing_feedback(feedback: pl.DataFrame, as_of: dt.datetime) -> pl.DataFrame:
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
        standing_feedback(feedback, as_of)
        .filter(pl.col("kind") == CHURNED)
        .group_by("account_id")
        .agg(said_on=pl.col("churned_on").last())
    )
    joined = book.join(said, on="account_id", how="left", maintain_order="left")
    return joined.with_columns(churned_on=pl.coalesce("churned_on", "said_on")).drop("said_on")


def retained_feedback(feedback: pl.DataFrame, before: dt.datetime | None) -> pl.DataFrame:
    """Return the feedback that stays, in ``FEEDBACK_SCHEMA``, if records are kept from a date and time on.

    All of it stays if ``before`` is None. An account's feedback stays as long as its newest entry does, because the
    last entry may undo the others. A churn entry that stands stays after that, without its author and note; otherwise
    the account would be a customer again.
    """
    if before is None or feedback.is_empty():
        return feedback
    recent = pl.col("given_at").max().over("account_id") >= before
    stands = standing_feedback(feedback, feedback["given_at"].max())  # type: ignore[arg-type]  # of instants
    departed = (
        stands.filter(pl.col("kind") == CHURNED)
        .group_by("account_id", maintain_order=True)
        .last()
        .select(feedback.columns)
        .with_columns(given_by=pl.lit(SOMEBODY), note=pl.lit(None, pl.String))
    )
    kept = feedback.filter(recent)
    return pl.concat([kept, departed.join(kept, on="account_id", how="anti")]).sort("given_at", "account_id")
