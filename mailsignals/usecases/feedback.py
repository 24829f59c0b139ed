"""Record feedback on an account at risk, even while a sync writes to the store."""

import datetime as dt
from collections.abc import Callable
from typing import TypeAlias

import polars as pl

from mailsignals.config import Settings
from mailsignals.flags.feedback_rules import FeedbackRules, Row
from mailsignals.store.tables.feedback import FeedbackEntry
from mailsignals.store.tables.flag_tables import FlagTables

Word: TypeAlias = Callable[[FeedbackRules], FeedbackEntry | None]
"""Returns the feedback to record, given the account's state; None if there is nothing to add."""


def give(
    settings: Settings, account: Row, *, by: str, at: dt.datetime, word: Word
) -> tuple[FeedbackEntry | None, FeedbackRules]:
    """Record feedback on an account; return it, and the account's state before.

    Args:
        settings: the company's, which name the store.
        account: the account's row of the account list.
        by: the author.
        at: now.
        word: returns the feedback, within the transaction that records it.

    Raises:
        NotSaidError: the feedback doesn't apply; nothing is recorded.
        UserError: the store can't be used.
    """
    stood: list[FeedbackRules] = []

    def decide(feedback: pl.DataFrame) -> FeedbackEntry | None:
        stood.append(_rules(tables, feedback, settings, account, by=by, at=at))
        return word(stood[0])

    with FlagTables.open(settings.store.path, now=at) as tables:
        said = tables.feedback.keep(decide)
    return said, stood[0]


def feedback_rules(settings: Settings, account: Row, *, by: str, at: dt.datetime) -> FeedbackRules:
    """Return an account's state, which decides the possible feedback; nothing is recorded.

    Raises:
        UserError: the store can't be used.
    """
    with FlagTables.open(settings.store.path, now=at) as tables:
        return _rules(tables, tables.feedback.frame(), settings, account, by=by, at=at)


def all_feedback(settings: Settings, *, now: dt.datetime) -> pl.DataFrame:
    """Return all feedback that was recorded by now, in ``FEEDBACK_SCHEMA``.

    Raises:
        UserError: the store can't be used.
    """
    with FlagTables.open(settings.store.path, now=now) as tables:
        return tables.feedback.frame()


def _rules(
    tables: FlagTables, feedback: pl.DataFrame, settings: Settings, account: Row, *, by: str, at: dt.datetime
) -> FeedbackRules:
    return FeedbackRules.of(
        account,
        by=by,
        at=at,
        timezone=settings.company.timezone,
        scores=tables.scores.of_account(account["account_id"]),
        feedback=feedback,
        recorded=tables.scores.newest() is not None,
    )
