"""What was known of every account in each week: the daily run's own figures, at many instants in one pass.

Snapshots lie on Mondays, midnight UTC, so that two trainings look at the same ones.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TypeAlias

import polars as pl

from mailsignals.config import Settings
from mailsignals.risk.state import state
from mailsignals.schema import BOOK_SCHEMA
from mailsignals.signals import visibility
from mailsignals.signals.facts import Facts
from mailsignals.signals.history import PAST_FROM, history
from mailsignals.signals.instants import KEYS, Instants
from mailsignals.signals.signal import window
from models.feature import MIN_PAST_DAYS

KnownAccounts: TypeAlias = Callable[[Sequence[dt.datetime]], pl.DataFrame]
"""Returns the account book as it was known at instants, as ``known_facts`` has it."""

WEEK = dt.timedelta(weeks=1)
_MONDAY = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
YEAR_DAYS = 365.25


def mondays(first: dt.datetime, last: dt.datetime) -> list[dt.datetime]:
    """Every Monday, midnight UTC, from one instant to another, both included."""
    start = _MONDAY - (_MONDAY - first) // WEEK * WEEK
    return [start + n * WEEK for n in range(max(0, (last - start) // WEEK + 1))]


def weeks_to_learn_from(facts: Facts, as_of: dt.datetime) -> list[dt.datetime]:
    """The Mondays up to an instant at which an account in touch from the start has a past to be compared with."""
    sent_at = pl.col("sent_at")
    first = facts.touches.filter(sent_at <= as_of).select(sent_at.min()).collect().item()
    return [] if first is None else mondays(first + window(PAST_FROM + MIN_PAST_DAYS), as_of)


def snapshots(
    facts: Facts,
    book: pl.DataFrame,
    settings: Settings,
    as_ofs: Sequence[dt.datetime],
    *,
    known: KnownAccounts | None = None,
) -> pl.DataFrame:
    """One row an account and instant: the history, ``state``, the book's columns, and facts of the contract.

    ``tenure_days`` since it started; ``renewal_days`` until the next anniversary of its renewal date, because contracts
    are taken to be yearly; ``next_inbound_at``, the first mail after the instant,
    which is no feature.

    Args:
        facts: of all accounts.
        book: the account book's rows.
        settings: the rules of the states.
        as_ofs: instants with a time zone.
        known: the account book as it was known then, of which the contract's facts are taken, null where nothing was
            known; None: these are the book's too.
    """
    timezone = settings.company.timezone
    risk = settings.risk
    rows = (
        history(facts, list(as_ofs), timezone=timezone)
        .join(_sight(facts, as_ofs), on=["account", "as_of"], how="left", maintain_order="left")
        .join(_numbered(book), on="account", how="left", maintain_order="left")
        .with_columns(_contract(timezone))
    )
    judged = state(
        pl.col("as_of"),
        timezone=timezone,
        min_touches=risk.min_touches,
        max_visibility_gap=risk.max_visibility_gap,
    )
    found = _with_next_inbound(rows.with_columns(state=judged), facts)
    return found if known is None else with_known_contract(found, known(as_ofs), timezone)


CONTRACT_FIELDS = ("tier", "arr", "renewal_on", "started_on")
"""The fields of the account book at which models look."""


def with_known_contract(rows: pl.DataFrame, known: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """Snapshots with the contract's facts as they were known then, null where nothing was known.

    Args:
        rows: ``account``, ``as_of`` and ``CONTRACT_FIELDS``.
        known: the same columns, as they were known then.
        timezone: of days.
    """
    then = known.select("account", "as_of", *CONTRACT_FIELDS)
    joined = rows.drop(CONTRACT_FIELDS).join(then, on=["account", "as_of"], how="left", maintain_order="left")
    return joined.select(rows.columns).with_columns(_contract(timezone))


def _numbered(book: pl.DataFrame) -> pl.DataFrame:
    return (
        book.select(BOOK_SCHEMA.names())
        .with_row_index("account")
        .with_columns(pl.col("account").cast(pl.UInt32))
    )


def _sight(facts: Facts, as_ofs: Sequence[dt.datetime]) -> pl.DataFrame:
    """What the states need: ``visibility_gap_90`` and ``touches_180``."""
    instants = Instants.of(as_ofs)
    sent_at = pl.col("sent_at")
    touches = instants.tally(
        facts.touches, since=sent_at, until=sent_at + window(180), amounts={"touches_180": pl.lit(1)}
    )
    plans = [touches, *visibility.measures(facts, instants, 90)]
    found = instants.on_grid(facts.accounts, pl.collect_all(plans, engine=facts.engine))
    (gap,) = visibility.SIGNALS
    return found.select("account", "as_of", "touches_180", gap.expr.alias("visibility_gap_90"))


def _contract(timezone: str) -> list[pl.Expr]:
    day = pl.col("as_of").dt.convert_time_zone(timezone).dt.date()
    ahead = (pl.col("renewal_on") - day).dt.total_days()
    return [
        (day - pl.col("started_on")).dt.total_days().clip(lower_bound=0).alias("tenure_days"),
        # The remainder of a negative number is positive, so that a date that has passed counts to its next year.
        (ahead.cast(pl.Float64) % YEAR_DAYS).alias("renewal_days"),
    ]


def _with_next_inbound(rows: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    inbound = (
        facts.touches.filter(~pl.col("outbound"))
        .select("account", next_inbound_at="sent_at")
        .sort("next_inbound_at")
        .collect()
    )
    just_after = rows.with_columns(after=pl.col("as_of") + pl.duration(microseconds=1)).sort("after")
    return (
        just_after.join_asof(
            inbound,
            left_on="after",
            right_on="next_inbound_at",
            by="account",
            strategy="forward",
            check_sortedness=False,
        )
        .drop("after")
        .sort(*KEYS[:1], "as_of")
    )
