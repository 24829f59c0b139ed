"""Inputs of models, from snapshots: numbers from mail, pace and silence, and facts of the contract."""

from collections.abc import Mapping, Sequence

import polars as pl

from mailsignals.config import Settings
from mailsignals.risk.state import comparable
from mailsignals.training.snapshots import CONTRACT_FIELDS
from models.controls import controls
from models.inputs import MAIL, NO_RENEWAL, inputs, tier_input, unstandardised
from models.leaving import untrained_log_odds
from models.risk import probability

RAW = "raw "
"""Prefix of the names of inputs from mail before standardisation."""
CHURN_SIGNALS = "churn signals"
"""Column of the untrained chance of churn, which needs no churn dates."""


def with_quiet_inputs(heard: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with pace and silence as a model reads them: ``pace`` and ``silence_days``.

    Args:
        heard: with ``log_odds`` and ``days_since``.
    """
    return heard.with_columns(pace=pl.col("log_odds"), silence_days=pl.col("days_since").log1p())


def seen_inputs(judged: pl.DataFrame, settings: Settings, tiers: Sequence[str]) -> pl.DataFrame:
    """Return the inputs of every model, the controls and ``CHURN_SIGNALS``, beside the columns of the snapshots.

    Inputs from mail are standardised over the accounts of a day. They are 0, the day's average, for an account without
    a past of its own.

    Args:
        judged: snapshots of accounts that wrote within 90 days.
        settings: weights, ``min_touches``, the share that leaves.
        tiers: those that have an input of their own.
    """
    weights = settings.risk.weights.model_dump()
    found = inputs(judged.filter(comparable(settings.risk.min_touches)), weights, tiers)
    facts = _contract_inputs(judged, weights, tiers).drop(
        "account", "as_of", "raw_score", *(f.name for f in MAIL)
    )
    own = found.select("account", "as_of", "raw_score", *(feature.name for feature in MAIL))
    # Some inputs have the names of sums that the controls read.
    names = [name for name in own.columns if name not in {"account", "as_of"}]
    told = judged.with_columns(controls())
    compared = told.select("account", "as_of").join(
        own, on=["account", "as_of"], how="left", maintain_order="left"
    )
    signals = untrained_log_odds(pl.col("raw_score"), settings.risk.churn_a_year)
    return (
        told.with_columns(compared.select(pl.col(names).fill_null(0.0)).get_columns())
        .with_columns(facts.get_columns())
        .with_columns(probability(signals).alias(CHURN_SIGNALS))
    )


def _contract_inputs(
    judged: pl.DataFrame, weights: Mapping[str, float], tiers: Sequence[str]
) -> pl.DataFrame:
    """Return the inputs; those of the contract are null where their field was not known."""
    fields = {name: field for field in CONTRACT_FIELDS for name in inputs_of_field(field, tiers)}
    flags = judged.select(f"known_{field}" for field in CONTRACT_FIELDS)
    found = inputs(judged, weights, tiers).with_columns(flags.get_columns())
    return found.with_columns(
        pl.when(pl.col(f"known_{field}")).then(pl.col(name)).alias(name)
        for name, field in fields.items()
        if name in found.columns
    ).drop(flags.columns)


def with_raw(seen: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with ``raw NAME`` for each input from mail.

    Args:
        seen: the result of ``seen_inputs``.
        judged: the same rows before ``seen_inputs``.
    """
    return seen.with_columns(unstandardised(judged).select(pl.all().name.prefix(RAW)).get_columns())


INPUTS_OF_FIELD: Mapping[str, tuple[str, ...]] = {
    "renewal_on": ("renewal_near", NO_RENEWAL),
    "started_on": ("tenure",),
    "arr": ("revenue",),
}
"""Inputs by the field of the account list that they depend on; those of tiers depend on ``tier``."""


def inputs_of_field(field: str, tiers: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the inputs that depend on a field of the account list; empty for an unused field."""
    return tuple(map(tier_input, tiers)) if field == "tier" else INPUTS_OF_FIELD.get(field, ())
