"""Replays history with every candidate, judges the answers beside the controls, and says who is to be used."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from mailsignals.config import Settings
from mailsignals.training.dataset import Dataset
from models.alarms import LOOK_AHEAD_DAYS
from models.bootstrap import Estimate, estimates
from models.controls import DAYS_SINCE_LAST_MAIL, GRADED_RULE
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
from models.rolling_origin import Answers, origins_of, walk
from models.sample import Floats
from models.selection import SelectionStep, select_model
from models.threads import one_thread
from models.train import FROM_CHURNERS, Candidate, CandidateKind, ladder

EVERY_DAYS = 28
"""How far apart the origins lie: models are fitted anew every four weeks, as they would have been."""
ENOUGH_TEST_CHURNERS = 150
"""So many departures in the test tell models apart; earlier origins would only cost time."""
ENOUGH_TEST_DAYS = LOOK_AHEAD_DAYS + 91
"""Of these, alarms of a quarter can be judged; fewer and none can, or only those that stood from the start."""
QUARTER = 3
"""Origins."""
BUDGETS = (0.25, 0.5, 1.0, 2.0, 4.0)
SIZES = ("few mails", "some mails", "many mails")


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Backtest:
    """The results of a replay of history."""

    candidates: Sequence[Candidate]
    answers: Answers
    test: Test
    verdicts: Mapping[str, Verdict]
    """By contender: candidates and controls."""
    random: Mapping[str, Estimate]
    """What as many random alarms as the chosen candidate's would have brought."""
    chosen: str
    steps: Sequence[SelectionStep]
    against: Mapping[str, Mapping[str, Estimate]]
    """By control: how much better the chosen candidate ranks, paired."""
    beforehand: Mapping[str, Estimate]
    """Of the chosen candidate: its alarms of the second half, at thresholds set on the first; may be empty."""
    curve: Sequence[tuple[float, float, float]]
    """Of the chosen candidate: budget, recall, median lead in days."""
    slices: Mapping[str, Mapping[str, Estimate]]
    """Of the chosen candidate, by tier and by size: ``events``, ``roc_auc``, ``pr_auc``."""

    def score(self, name: str) -> Floats:
        """Return a candidate's probability of the event within the horizon, for each of the test's rows."""
        return np.asarray(self.answers.probabilities[name][:, -1])

    def to_json(self) -> dict[str, Any]:
        """Return the results as values for JSON."""
        mature = self.test.sample.take(self.test.sample.mature)
        return {
            "rows": len(mature),
            "accounts": len(np.unique(mature.account)),
            "events": mature.churners(),
            "base_rate": float(mature.event.mean()) if len(mature) else None,
            "csms": self.test.csms,
            "origins": [str(np.datetime64(day, "D")) for day in self.answers.origins],
            "events_known_at_origins": list(self.answers.churners),
            "verdicts": [verdict.to_json() for verdict in self.verdicts.values()],
            "random": {name: figure.to_json() for name, figure in self.random.items()},
            "chosen": self.chosen,
            "steps": [step.to_json() for step in self.steps],
            "against_controls": {
                control: {name: one.to_json() for name, one in better.items()}
                for control, better in self.against.items()
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


def replay_history(material: Dataset, settings: Settings, *, whole: bool) -> Backtest | None:
    """Replay and judge; none where history is too short or too few have left for anything to be asked.

    Args:
        material: what there is to learn from.
        settings: the alarm budget and what a CSM can act on.
        whole: whether all of history is replayed, or only as much as it takes to tell models apart.
    """
    sample = material.sample
    origins = origins_of(sample, every=EVERY_DAYS, least_churners=FROM_CHURNERS[CandidateKind.SCORECARD])
    if not whole:
        origins = latest_origins(material, origins)
    if not origins:
        return None
    with one_thread():
        return _judged(material, settings, origins)


def _judged(material: Dataset, settings: Settings, origins: Sequence[int]) -> Backtest:
    sample = material.sample
    candidates = ladder(sample.take(sample.mature).churners(), contract=material.contract)
    answers = walk(sample, material.recipe, origins=origins, candidates=candidates)
    test = material.test(answers.rows, settings)
    scores = {one.name: answers.probabilities[one.name][:, -1] for one in candidates}
    chosen, steps = select_model(scores, [one.name for one in candidates], test)
    verdicts = {name: judge_test(name, score, test, probability=True) for name, score in scores.items()}
    asked = material.rows.filter(pl.Series(answers.rows))
    controls = {name: asked[name].to_numpy() for name in (GRADED_RULE, DAYS_SINCE_LAST_MAIL)}
    verdicts |= {name: judge_test(name, score, test, probability=False) for name, score in controls.items()}
    return Backtest(
        candidates=candidates,
        answers=answers,
        test=test,
        verdicts=verdicts,
        random=random_alarms(test, alarms=verdicts[chosen].figures["judged_alarms"].value),
        chosen=chosen,
        steps=steps,
        against={name: paired_difference(scores[chosen], score, test) for name, score in controls.items()},
        beforehand=set_beforehand(scores[chosen], test),
        curve=budget_curve(scores[chosen], test, BUDGETS),
        slices=_slices(scores[chosen], test, asked, material.tiers),
    )


def latest_origins(material: Dataset, origins: Sequence[int]) -> list[int]:
    """The latest origins after which enough departures are to be predicted and alarms can be judged, or all.

    Where a quarter has enough departures by itself, models are fitted once a quarter.
    """
    sample = material.sample
    mature, today = sample.take(sample.mature), int((sample.day + sample.days_known).max())

    def many_after(origin: int) -> bool:
        return mature.take(mature.day > origin).churners() >= ENOUGH_TEST_CHURNERS

    enough = [n for n, day in enumerate(origins) if many_after(day) and today - day >= ENOUGH_TEST_DAYS]
    latest = list(origins[enough[-1] if enough else 0 :])
    return latest[::QUARTER] if len(origins) >= QUARTER and many_after(origins[-QUARTER]) else latest


def _slices(
    score: Floats, test: Test, asked: pl.DataFrame, tiers: Sequence[str]
) -> dict[str, dict[str, Estimate]]:
    """How well the chosen candidate ranks within each tier, and within each third by how much the account writes."""
    size = pl.col("inbound_90").rank("ordinal") * len(SIZES) // (pl.len() + 1)
    marked = asked.with_columns(size=size)
    masks = {f"tier {tier}": pl.col("tier") == tier for tier in tiers}
    masks |= {words: pl.col("size") == place for place, words in enumerate(SIZES)}
    found = {}
    for name, mask in masks.items():
        here = marked.select(mask.fill_null(value=False)).to_series().to_numpy() & test.sample.mature
        rows = test.sample.take(here)
        if len(rows):
            ranked = Ranked(score[here], rows.event)
            found[name] = {
                "events": Estimate(value=float(rows.churners()), low=np.nan, high=np.nan),
                **estimates({"roc_auc": ranked.roc_auc, "pr_auc": ranked.pr_auc}, rows.account),
            }
    return found


def _plain(value: float) -> float | None:
    return value if np.isfinite(value) else None
