"""Predictions of the model in use for the accounts of a day."""

import dataclasses
import datetime as dt

import polars as pl

from mailsignals.config import Settings
from mailsignals.risk.predicted import Predicted
from mailsignals.risk.state import JUDGED
from mailsignals.risk.terms import QUIET_FEATURES
from mailsignals.signals.facts import Facts
from mailsignals.training.model_inputs import seen_inputs, with_quiet_inputs
from mailsignals.training.snapshots import KnownAccounts, snapshots
from models.artifact import Artifact
from models.explain import explanation_parts
from models.inputs import BY_NAME
from models.trained_leaving import QUIET_INPUTS

_OF_QUIET = {feature.name: feature for feature in QUIET_FEATURES}
_FEATURES = {
    **BY_NAME,
    **{
        name: dataclasses.replace(_OF_QUIET[term], name=name)
        for name, term in zip(QUIET_INPUTS, ("pace", "days_since"), strict=True)
    },
}
"""Inputs that have a sentence; pace and silence use the sentences of the chance of going quiet."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class DayInputs:
    """The mail, the account list and the chances of going quiet that a model reads on a day."""

    facts: Facts
    """Facts of all accounts."""
    book: pl.DataFrame
    """Rows of the account list."""
    settings: Settings
    as_of: dt.datetime
    quiet: pl.DataFrame
    """Result of ``risk.quiet.quiet_of``: the accounts that ever wrote."""
    known: KnownAccounts | None = None
    """Returns the account list as known at given times; without it, today's list counts as always known."""


def predict_risk(artifact: Artifact, given: DayInputs) -> Predicted:
    """Return the terms of a model's chance of churn for the accounts that can be assessed on a day.

    Args:
        artifact: the model.
        given: the data of the day.
    """
    rows = snapshots(
        given.facts,
        given.book,
        given.settings,
        [given.as_of],
        heard=with_quiet_inputs(given.quiet),
        known=given.known,
    )
    judged = rows.filter(pl.col("wrote") & pl.col("state").is_in(JUDGED))
    # A tier without accounts adds nothing.
    seen = seen_inputs(judged, given.settings, artifact.tiers)
    return Predicted(
        source=artifact.id,
        sets_order=artifact.sets_order,
        parts=explanation_parts(artifact.fitted.index, seen),
        intercept=artifact.fitted.intercept,
        facts=seen.select("account", "tenure_days", "renewal_days"),
        drivers=tuple(_FEATURES[term.name] for term in artifact.fitted.index if term.name in _FEATURES),
    )
