"""Timelines of a backtest: every alarm, and every account with the event, warned of or not."""

import numpy as np
import polars as pl

from mailsignals.accounts.book import numbered_accounts
from mailsignals.training.judgement import Judgement
from models.alarms import LOOK_AHEAD_DAYS, replay

ALARM_SCHEMA = pl.Schema(
    {
        "account_id": pl.String(),
        "name": pl.String(),
        "opened_on": pl.Date(),
        "risk": pl.Float64(),
        "days_to_event": pl.Float64(),
        "outcome": pl.String(),
    }
)
"""``outcome``: ``right``, ``false``, or ``not known yet``."""


def alarms(judgement: Judgement, book: pl.DataFrame) -> pl.DataFrame:
    """Return every alarm that the chosen contender would have opened, oldest first, in ``ALARM_SCHEMA``."""
    board = judgement.test.board(judgement.scores[judgement.chosen])
    opened, _ = replay(board.score, board.day, judgement.verdicts[judgement.chosen].thresholds)
    row, column = np.nonzero(opened)
    ahead = board.days_to_event[row, column]
    found = pl.DataFrame(
        {
            "account": board.account[row],
            "day": board.day[column],
            "risk": board.score[row, column],
            "days_to_event": ahead,
        },
        schema={"account": pl.Int64, "day": pl.Int64, "risk": pl.Float64, "days_to_event": pl.Float64},
    ).with_columns(days_to_event=pl.when(pl.col("days_to_event").is_finite()).then("days_to_event"))
    near = pl.col("days_to_event") <= LOOK_AHEAD_DAYS
    judged = pl.col("day") + LOOK_AHEAD_DAYS <= board.known_until
    outcome = (
        pl.when(near)
        .then(pl.lit("right"))
        .when(judged)
        .then(pl.lit("false"))
        .otherwise(pl.lit("not known yet"))
    )
    return (
        _named(found, book)
        .with_columns(opened_on=_date(pl.col("day")), outcome=outcome)
        .sort("opened_on", "account_id")
        .select(ALARM_SCHEMA.names())
    )


def departures(judgement: Judgement, book: pl.DataFrame) -> pl.DataFrame:
    """Return the accounts with the event that a warning could have preceded, oldest first.

    The columns are ``account_id, name, left_on, warned_on, lead_days``.

    The warning is the first alarm within 120 days before; null if there was none.
    """
    board = judgement.test.board(judgement.scores[judgement.chosen])
    opened, _ = replay(board.score, board.day, judgement.verdicts[judgement.chosen].thresholds)
    near = np.isfinite(board.score) & (board.days_to_event <= LOOK_AHEAD_DAYS)
    who = np.flatnonzero(near.any(axis=1))
    last = near.shape[1] - 1 - near[who, ::-1].argmax(axis=1)
    left = board.day[last] + board.days_to_event[who, last]
    warned = opened[who] & near[who]
    first = warned.argmax(axis=1)
    lead = np.where(warned.any(axis=1), board.days_to_event[who, first], np.nan)
    found = pl.DataFrame(
        {"account": board.account[who], "day": left.astype(np.int64), "lead_days": lead},
        schema={"account": pl.Int64, "day": pl.Int64, "lead_days": pl.Float64},
    ).with_columns(lead_days=pl.col("lead_days").fill_nan(None))
    return (
        _named(found, book)
        .with_columns(
            left_on=_date(pl.col("day")), warned_on=_date(pl.col("day") - pl.col("lead_days").cast(pl.Int64))
        )
        .sort("left_on", "account_id")
        .select("account_id", "name", "left_on", "warned_on", "lead_days")
    )


def _named(found: pl.DataFrame, book: pl.DataFrame) -> pl.DataFrame:
    names = numbered_accounts(book, ["account_id", "name"]).with_columns(pl.col("account").cast(pl.Int64))
    return found.join(names, on="account", how="left", maintain_order="left")


def _date(day: pl.Expr) -> pl.Expr:
    return day.cast(pl.Int32).cast(pl.Date)
