"""Keeps what somebody says of an account at risk, also while a writer reads mail for hours."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import polars as pl

from mailsignals.flags.saying import Row, Saying
from mailsignals.store.feedback import Said
from mailsignals.store.flag_tables import FlagTables

Words: TypeAlias = Callable[[Saying], Said | None]
"""What somebody says, given how the account stands; None: nothing that is not kept already."""


def standing_at(folder: Path, account: Row, *, by: str, at: dt.datetime, timezone: str) -> Saying:
    """How an account stands for somebody who may say something of it; nothing is kept.

    Args:
        folder: the store's.
        account: its row of the account book.
        by: who.
        at: now.
        timezone: of days.

    Raises:
        UserError: the store cannot be used.
    """
    with FlagTables.open(folder) as tables:
        return _saying(tables, account, tables.feedback.frame(), by=by, at=at, timezone=timezone)


def keep(
    folder: Path, account: Row, words: Words, *, by: str, at: dt.datetime, timezone: str
) -> tuple[Said | None, Saying]:
    """Keep what somebody says; returns it, and how the account stood before. Arguments as of ``standing_at``.

    Raises:
        NotSaidError: that may not be said; nothing is kept.
        UserError: the store cannot be used.
    """
    stood: list[Saying] = []

    def decide(feedback: pl.DataFrame) -> Said | None:
        stood.append(_saying(tables, account, feedback, by=by, at=at, timezone=timezone))
        return words(stood[0])

    with FlagTables.open(folder) as tables:
        said = tables.feedback.keep(decide)
    return said, stood[0]


def _saying(
    tables: FlagTables, account: Row, feedback: pl.DataFrame, *, by: str, at: dt.datetime, timezone: str
) -> Saying:
    return Saying.of(
        account,
        by=by,
        at=at,
        timezone=timezone,
        scores=tables.scores.of_account(account["account_id"]),
        feedback=feedback,
        recorded=tables.scores.newest() is not None,
    )
