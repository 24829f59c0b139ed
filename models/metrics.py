"""Quality figures of rankings and probabilities, with weighted rows, so that bootstrap draws are weights."""

import numpy as np

from models.sample import Flags, Floats, Ints

BINS = 10


class Ranked:
    """Rows in the order of a score with ties, and figures of that order for any weights of the rows."""

    def __init__(self, score: Floats, event: Flags) -> None:
        self._order = np.argsort(-score, kind="stable")
        ordered = score[self._order]
        self._event = event[self._order].astype(np.float64)
        self._ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
        self._latest: tuple[Floats, tuple[Floats, Floats]] | None = None

    def _cumulated(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return the weight of events and others at or above each distinct score, cached for the same weights."""
        if self._latest is None or self._latest[0] is not weights:
            weight = weights[self._order]
            events = np.cumsum(weight * self._event)[self._ends]
            self._latest = weights, (events, np.cumsum(weight)[self._ends] - events)
        return self._latest[1]

    def roc_auc(self, weights: Floats) -> float:
        """Return the share of pairs of an event and another row in the right order, ties half; nan without pairs."""
        events, others = self._cumulated(weights)
        if events[-1] <= 0 or others[-1] <= 0:
            return float("nan")
        return float(np.trapezoid(np.append(0, events), np.append(0, others)) / events[-1] / others[-1])

    def pr_auc(self, weights: Floats) -> float:
        """Return the average precision: the precision at each distinct score, weighted by the recall that it adds."""
        events, others = self._cumulated(weights)
        if events[-1] <= 0:
            return float("nan")
        shown = events + others
        precision = np.divide(events, shown, out=np.zeros_like(events), where=shown > 0)
        return float(np.sum(np.diff(events, prepend=0.0) * precision) / events[-1])

    def lift(self, weights: Floats, share: float = 0.1) -> float:
        """Return the share of events in the top rows as a multiple of that in all; ties at the edge count in part."""
        events, others = self._cumulated(weights)
        shown, wanted = events + others, share * (events[-1] + others[-1])
        if events[-1] <= 0:
            return float("nan")
        found = float(np.interp(wanted, np.append(0, shown), np.append(0, events)))
        return float(found / wanted / (events[-1] / shown[-1]))


def brier_skill(probability: Floats, event: Flags, weights: Floats) -> float:
    """Return 1 minus the mean squared error relative to that of the average share; above 0 is better than it."""
    total = weights.sum()
    base = float(weights @ event) / total
    plain = base * (1 - base)
    return 1 - float(weights @ (probability - event) ** 2) / total / plain if plain > 0 else float("nan")


def bins_of(probability: Floats) -> Ints:
    """Return the number of each row's bin, of ten equally large bins by probability."""
    place = np.empty(len(probability), dtype=np.int64)
    place[np.argsort(probability, kind="stable")] = np.arange(len(probability))
    return place * BINS // max(len(probability), 1)


def reliability(
    probability: Floats, event: Flags, weights: Floats, place: Ints
) -> list[tuple[float, float, float]]:
    """Return mean probability, share of events and weight of each bin of ``bins_of``."""
    weight = np.bincount(place, weights=weights, minlength=BINS)
    said = np.bincount(place, weights=weights * probability, minlength=BINS)
    came = np.bincount(place, weights=weights * event, minlength=BINS)
    return [
        (float(said[one] / weight[one]), float(came[one] / weight[one]), float(weight[one]))
        for one in range(BINS)
        if weight[one] > 0
    ]


def calibration_error(probability: Floats, event: Flags, weights: Floats, place: Ints) -> float:
    """Return the expected calibration error (ECE): the mean distance of predicted and actual shares over the bins."""
    bins = reliability(probability, event, weights, place)
    total = sum(weight for _, _, weight in bins)
    return sum(abs(said - came) * weight for said, came, weight in bins) / total if total else float("nan")
