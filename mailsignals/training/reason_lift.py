"""Lift of reasons: their frequency before accounts went quiet or churned, relative to other accounts."""

import dataclasses
from collections.abc import Mapping
from typing import Any, SupportsFloat

import numpy as np
import polars as pl

from mailsignals.risk.reasons import LEAST_SHARE
from mailsignals.risk.terms import QUIET_FEATURES, RiskTerm, term_of
from mailsignals.training.dataset import QUIET, Questions
from mailsignals.training.model_inputs import CHURN_SIGNALS
from models.bootstrap import Estimate, estimates
from models.features import FEATURES
from models.leaving import SLOPE, SPREAD
from models.sample import Flags, Floats, Ints

ANY = "any reason"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReasonLift:
    """One theme of reasons, with its frequency before the event and elsewhere."""

    cause: str
    """``quiet``, ``leaving``, or ``risk`` for any reason of either."""
    theme: str
    accounts: int
    """Number of accounts with the reason and the event."""
    share: float
    """Share of snapshots with the reason (0 to 1), over snapshots before the event."""
    other_share: float
    """Share of snapshots with the reason (0 to 1), over all other snapshots."""
    lift: Estimate
    """The first share over the second, with its interval by account."""

    def to_json(self) -> dict[str, Any]:
        """Return the values for JSON."""
        return {**dataclasses.asdict(self), "lift": self.lift.to_json()}


def reason_lifts(
    questions: Questions, scorecard: Mapping[str, float], *, least_risk: float
) -> list[ReasonLift]:
    """Return the lift of any reason, then that of each theme of each cause, the largest first.

    A theme counts where lists show it: at a risk of ``least_risk`` or more, of which it explains at least 5%. Risk is
    the one without churn dates, because it was not trained on the events.

    Args:
        questions: the labelled snapshots of one target; rows without a known outcome are left out.
        scorecard: the amount that one standard deviation of each feature adds to the scorecard.
        least_risk: the risk from which an account is at medium risk.
    """
    mature = questions.sample.mature
    rows, sample = questions.rows.filter(pl.Series(mature)), questions.sample.take(mature)
    if not sample.event.any():
        return []
    active = (rows["state"] == "active").to_numpy()
    places = {name: place for place, name in enumerate(sample.names)}
    leaving = {
        f.name: sample.inputs[:, places[f.name]] * scorecard[f.name] * (SLOPE / SPREAD) for f in FEATURES
    }
    # All terms of going quiet are about silence, so they are one theme.
    pace = QUIET_FEATURES[0]
    quiet = {pace.name: np.log(rows[QUIET].to_numpy()) - np.log1p(-rows[QUIET].to_numpy())}
    burdens = {
        "quiet": -np.log1p(-rows[QUIET].to_numpy()),
        "leaving": -np.log1p(-rows[CHURN_SIGNALS].to_numpy()),
    }
    whole = sum(burdens.values(), np.zeros(len(rows)))
    shown = -np.expm1(-whole) >= least_risk
    found: list[ReasonLift] = []
    for cause, added, features in (("quiet", quiet, (pace,)), ("leaving", leaving, FEATURES)):
        terms = [term_of(cause, feature.name, feature) for feature in features]
        for theme, share in _theme_shares(terms, added, sample.day, active).items():
            stands = shown & (share * burdens[cause] / whole >= LEAST_SHARE)
            if stands.any():
                found.append(_lift(cause, theme, stands, sample.event, sample.account))
    together = _lift("risk", ANY, shown, sample.event, sample.account)
    return [together, *sorted(found, key=lambda one: -np.nan_to_num(one.lift.value))]


def _theme_shares(
    terms: list[RiskTerm], added: Mapping[str, Floats], day: Ints, active: Flags
) -> dict[str, Floats]:
    """Return each theme's share of the positive terms of its cause, relative to the day's median active account."""
    whole, of_theme = np.zeros(len(day)), {term.theme: np.zeros(len(day)) for term in terms}
    _, place = np.unique(day, return_inverse=True)
    for term in terms:
        values = added[term.name]
        frame = pl.DataFrame({"day": place, "value": values, "active": active})
        median = frame.select(
            pl.coalesce(
                pl.col("value").filter("active").median().over("day"), pl.col("value").median().over("day")
            )
        ).to_series()
        positive = np.maximum(values - median.to_numpy(), 0.0)
        whole += positive
        of_theme[term.theme] += positive
    return {
        theme: np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
        for theme, part in of_theme.items()
    }


def _ratio(part: SupportsFloat, whole: SupportsFloat) -> float:
    return float(part) / float(whole) if float(whole) > 0 else float("nan")


def _lift(cause: str, theme: str, stands: Flags, event: Flags, account: Ints) -> ReasonLift:
    def ratio(weights: Floats) -> float:
        own = _ratio(weights @ (stands & event), weights @ event)
        return _ratio(own, _ratio(weights @ (stands & ~event), weights @ ~event))

    return ReasonLift(
        cause=cause,
        theme=theme,
        accounts=len(np.unique(account[stands & event])),
        share=float(stands[event].mean()),
        other_share=float(stands[~event].mean()) if (~event).any() else float("nan"),
        lift=estimates({"lift": ratio}, account)["lift"],
    )
