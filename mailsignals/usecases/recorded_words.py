"""Keep recorded days and feedback of an earlier time in a store."""

import polars as pl

from mailsignals.config import Settings
from mailsignals.store.tables.feedback import Decide, FeedbackEntry
from mailsignals.store.tables.flag_tables import FlagTables


def keep_recorded_words(settings: Settings, days: pl.DataFrame, feedback: pl.DataFrame) -> None:
    """Add recorded days and feedback to the company's store, in the order of time.

    A day that is not later than the newest one in the store is left out.

    Args:
        settings: the company's, which name the store.
        days: recorded risk, in ``SCORES_SCHEMA``.
        feedback: in ``FEEDBACK_SCHEMA``.

    Raises:
        UserError: the store does not exist, or it cannot be written.
    """
    with FlagTables.open(settings.store.path) as tables:
        for rows in days.sort("scored_on").partition_by("scored_on", maintain_order=True):
            tables.scores.add(rows)
        for row in feedback.sort("given_at").iter_rows(named=True):
            tables.feedback.keep(_as_it_is(FeedbackEntry(**row)))


def _as_it_is(entry: FeedbackEntry) -> Decide:
    """The decision to keep an entry, whatever was given before."""
    return lambda _: entry
