"""The inputs of models, from snapshots: numbers from mail, the two numbers of quiet, and facts of the contract."""

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
"""Before the name of an input from mail as it is, not against the day."""
CHURN_SIGNALS = "churn signals"
"""The chance of leaving without churn dates."""


def with_quiet_inputs(heard: pl.DataFrame) -> pl.DataFrame:
    """With the two numbers of quiet as a model reads them: ``pace`` and ``silence_days``.

    Args:
        heard: with ``log_odds`` and ``days_since``.
    """
    return heard.with_columns(pace=pl.col("log_odds"), silence_days=pl.col("days_since").log1p())


def seen_inputs(judged: pl.DataFrame, settings: Settings, tiers: Sequence[str]) -> pl.DataFrame:
    """Return the inputs of every model, the controls and ``CHURN_SIGNALS``, beside the columns of the snapshots.

    Inputs from mail compare accounts of a day with each other; those of an account that can't be compared with a past
    of its own are 0, which is the day's average.

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
    """The inputs, of which those of the contract are null where nothing was known of their field."""
    fields = {name: field for field in CONTRACT_FIELDS for name in inputs_of_field(field, tiers)}
    flags = judged.select(f"known_{field}" for field in CONTRACT_FIELDS)
    found = inputs(judged, weights, tiers).with_columns(flags.get_columns())
    return found.with_columns(
        pl.when(pl.col(f"known_{field}")).then(pl.col(name)).alias(name)
        for name, field in fields.items()
        if name in found.columns
    ).drop(flags.columns)


def with_raw(seen: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """With ``raw NAME`` for each input that comes from mail; ``judged`` are the same rows before ``seen_inputs``."""
    return seen.with_columns(unstandardised(judged).select(pl.all().name.prefix(RAW)).get_columns())


INPUTS_OF_FIELD: Mapping[str, tuple[str, ...]] = {
    "renewal_on": ("renewal_near", NO_RENEWAL),
    "started_on": ("tenure",),
    "arr": ("revenue",),
}
"""The inputs that rest on a field of the account list, by field; those of tiers rest on ``tier``."""


def inputs_of_field(field: str, tiers: Sequence[str]) -> tuple[str, ...]:
    """The names of the inputs that rest on a field of the account list; empty for a field that no model reads."""
    return tuple(map(tier_input, tiers)) if field == "tier" else INPUTS_OF_FIELD.get(field, ())
