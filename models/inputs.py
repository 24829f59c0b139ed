"""Inputs of a trained model: the scorecard's features, loudness, and facts of the contract.

Features of mail are standardised within the day, as for the scorecard. Models with and without facts of the contract
are evaluated separately.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from models.feature import Feature, against_own, expected_events
from models.features import FEATURES
from models.scorecard import coefficients, standardised

_MORE = 1
RENEWAL_DAYS = 90
TIER = "tier "
"""Prefix of the names of inputs for tiers."""
NO_RENEWAL = "no renewal date"
"""Input that is 1 without a renewal date, because the contract is monthly or the date was not entered."""


def _louder(name: str, days: int, text: str, signal: str) -> Feature:
    """Return an input for more events than usual; fewer than usual count as usual, as the scorecard covers these."""
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
"""Inputs for loudness before churn, which the scorecard counts as a good sign."""

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
    """Return ``account``, ``as_of``, every input in the direction of risk, and ``raw_score`` of the scorecard.

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
    """Return the inputs from mail before standardisation, whose drift can be measured; null where unknown."""
    return rows.select((f.expr * f.sign).cast(pl.Float64).alias(f.name) for f in MAIL)


def tier_input(tier: str) -> str:
    """Return the name of the input that is 1 for accounts of a tier."""
    return f"{TIER}{tier}"
