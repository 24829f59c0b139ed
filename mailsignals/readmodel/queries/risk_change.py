"""Changes of an account's risk in words, only between days of one source."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

import polars as pl

from mailsignals.wording.risk import band, sets_order

Against: TypeAlias = Literal["told", "week"]
TOLD: Final = "told"
WEEK: Final = "week"
AGAINST: Mapping[str, str] = MappingProxyType({TOLD: "last digest", WEEK: "a week ago"})
"""A risk is compared with that of the CSM's last digest, else of the last recorded day; or a week ago."""

_COLUMNS: Mapping[str, str] = MappingProxyType({TOLD: "before", WEEK: "week"})


def change(row: Mapping[str, Any], against: str) -> Mapping[str, Any] | None:
    """Return how the risk of an account has moved; None where nothing can be compared.

    A day is compared only with one of the same source, because a change of the method doesn't affect the account.

    Args:
        row: of the table of accounts.
        against: a key of ``AGAINST``.

    Returns:
        ``word`` (``up``, ``down``, or ``no change`` within one band of chances), ``then`` (the band of that day; None
        where risk only orders accounts and isn't a probability), and ``on`` (the date of that day).
    """
    of = _COLUMNS[against]
    now, then = row["risk"], row[f"{of}_risk"]
    if now is None or then is None or row["source"] != row[f"{of}_source"]:
        return None
    on = row[f"{of}_on"]
    if band(now) == band(then):
        return {"word": "no change", "then": None, "on": on}
    words = band(then) if sets_order(row["source"]) else None
    return {"word": "up" if now > then else "down", "then": words, "on": on}


def difference(against: str) -> pl.Expr:
    """Return by how much the risk has grown, in probability; null where nothing can be compared."""
    of = _COLUMNS[against]
    same = pl.col("source") == pl.col(f"{of}_source")
    return pl.when(same).then(pl.col("risk") - pl.col(f"{of}_risk"))
