"""Columns of the account list: their headings, their sort orders, and the columns of an export."""

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import polars as pl

from mailsignals.readmodel.tables.accounts import FIGURES

Direction: TypeAlias = Literal["asc", "desc"]
ASCENDING: Final = "asc"
DESCENDING: Final = "desc"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Column:
    """A column of the list of accounts, with how it is sorted."""

    heading: str
    unit: str
    """The unit below the heading; empty if the cells show it."""
    by: pl.Expr
    """The expression that it is sorted by."""
    first: Direction
    """The direction of a first click."""
    numeric: bool = False


_NAME = pl.col("name").fill_null(pl.col("account_id")).str.to_lowercase()
_RISK = pl.int_range(pl.len())
"""The table's own order, which is the one order of accounts on every surface."""


def _column(heading: str, unit: str, by: str, first: Direction = DESCENDING) -> Column:
    return Column(heading=heading, unit=unit, by=pl.col(by), first=first, numeric=True)


COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "name": Column(heading="Account", unit="", by=_NAME, first=ASCENDING),
        "risk": Column(heading="Risk", unit="within 90 days", by=_RISK, first=ASCENDING),
        "change": Column(heading="Change", unit="", by=pl.col("risk"), first=DESCENDING),
        "inbound": _column("Customer email", "days ago", "days_since_inbound"),
        "outbound": _column("Team email", "days ago", "days_since_outbound"),
        "ours": _column("Our response time", "30 / 90 days", "response_hours_median_30"),
        "theirs": _column("Their response time", "30 / 90 days", "customer_response_hours_median_30"),
        "checkins": _column("Check-ins", "30 / 90 days", "checkins_90", ASCENDING),
        "answered": _column("Reply rate", "30 / 90 days", "thread_response_rate_90", ASCENDING),
        "renewal": _column("Renewal", "", "renewal_on", ASCENDING),
        "arr": _column("ARR", "per year", "arr"),
    }
)
"""In the order of the table."""

EXPORTED: Sequence[str] = (
    *("account_id", "name", "tier", "csm", "state", "level", "risk", "quiet", "leaving", "source"),
    *("expected_loss", "flagged_on", "away", "before_on", "before_risk", "week_on", "week_risk", "reasons"),
    *("days_silent", "back_again"),
    *("days_since_inbound", "days_since_outbound", "days_since_checkin", "open_turns"),
    *(f"{name}_{days}" for name in FIGURES for days in (30, 90)),
    *("renewal_on", "arr", "started_on", "churned_on"),
)
"""Columns of an export; ``reasons`` contains sentences, ``away`` the reason why an account is not reported."""
