"""The columns that a learnt model sees: the scorecard's features, loudness, and facts of the contract.

Features of mail are standardised within the day, as for the scorecard. Facts of the contract are no mail: models with
and without them are judged apart.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from models.feature import Feature, against_own, expected_events
from models.features import FEATURES
from models.scorecard import coefficients, standardised

_MORE = 1
RENEWAL_DAYS = 90
TIER = "tier "
"""Before the name of a tier in the name of its input."""
NO_RENEWAL = "no renewal date"
"""1 where none is known: contracts that can end any month, or dates that nobody entered; the data say which."""


def _louder(name: str, days: int, text: str, signal: str) -> Feature:
    """More of something than usual; less than usual counts as usual, which the scorecard's features say."""
    return Feature(
        name=f"more_{name}_{days}",
        signal=signal,
        block="friction",
        sign=_MORE,
        expr=against_own(name, days).clip(lower_bound=0.0),
        value=pl.col(f"{name}_{days}"),
        usual=expected_events(name, days),
        text=text,
    )


LOUDER = (
    _louder("inbound", 30, "They sent {value:email} in the last 30 days (usually {usual:~}).", "inbound"),
    _louder("inbound", 90, "They sent {value:email} in the last 90 days (usually {usual:~}).", "inbound"),
    _louder(
        "urgent", 90, "They sent {value:urgent email} in the last 90 days (usually {usual:~}).", "urgent"
    ),
    _louder("copied", 60, "They CC'd {value:colleague} in the last 60 days (usually {usual:~}).", "copied"),
    _louder(
        "support",
        30,
        "They asked support {value:time} in the last 30 days (usually {usual:~}).",
        "inbound_support",
    ),
)
"""Loudness before leaving, which contradicts the scorecard's idea that much mail is a good sign."""

MAIL = (*FEATURES, *LOUDER)

CONTRACT = (
    Feature(
        name="renewal_near",
        signal="renewal_on",
        block="contract",
        sign=_MORE,
        expr=(pl.col("renewal_days") <= RENEWAL_DAYS).cast(pl.Float64),
        value=pl.col("renewal_days"),
        text="Their contract renews in {value:_day}.",
    ),
    Feature(
        name="tenure",
        signal="started_on",
        block="contract",
        sign=-1,
        expr=(pl.col("tenure_days") / 365.25).log1p(),
        value=pl.col("tenure_days"),
        text="They have been a customer for {value:_day}.",
    ),
    Feature(
        name="revenue",
        signal="arr",
        block="contract",
        sign=-1,
        expr=pl.col("arr").log1p(),
        value=pl.col("arr"),
        text="Their ARR is {money}.",
    ),
)

BY_NAME: Mapping[str, Feature] = {feature.name: feature for feature in (*MAIL, *CONTRACT)}


def inputs(rows: pl.DataFrame, weights: Mapping[str, float], tiers: Sequence[str] = ()) -> pl.DataFrame:
    """``account``, ``as_of``, every input by name in the direction of risk, and ``raw_score`` of the scorecard.

    Args:
        rows: the history of the day's scored accounts, with ``tenure_days``, ``renewal_days``, ``arr`` and ``tier``.
        weights: of the scorecard's blocks.
        tiers: those that get an input of their own (``tier NAME``: 1 in it, 0 in another, null without one).
    """
    facts = [(f.expr * f.sign).cast(pl.Float64).alias(f.name) for f in CONTRACT]
    facts += [pl.col("renewal_days").is_null().cast(pl.Float64).alias(NO_RENEWAL)]
    facts += [(pl.col("tier") == tier).cast(pl.Float64).alias(tier_input(tier)) for tier in tiers]
    found = standardised(rows, MAIL).with_columns(rows.select(facts))
    score = sum((pl.col(name) * factor for name, factor in coefficients(weights).items()), pl.lit(0.0))
    return found.with_columns(raw_score=score)


def unstandardised(rows: pl.DataFrame) -> pl.DataFrame:
    """The inputs that come from mail as they are, not against the day: what can drift; null where unknown."""
    return rows.select((f.expr * f.sign).cast(pl.Float64).alias(f.name) for f in MAIL)


def tier_input(tier: str) -> str:
    """The name of the input that says whether an account is of this tier."""
    return f"{TIER}{tier}"
