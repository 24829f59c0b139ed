"""The prepared company, which the package holds: its mail, account list and record, shifted to the present."""

import dataclasses
import datetime as dt
from importlib import resources

import polars as pl

from connectors.base import MESSAGE_SCHEMA
from mailsignals.clock import local_date
from mailsignals.demo.account_history import HISTORY_COLUMNS
from mailsignals.demo.company import ACCOUNTS_FILE, BOOK_COLUMNS, HISTORY_FILE, book_at
from mailsignals.demo.places import HOME
from mailsignals.demo.simulation import CONFIG_FILE, MESSAGES_FILE, STORIES_FILE, STORY_COLUMNS, Simulation
from mailsignals.store.tables.feedback import FEEDBACK_SCHEMA
from mailsignals.store.tables.scores import SCORES_SCHEMA

ACCOUNTS, SEED = 40, 24
"""The company that is prepared; the demo computes every other one."""
UNTIL = dt.datetime(2026, 11, 30, 23, tzinfo=dt.UTC)
"""The end of its mail before the shift: midnight in the company's time zone."""
DAYS_RECORDED = 30
"""Days of which the risk of every account is recorded."""
UNSEEN = dt.timedelta(days=7)
"""Time since the last recorded day, so that digests have a week of news."""

FOLDER = resources.files("mailsignals.demo") / "prepared"
DAYS_FILE, FEEDBACK_FILE = "recorded_days.csv", "feedback.csv"
DAY_COLUMNS = pl.Schema(
    {name: dtype for name, dtype in SCORES_SCHEMA.items() if name not in {"scored_at", "score", "held_back"}}
)
"""The columns of ``recorded_days.csv``; a day was recorded at its midnight."""

_DATES_IN_HISTORY = ("started_on", "churned_on", "renewal_on")


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class PreparedCompany:
    """The company as of a time, and its record."""

    simulation: Simulation
    days: pl.DataFrame
    """The recorded risk of every account, in ``SCORES_SCHEMA``."""
    feedback: pl.DataFrame
    """The feedback of CSMs on flags, in ``FEEDBACK_SCHEMA``."""


def prepared_company(now: dt.datetime) -> PreparedCompany:
    """Return the prepared company with all dates shifted by whole weeks, as known at a time.

    Emails, changes of the account list and feedback after that time are left out.

    Args:
        now: with a time zone.
    """
    weeks = -((UNTIL - now) // dt.timedelta(weeks=1))
    today = local_date(now, HOME.zone)
    history = _history(weeks).filter(pl.coalesce("seen_at", "valid_from") <= today)
    accounts = _table(ACCOUNTS_FILE, BOOK_COLUMNS)
    messages = pl.read_parquet(FOLDER.joinpath(MESSAGES_FILE).read_bytes()).cast(MESSAGE_SCHEMA)
    return PreparedCompany(
        simulation=Simulation(
            messages=shifted(messages, weeks).filter(pl.col("sent_at") < now),
            accounts=book_at(accounts, history),
            account_history=history,
            config=FOLDER.joinpath(CONFIG_FILE).read_text(encoding="utf-8"),
            as_of=now,
            stories=shifted(_table(STORIES_FILE, STORY_COLUMNS), weeks),
        ),
        days=_days(weeks, until=local_date(now - UNSEEN, HOME.zone)),
        feedback=shifted(_table(FEEDBACK_FILE, FEEDBACK_SCHEMA), weeks).filter(pl.col("given_at") < now),
    )


def shifted(frame: pl.DataFrame, weeks: int) -> pl.DataFrame:
    """Return a frame with its dates and times moved by whole weeks.

    A time keeps its weekday and its time of day in the company's time zone, also across a change of the clocks.
    """
    return frame.with_columns(
        pl.selectors.date().dt.offset_by(f"{weeks}w"),
        *(_shifted_time(pl.col(name), weeks) for name in frame.select(pl.selectors.datetime()).columns),
    )


def _shifted_time(at: pl.Expr, weeks: int) -> pl.Expr:
    there = at.dt.convert_time_zone(HOME.zone).dt.replace_time_zone(None).dt.offset_by(f"{weeks}w")
    back = there.dt.replace_time_zone(HOME.zone, ambiguous="earliest", non_existent="null")
    # The hour that a change of the clocks leaves out has no such time.
    return back.dt.convert_time_zone("UTC").fill_null(at.dt.offset_by(f"{weeks}w"))


def _history(weeks: int) -> pl.DataFrame:
    """The account history with its dates moved, also those among its values."""
    is_date = pl.col("field").is_in(_DATES_IN_HISTORY)
    date = pl.when(is_date).then("value").str.to_date("%Y-%m-%d").dt.offset_by(f"{weeks}w")
    return shifted(_table(HISTORY_FILE, HISTORY_COLUMNS), weeks).with_columns(
        value=pl.when(is_date).then(date.dt.to_string("%Y-%m-%d")).otherwise("value")
    )


def _days(weeks: int, *, until: dt.date) -> pl.DataFrame:
    """The last recorded days up to a date, in ``SCORES_SCHEMA``."""
    rows = shifted(_table(DAYS_FILE, DAY_COLUMNS), weeks)
    midnight = pl.col("scored_on").cast(pl.Datetime("us")).dt.replace_time_zone(HOME.zone)
    wanted = pl.col("scored_on").is_between(until - dt.timedelta(days=DAYS_RECORDED - 1), until)
    return (
        rows.filter(wanted)
        .with_columns(
            midnight.dt.convert_time_zone("UTC").alias("scored_at"),
            pl.lit(None, dtype=pl.Float64).alias("score"),
            pl.lit(None, dtype=pl.Boolean).alias("held_back"),
        )
        .select(SCORES_SCHEMA.names())
        .cast(SCORES_SCHEMA)
    )


def _table(name: str, columns: pl.Schema) -> pl.DataFrame:
    """A CSV file of the prepared company; its times are written in UTC."""
    times = [each for each, dtype in columns.items() if isinstance(dtype, pl.Datetime)]
    read = pl.read_csv(
        FOLDER.joinpath(name).read_bytes(), schema={**columns, **dict.fromkeys(times, pl.String())}
    )
    return read.with_columns(pl.col(each).str.to_datetime(time_zone="UTC") for each in times).cast(columns)
