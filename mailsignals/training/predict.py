"""The model in use, asked about the accounts of a day."""

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
"""The inputs that a sentence can tell of; the two numbers of quiet are told as in the chance to go quiet."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class DayInputs:
    """The mail, the account list and the chances to go quiet that a model reads on a day."""

    facts: Facts
    """Of all accounts."""
    book: pl.DataFrame
    """The account list's rows."""
    settings: Settings
    as_of: dt.datetime
    quiet: pl.DataFrame
    """The accounts that ever wrote, as ``risk.quiet.quiet_of`` has them."""
    known: KnownAccounts | None = None
    """What was known of the account list at instants; without, today's list counts as always known."""


def predict_risk(artifact: Artifact, given: DayInputs) -> Predicted:
    """Return a model's chances of leaving for the accounts that can be judged at a time, as what adds to them.

    Args:
        artifact: the model.
        given: the day.
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
    # A tier that no account has any more adds nothing.
    seen = seen_inputs(judged, given.settings, artifact.tiers)
    return Predicted(
        source=artifact.id,
        sets_order=artifact.sets_order,
        parts=explanation_parts(artifact.fitted.index, seen),
        intercept=artifact.fitted.intercept,
        facts=seen.select("account", "tenure_days", "renewal_days"),
        drivers=tuple(_FEATURES[term.name] for term in artifact.fitted.index if term.name in _FEATURES),
    )
