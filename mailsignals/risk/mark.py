"""A mark: a rule that people know, which explains and groups but never ranks."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from mailsignals.config.risk import Marks
from mailsignals.signals.pipeline import SIGNALS_BY_NAME
from mailsignals.signals.provenance import Provenance

Row = Mapping[str, Any]
"""One account's outlook."""

ROUNDING = 1e-9
"""A figure this close to a threshold has reached it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Mark:
    """A rule that marks accounts with a reason for risk."""

    name: str
    signal: str
    provenance: Provenance | None
    """The rows behind ``value``; none where it counts mail that programs wrote."""
    holds: Callable[[Marks], pl.Expr]
    """The condition on the outlook, by the thresholds of the configuration; null counts as false."""
    value: pl.Expr
    before: pl.Expr
    text: Callable[[Row], str]


def rows_of_signal(name: str, *, days: int) -> Provenance:
    """The rows behind a signal, for marks whose number it is.

    Raises:
        ValueError: a signal without rows.
    """
    found = SIGNALS_BY_NAME[name].provenance(days)
    if found is None:
        raise ValueError(f"no rows are behind the signal {name}")
    return found


def number(name: str) -> pl.Expr:
    """A column of the outlook as a number."""
    return pl.col(name).cast(pl.Float64)
