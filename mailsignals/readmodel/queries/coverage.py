"""Coverage of accounts by CSM: check-ins, unanswered emails, and response times; pure."""

import polars as pl

from mailsignals.config.privacy import People
from mailsignals.readmodel.queries.privacy import rows_of
from mailsignals.signals.conversations import CHECKIN_DAYS
from mailsignals.wording.groups import NO_CSM

CSMS = "all CSMs"
CHECKED_IN = (pl.col("days_since_checkin") <= CHECKIN_DAYS).fill_null(value=False)
WAIT = pl.col("response_hours_median_90")
"""The median response time of an account in hours; null for an account without a response."""


def coverage_by_csm(accounts: pl.DataFrame, rule: People, viewer: str | None) -> pl.DataFrame:
    """Return one row per CSM (or group of CSMs, see ``rows_of``), and one for accounts without a CSM.

    Args:
        accounts: current customers, of the prepared table.
        rule: ``privacy.people``.
        viewer: the address of the viewer.

    Returns:
        ``who``, ``people``, ``single``, and the figures of ``_coverage``; the most overdue emails first.
    """
    csms = accounts.select(person="csm").drop_nulls().unique().with_columns(group=pl.lit(CSMS))
    rows = accounts.join(rows_of(csms, rule, viewer), left_on="csm", right_on="person")
    found = _coverage(rows, "who", "people", "single").sort(
        "single", "overdue_turns", "accounts", "who", descending=[False, True, True, False]
    )
    alone = accounts.filter(pl.col("csm").is_null())
    return pl.concat([found, _coverage(alone.with_columns(_nobody()), "who", "people", "single")])


def _nobody() -> list[pl.Expr]:
    return [
        pl.lit(NO_CSM).alias("who"),
        pl.lit(0, dtype=pl.Int64).alias("people"),
        pl.lit(value=False).alias("single"),
    ]


def coverage_in_all(accounts: pl.DataFrame, rule: People, viewer: str | None) -> dict[str, object] | None:
    """Return the figures of all accounts together; None if too few CSMs would stand behind them."""
    csms = accounts.select(person="csm").drop_nulls().unique().with_columns(group=pl.lit(CSMS))
    if accounts.is_empty() or rows_of(csms, rule, viewer)["person"].n_unique() < csms.height:
        return None
    return _coverage(accounts.with_columns(who=pl.lit("all")), "who").row(0, named=True)


def _coverage(rows: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Return counts, ARR and quartiles of each group of accounts.

    ``accounts``, ``arr``, ``high``, ``arr_at_risk``, ``checked_in``, ``coverage`` (their share), ``open_turns``
    (unanswered emails), ``overdue_turns`` (those past their due time), ``waits`` (accounts with a response in 90
    days), and the quartiles of their median response times, ``wait_25``, ``wait_50`` and ``wait_75`` (hours).
    """
    high = (pl.col("level") == "high").fill_null(value=False)
    return rows.group_by(by).agg(
        pl.len().cast(pl.Int64).alias("accounts"),
        pl.col("arr").sum().alias("arr"),
        high.sum().cast(pl.Int64).alias("high"),
        pl.col("arr").filter(high).sum().alias("arr_at_risk"),
        CHECKED_IN.sum().cast(pl.Int64).alias("checked_in"),
        CHECKED_IN.mean().alias("coverage"),
        pl.col("open_turns").sum().cast(pl.Int64).alias("open_turns"),
        pl.col("overdue_turns").sum().cast(pl.Int64).alias("overdue_turns"),
        WAIT.count().cast(pl.Int64).alias("waits"),
        *(WAIT.quantile(share / 100, "linear").alias(f"wait_{share}") for share in (25, 50, 75)),
    )


def accounts_without_checkin(accounts: pl.DataFrame) -> pl.DataFrame:
    """Return accounts without a check-in for ``CHECKIN_DAYS``: never checked in first, then the longest ago."""
    return accounts.filter(~CHECKED_IN).sort(
        pl.col("days_since_checkin").is_null(),
        "days_since_checkin",
        "arr",
        "account_id",
        descending=[True, True, True, False],
        nulls_last=True,
    )


def longest_waits(accounts: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return the accounts with the longest median response times, longest first, at most ``most``."""
    return accounts.filter(WAIT.is_not_null()).sort(WAIT, "account_id", descending=[True, False]).head(most)
