"""A mark: a common rule of thumb, which explains risk but never ranks accounts."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from mailsignals.config.risk import Marks
from mailsignals.signals.pipeline import SIGNALS_BY_NAME
from mailsignals.signals.provenance import Provenance

Row = Mapping[str, Any]
"""The outlook of one account."""

ROUNDING = 1e-9
"""A value this close to a threshold has reached it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Mark:
    """A rule that marks accounts with a reason for risk."""

    name: str
    signal: str
    provenance: Provenance | None
    """The rows behind ``value``; None if it counts automated mail."""
    holds: Callable[[Marks], pl.Expr]
    """The condition on the outlook, given the configured thresholds; null counts as false."""
    value: pl.Expr
    before: pl.Expr
    text: Callable[[Row], str]


def rows_of_signal(name: str, *, days: int) -> Provenance:
    """Return the rows behind a signal.

    Raises:
        ValueError: the signal has no rows.
    """
    found = SIGNALS_BY_NAME[name].provenance(days)
    if found is None:
        raise ValueError(f"no rows are behind the signal {name}")
    return found


def figure(name: str) -> pl.Expr:
    """Return a column of the outlook as a floating-point number."""
    return pl.col(name).cast(pl.Float64)
