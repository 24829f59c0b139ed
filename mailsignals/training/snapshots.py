"""Snapshots: what was known of every account as of many Mondays, computed in one pass like the daily figures.

Snapshots lie on Mondays, midnight UTC, so that two trainings look at the same ones.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TypeAlias

import polars as pl

from mailsignals.accounts.book import numbered_accounts
from mailsignals.config import Settings
from mailsignals.risk.state import state
from mailsignals.risk.track_record import sight
from mailsignals.schema import BOOK_SCHEMA
from mailsignals.signals.facts import Facts
from mailsignals.signals.history import PAST_FROM, history
from mailsignals.signals.instants import KEYS
from mailsignals.signals.signal import window
from models.feature import MIN_PAST_DAYS

WEEK = dt.timedelta(weeks=1)
_MONDAY = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
YEAR_DAYS = 365.25


KnownAccounts: TypeAlias = Callable[[Sequence[dt.datetime]], pl.DataFrame]
"""Returns ``account``, ``as_of``, each of ``CONTRACT_FIELDS`` as known then, and ``known_FIELD``."""
CONTRACT_FIELDS = ("tier", "arr", "renewal_on", "started_on")
"""The fields of the account list that a model may read."""


def mondays(first: dt.datetime, last: dt.datetime) -> list[dt.datetime]:
    """Return every Monday, midnight UTC, between two points in time, both included."""
    start = _MONDAY - (_MONDAY - first) // WEEK * WEEK
    return [start + n * WEEK for n in range(max(0, (last - start) // WEEK + 1))]


def weeks_to_learn_from(facts: Facts, as_of: dt.datetime) -> list[dt.datetime]:
    """Return the Mondays up to a date, from the first on which an account can have a past to compare with."""
    sent_at = pl.col("sent_at")
    first = facts.touches.filter(sent_at <= as_of).select(sent_at.min()).collect().item()
    return [] if first is None else mondays(first + window(PAST_FROM + MIN_PAST_DAYS), as_of)


def snapshots(
    facts: Facts,
    book: pl.DataFrame,
    settings: Settings,
    as_ofs: Sequence[dt.datetime],
    *,
    heard: pl.DataFrame,
    known: KnownAccounts | None = None,
) -> pl.DataFrame:
    """Return the history, ``state``, the account list's columns and facts of the contract by account and time.

    ``CONTRACT_FIELDS`` hold the values known at the time, null where empty or unknown. ``known_FIELD`` is true where a
    value was known. ``tenure_days`` count from the start; ``renewal_days`` count to the next anniversary of the renewal
    date, because contracts are assumed to be yearly. Accounts that rarely write have the ``state`` ``active``.

    Args:
        facts: of all accounts.
        book: the rows of the account list.
        settings: the rules of the states.
        as_ofs: times with a time zone.
        heard: ``account``, ``as_of`` and ``first_inbound_at`` of the accounts that had written by then; further columns
            are joined.
        known: returns the account list as known at given times; without it, today's list counts as always known.
    """
    timezone = settings.company.timezone
    rows = (
        history(facts, list(as_ofs), timezone=timezone)
        .join(sight(facts, as_ofs), on=["account", "as_of"], how="left", maintain_order="left")
        .join(_numbered(book), on="account", how="left", maintain_order="left")
        .pipe(_as_known, known, as_ofs)
        .with_columns(_contract(timezone))
    )
    new = [name for name in heard.columns if name not in rows.columns]
    judged = rows.join(
        heard.select("account", "as_of", *new), on=["account", "as_of"], how="left", maintain_order="left"
    ).with_columns(usual_quiet=pl.lit(None, dtype=pl.Float64))
    return (
        judged.with_columns(
            state=state(
                pl.col("as_of"), timezone=timezone, max_visibility_gap=settings.risk.max_visibility_gap
            )
        )
        .drop("usual_quiet")
        .sort(KEYS[0], "as_of")
    )


def _as_known(rows: pl.DataFrame, known: KnownAccounts | None, as_ofs: Sequence[dt.datetime]) -> pl.DataFrame:
    """Return the rows with the contract fields as known then; ``started_on`` is kept for the states."""
    flags = [f"known_{field}" for field in CONTRACT_FIELDS]
    if known is None:
        return rows.with_columns(
            *(pl.lit(value=True).alias(flag) for flag in flags), tenure_from=pl.col("started_on")
        )
    then = known(as_ofs).select("account", "as_of", *CONTRACT_FIELDS, *flags)
    own = rows.select("account", "as_of").join(
        then, on=["account", "as_of"], how="left", maintain_order="left"
    )
    replaced = own.select(pl.col(*CONTRACT_FIELDS, *flags)).rename({"started_on": "tenure_from"})
    return rows.with_columns(replaced.get_columns()).with_columns(pl.col(flags).fill_null(value=False))


SEEN_AT = "churn_seen_at"
"""Column of the time at which a churn date became known; without it, each counts as known on its day."""


def _numbered(book: pl.DataFrame) -> pl.DataFrame:
    seen = [SEEN_AT] if SEEN_AT in book.columns else []
    return numbered_accounts(book, [*BOOK_SCHEMA, *seen])


def _contract(timezone: str) -> list[pl.Expr]:
    day = pl.col("as_of").dt.convert_time_zone(timezone).dt.date()
    ahead = (pl.col("renewal_on") - day).dt.total_days()
    return [
        (day - pl.col("tenure_from")).dt.total_days().clip(lower_bound=0).alias("tenure_days"),
        # The remainder of a negative number is positive, so a past date counts to its next anniversary.
        (ahead.cast(pl.Float64) % YEAR_DAYS).alias("renewal_days"),
    ]
