"""Feedback that stands at a point in time, and churn dates by the account list or by feedback."""

import datetime as dt

import polars as pl

from mailsignals.accounts.dated import churn_dates
from mailsignals.flags.episodes import CHURNED

SOMEBODY = "somebody"
"""The author of feedback that is kept without a name."""
UNDONE = "undone"
"""The kind of feedback that undoes the last entry."""


def standing_feedback(feedback: pl.DataFrame, as_of: dt.datetime) -> pl.DataFrame:
    """Return the feedback that was not undone by a date and time, in ``FEEDBACK_SCHEMA``, the oldest first.

    Args:
        feedback: all of it, in ``FEEDBACK_SCHEMA``.
        as_of: later feedback doesn't count.
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
    """Return the account list with ``churned_on`` from feedback, where the list itself has none.

    Args:
        book: the account list's rows.
        feedback: all of it, in ``FEEDBACK_SCHEMA``.
        as_of: later feedback doesn't count.
    """
    said = (
        standing_feedback(feedback, as_of)
        .filter(pl.col("kind") == CHURNED)
        .group_by("account_id")
        .agg(said_on=pl.col("churned_on").last())
    )
    joined = book.join(said, on="account_id", how="left", maintain_order="left")
    return joined.with_columns(churned_on=pl.coalesce("churned_on", "said_on")).drop("said_on")


def departures_known(
    facts: pl.DataFrame, feedback: pl.DataFrame, *, as_of: dt.datetime, timezone: str
) -> pl.DataFrame:
    """Return the accounts with a churn date that is known at a date and time, by id.

    Args:
        facts: the values of the account list, in ``FACT_SCHEMA``.
        feedback: all of it, in ``FEEDBACK_SCHEMA``.
        as_of: later entries don't count.
        timezone: of days.

    Returns:
        ``account_id``, ``churned_on`` (by the account list, else by feedback), and ``seen_at``: when either first had
        it. A past date in the first list that was read counts as known since that date.
    """
    listed = churn_dates(facts, as_of, timezone=timezone)
    said = (
        standing_feedback(feedback, as_of)
        .filter(pl.col("kind") == CHURNED)
        .group_by("account_id", maintain_order=True)
        .agg(said_on=pl.col("churned_on").last(), said_at=pl.col("given_at").last())
        .filter(pl.col("said_on").is_not_null())
    )
    return (
        listed.join(said, on="account_id", how="full", coalesce=True)
        .select(
            "account_id",
            churned_on=pl.coalesce("churned_on", "said_on"),
            seen_at=pl.min_horizontal("seen_at", "said_at"),
        )
        .sort("account_id")
    )


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
