"""The record of each day's levels and risks, from which flags follow, with the draw of held-out flags."""

import dataclasses
import datetime as dt
from typing import Protocol

import polars as pl

from mailsignals.clock import local_date
from mailsignals.errors import UserError
from mailsignals.flags.episodes import HIGH
from mailsignals.flags.flags import flags
from mailsignals.flags.holdout import is_holdout
from mailsignals.secret_files import SecretFile
from mailsignals.store.tables.feedback import Feedback
from mailsignals.store.tables.scores import SCORES_SCHEMA, Scores


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class RecordedScores:
    """The result of recording the scores of a day."""

    on: dt.date
    at: dt.datetime
    """The as-of time of the recorded day."""
    rows: pl.DataFrame
    """``SCORES_SCHEMA``; empty if the day was recorded before, which stays."""


class RecordTables(Protocol):
    """The tables that a record is made from and written to."""

    scores: Scores
    feedback: Feedback

    def secret(self, which: SecretFile) -> bytes:
        """Return a secret of the store."""


def record_scores(
    tables: RecordTables,
    assessed: pl.DataFrame,
    book: pl.DataFrame,
    *,
    as_of: dt.datetime,
    timezone: str,
    hold_back: float,
) -> RecordedScores:
    """Record the risk of every account once a day; a day that is recorded already stays as it is.

    Args:
        tables: of a store, open for writing or beside a running sync.
        assessed: the rows of ``assess`` for the date and time.
        book: the account list's rows.
        as_of: the date and time, whose day is recorded.
        timezone: of days.
        hold_back: the share of flags that are held out.

    Raises:
        UserError: a later day was recorded already.
    """
    on = local_date(as_of, timezone)
    newest = tables.scores.newest()
    if newest is not None and newest[0] > on:
        raise UserError(
            f"{on} can't be recorded, because {newest[0]} is recorded already and flags follow from days in order. "
            f"Record a day after {newest[0]}."
        )
    if newest is not None and newest[0] == on:
        return RecordedScores(on=on, at=newest[1], rows=pl.DataFrame(schema=SCORES_SCHEMA))
    day = day_of(assessed, as_of=as_of, timezone=timezone)
    rows = with_draws(
        day,
        tables.scores.of_flagged(and_of=high_accounts(day)),
        tables.feedback.frame(),
        book,
        timezone=timezone,
        secret=tables.secret(SecretFile.HOLDOUT),
        hold_back=hold_back,
    )
    if tables.scores.add(rows):
        return RecordedScores(on=on, at=as_of, rows=rows)
    if tables.scores.newest() == newest:
        # The day was recorded at a time that is in the future now, and stays.
        return RecordedScores(on=on, at=as_of, rows=pl.DataFrame(schema=SCORES_SCHEMA))
    # Somebody else was quicker.
    return record_scores(tables, assessed, book, as_of=as_of, timezone=timezone, hold_back=hold_back)


def day_of(assessed: pl.DataFrame, *, as_of: dt.datetime, timezone: str) -> pl.DataFrame:
    """Return the rows to record for a day, in ``SCORES_SCHEMA``; ``held_back`` is still null.

    Args:
        assessed: the rows of ``assess`` for the date and time.
        as_of: the date and time.
        timezone: of days.
    """
    return assessed.select(
        "account_id",
        pl.lit(local_date(as_of, timezone)).alias("scored_on"),
        pl.lit(as_of, dtype=SCORES_SCHEMA["scored_at"]).alias("scored_at"),
        *("state", "level"),
        pl.lit(None, dtype=pl.Float64).alias("score"),
        *("risk", "quiet", "leaving", "source"),
        pl.lit(None, dtype=pl.Boolean).alias("held_back"),
    )


def high_accounts(day: pl.DataFrame) -> list[str]:
    """Return the accounts that are at high risk on a day (rows in ``SCORES_SCHEMA``)."""
    return day.filter(pl.col("level") == HIGH)["account_id"].to_list()


def with_draws(  # noqa: PLR0913  # what flags follow from, and how to draw
    day: pl.DataFrame,
    scores: pl.DataFrame,
    feedback: pl.DataFrame,
    book: pl.DataFrame,
    *,
    timezone: str,
    secret: bytes,
    hold_back: float,
) -> pl.DataFrame:
    """Return the rows of a day with ``held_back``: drawn on the day a flag opens, and kept while it is open.

    Args:
        day: what ``day_of`` returned.
        scores: what was recorded of the days before, of every account that was at high risk on one of them or is on
            this day.
        feedback: all feedback, in ``FEEDBACK_SCHEMA``.
        book: the account list's rows.
        timezone: of days.
        secret: of the store.
        hold_back: the share of flags that are held out; with 0, nothing is drawn.
    """
    if not hold_back and not scores["held_back"].any():
        return day
    at, on = day.item(0, "scored_at"), day.item(0, "scored_on")
    found = flags(pl.concat([scores, day]), feedback, book, as_of=at, timezone=timezone)
    standing = found.filter(pl.col("closed_on").is_null())
    draws = {
        account_id: held_back
        if opened_on < on
        else is_holdout(account_id, opened_on, secret=secret, hold_back=hold_back)
        if hold_back
        else None
        for account_id, opened_on, held_back in standing.select(
            "account_id", "opened_on", "held_back"
        ).iter_rows()
    }
    return day.with_columns(
        held_back=pl.col("account_id").replace_strict(draws, default=None, return_dtype=pl.Boolean)
    )
