"""Evaluation of contenders and simple rules on the same snapshots against one target."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from mailsignals.training.dataset import Questions, Target
from models.bootstrap import Estimate, estimates
from models.evaluate import (
    Test,
    Verdict,
    budget_curve,
    judge_test,
    paired_difference,
    random_alarms,
    set_beforehand,
)
from models.metrics import Ranked
from models.sample import Flags, Floats

AHEAD_OF_TIME = frozenset({"lead_days_median", "roc_auc_31_90"})
"""Figures that mean nothing for silence, which always takes exactly 90 days."""
BUDGETS = (0.25, 0.5, 1.0, 2.0, 4.0)
SIZES = ("few emails", "some emails", "many emails")


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Judgement:
    """Figures of all contenders against one target."""

    target: Target
    rows: pl.DataFrame
    """Rows of the test, with the columns of ``Questions.rows``."""
    test: Test
    scores: Mapping[str, Floats]
    """Scores of the test's rows by contender; higher is riskier."""
    verdicts: Mapping[str, Verdict]
    chosen: str
    """The contender that the product uses."""
    baselines: Sequence[str]
    """The contenders that are simple rules."""
    random: Mapping[str, Estimate]
    """Figures of equally many random alarms as the chosen contender raised."""
    against: Mapping[str, Mapping[str, Estimate]]
    """Paired gains of the chosen contender by baseline; positive where it ranks better."""
    beforehand: Mapping[str, Estimate]
    """Alarm figures of the chosen contender in the second half, at thresholds set on the first half; may be empty."""
    curve: Sequence[tuple[float, float, float]]
    """Budget, recall and median lead in days of the chosen contender."""
    slices: Mapping[str, Mapping[str, Estimate]]
    """Figures of the chosen contender by tier and by size: ``events``, ``roc_auc``, ``pr_auc``."""
    origins: Sequence[int]
    """The days on which everything was fitted anew."""
    known: Sequence[int]
    """Number of accounts with the event that were known on each origin."""

    def tells(self, figure: str) -> bool:
        """Return whether a figure applies to this target."""
        return self.target is Target.CHURN or figure not in AHEAD_OF_TIME

    @property
    def base_rate(self) -> float:
        """Return the share of rows with the event (0 to 1), over rows with a known outcome; nan without any."""
        mature = self.test.sample.take(self.test.sample.mature)
        return float(mature.event.mean()) if len(mature) else float("nan")

    @property
    def accounts(self) -> int:
        """Return the number of accounts with at least one row whose outcome is known."""
        return len(np.unique(self.test.sample.account[self.test.sample.mature]))

    def to_json(self) -> dict[str, Any]:
        """Return the results as values for JSON."""
        return {
            "target": self.target.value,
            "rows": int(self.test.sample.mature.sum()),
            "accounts": self.accounts,
            "events": self.test.churners,
            "base_rate": _plain(self.base_rate),
            "csms": self.test.csms,
            "origins": [str(np.datetime64(day, "D")) for day in self.origins],
            "events_known_at_origins": list(self.known),
            "verdicts": [verdict.to_json() for verdict in self.verdicts.values()],
            "baselines": list(self.baselines),
            "random": {name: figure.to_json() for name, figure in self.random.items()},
            "chosen": self.chosen,
            "against_baselines": {
                baseline: {name: one.to_json() for name, one in better.items()}
                for baseline, better in self.against.items()
            },
            "thresholds_set_beforehand": {name: one.to_json() for name, one in self.beforehand.items()},
            "budgets": [
                {"false_alarms": budget, "recall": _plain(recall), "lead_days": _plain(lead)}
                for budget, recall, lead in self.curve
            ],
            "slices": {
                name: {figure: one.to_json() for figure, one in figures.items()}
                for name, figures in self.slices.items()
            },
        }


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Contenders:
    """Scores of contenders and simple rules for the same rows."""

    scores: Mapping[str, Floats]
    """Scores of the rows by contender."""
    rules: Mapping[str, Floats]
    """Scores of the rows by simple rule."""
    chosen: str
    """The contender that the product uses."""
    chances: Sequence[str]
    """The contenders that give the probability of exactly this event."""
    origins: Sequence[int]
    """The days on which everything was fitted anew."""


def judge_contenders(
    questions: Questions, asked: Flags, contenders: Contenders, *, tiers: Sequence[str]
) -> Judgement:
    """Return the figures of contenders and simple rules on chosen rows of one target.

    Args:
        questions: the labelled snapshots of one target.
        asked: true for each row to use.
        contenders: the scores of these rows.
        tiers: the names of the tiers.
    """
    test, rows = questions.test(asked), questions.rows.filter(pl.Series(asked))
    scores, rules, chosen = contenders.scores, contenders.rules, contenders.chosen
    everybody = {**scores, **rules}
    verdicts = {
        name: judge_test(name, score, test, probability=name in contenders.chances)
        for name, score in everybody.items()
    }
    known = [one.take(one.mature).churners() for one in map(questions.sample.known_on, contenders.origins)]
    return Judgement(
        target=questions.target,
        rows=rows,
        test=test,
        scores=everybody,
        verdicts=verdicts,
        chosen=chosen,
        baselines=list(rules),
        random=random_alarms(test, alarms=verdicts[chosen].figures["judged_alarms"].value),
        against={name: paired_difference(scores[chosen], score, test) for name, score in rules.items()},
        beforehand=set_beforehand(scores[chosen], test),
        curve=budget_curve(scores[chosen], test, BUDGETS),
        slices=_slices(scores[chosen], test, rows, tiers),
        origins=contenders.origins,
        known=known,
    )


def _slices(
    score: Floats, test: Test, rows: pl.DataFrame, tiers: Sequence[str]
) -> dict[str, dict[str, Estimate]]:
    """Return figures of the chosen contender by tier, and by third of accounts by number of emails."""
    size = pl.col("inbound_90").rank("ordinal") * len(SIZES) // (pl.len() + 1)
    marked = rows.with_columns(size=size)
    masks = {f"tier {tier}": pl.col("tier") == tier for tier in tiers}
    masks |= {words: pl.col("size") == place for place, words in enumerate(SIZES)}
    found = {}
    for name, mask in masks.items():
        here = marked.select(mask.fill_null(value=False)).to_series().to_numpy() & test.sample.mature
        of_slice = test.sample.take(here)
        if len(of_slice):
            ranked = Ranked(score[here], of_slice.event)
            found[name] = {
                "events": Estimate(value=float(of_slice.churners()), low=np.nan, high=np.nan),
                **estimates({"roc_auc": ranked.roc_auc, "pr_auc": ranked.pr_auc}, of_slice.account),
            }
    return found


def _plain(value: float) -> float | None:
    return value if np.isfinite(value) else None
