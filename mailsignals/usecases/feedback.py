"""Keep what somebody says of an account at risk, also while a writer reads mail for hours."""

import datetime as dt
from collections.abc import Callable
from typing import TypeAlias

import polars as pl

from mailsignals.config import Settings
from mailsignals.flags.feedback_rules import FeedbackRules, Row
from mailsignals.store.tables.feedback import FeedbackEntry
from mailsignals.store.tables.flag_tables import FlagTables

Word: TypeAlias = Callable[[FeedbackRules], FeedbackEntry | None]
"""The feedback to keep, given how the account stands; None: nothing that is not kept already."""


def give(
    settings: Settings, account: Row, *, by: str, at: dt.datetime, word: Word
) -> tuple[FeedbackEntry | None, FeedbackRules]:
    """Keep feedback on an account; return it, and how the account stood before.

    Args:
        settings: the company's, which name the store.
        account: the account's row of the account book.
        by: who gives it.
        at: now.
        word: the feedback; it is decided within the transaction that keeps it.

    Raises:
        NotSaidError: it may not be given; nothing is kept.
        UserError: the store cannot be used.
    """
    stood: list[FeedbackRules] = []

    def decide(feedback: pl.DataFrame) -> FeedbackEntry | None:
        stood.append(_rules(tables, feedback, settings, account, by=by, at=at))
        return word(stood[0])

    with FlagTables.open(settings.store.path) as tables:
        said = tables.feedback.keep(decide)
    return said, stood[0]


def feedback_rules(settings: Settings, account: Row, *, by: str, at: dt.datetime) -> FeedbackRules:
    """Return how an account stands, and so which feedback may be given; nothing is kept.

    Raises:
        UserError: the store cannot be used.
    """
    with FlagTables.open(settings.store.path) as tables:
        return _rules(tables, tables.feedback.frame(), settings, account, by=by, at=at)


def all_feedback(settings: Settings) -> pl.DataFrame:
    """Return all feedback that is kept at this moment, in ``FEEDBACK_SCHEMA``.

    Raises:
        UserError: the store cannot be used.
    """
    with FlagTables.open(settings.store.path) as tables:
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
