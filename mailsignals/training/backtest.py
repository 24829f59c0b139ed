"""Backtest: a replay of history that measures risk against silence and, where churn dates exist, against churn."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mailsignals.training.dataset import QUIET, Dataset, Questions
from mailsignals.training.judgement import Contenders, Judgement, judge_contenders
from mailsignals.training.model_inputs import CHURN_SIGNALS
from models.alarms import LOOK_AHEAD_DAYS
from models.baselines import FEW_ACTIVE_DAYS, PLAIN_LOGISTIC, fit_plain_logistic
from models.controls import DAYS_SINCE_LAST_MAIL, GRADED_RULE
from models.rolling_origin import Answers, origins_of, walk
from models.sample import Flags, Floats
from models.selection import SelectionStep, confirm_order, select_model
from models.threads import one_thread
from models.train import FROM_CHURNERS, Candidate, candidates_for
from models.trained_leaving import WIDTH

EVERY_DAYS = 28
"""Days between two origins, on each of which models are fitted anew."""
ENOUGH_TEST_CHURNERS = 150
"""Number of churned accounts in the test that is enough to compare models; earlier origins only cost time."""
ENOUGH_TEST_DAYS = LOOK_AHEAD_DAYS + 91
"""Number of days of the test in which the alarms of a quarter can be evaluated."""
QUARTER = 3
"""Origins."""
FROM_SILENCES = 10
"""Number of accounts that must have fallen silent before anything is fitted to silence."""
RISK, WITH_LEAVING = "risk without churn dates", "risk"
"""Names of contenders: the two causes together, without and with the trained chance of churn."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Backtest:
    """The results of a replay of history."""

    as_of: dt.datetime
    silence: Judgement | None
    """None where no account could fall silent yet, or where only churn is evaluated."""
    churn: Judgement | None
    """None where too few churn dates are known, or none early enough to be tested later."""
    asked_of_silence: bool
    """Whether silence was to be evaluated."""
    can_fall_silent: bool
    """Whether the 90 days after at least one snapshot are over, so that silence could be observed."""
    churn_dates: int
    """Number of accounts with a known churn date that is not in the future."""
    churners: int
    """Number of them that churned within 90 days of a snapshot, and wrote in the 90 days before it."""
    candidate: Candidate
    """The model to fit."""
    width: float
    """Standard deviation of the prior of its slopes."""
    steps: Sequence[SelectionStep]
    """The comparisons of models."""
    order: SelectionStep | None
    """Comparison of the trained chance of churn with risk without churn dates; None with too few churn dates."""

    @property
    def sets_order(self) -> bool:
        """Return whether the trained chance of churn orders the accounts."""
        return self.order is not None and self.order.wins

    def to_json(self) -> dict[str, Any]:
        """Return the results as values for JSON."""
        return {
            "silence": self.silence.to_json() if self.silence else None,
            "churn": self.churn.to_json() if self.churn else None,
            "churn_dates": self.churn_dates,
            "churned_accounts": self.churners,
            "model": self.candidate.name,
            "prior_width": self.width,
            "sets_order": self.sets_order,
            "steps": [step.to_json() for step in (*self.steps, *([self.order] if self.order else []))],
        }


def replay_history(material: Dataset, *, whole: bool, silence: bool = True) -> Backtest:
    """Return the evaluation of risk against silence and churn, as far as the data allow.

    Args:
        material: the labelled snapshots.
        whole: true to replay all of history, false to replay only as much as a comparison of models needs.
        silence: whether to evaluate silence too.
    """
    sample = material.churn.sample
    churners = sample.take(sample.mature).churners()
    with one_thread():
        found = Backtest(
            as_of=material.as_of,
            silence=_on_silence(material) if silence else None,
            churn=None,
            asked_of_silence=silence,
            can_fall_silent=bool(material.silence.sample.mature.any()),
            churn_dates=material.churn_dates,
            churners=churners,
            candidate=Candidate(),
            width=WIDTH,
            steps=(),
            order=None,
        )
        candidates = candidates_for(churners, contract=material.contract)
        origins = origins_of(sample, every=EVERY_DAYS, least_churners=FROM_CHURNERS) if candidates else []
        if not whole:
            origins = latest_origins(material, origins)
        if not origins:
            return found
        answers = walk(sample, material.recipe, origins=origins, candidates=candidates)
        return _on_churn(material, answers, candidates, found)


def risk_of(quiet: Floats, leaving: Floats) -> Floats:
    """Return the chance that at least one of two independent causes happens."""
    return np.asarray(1 - (1 - quiet) * (1 - leaving))


def _rules(questions: Questions, asked: Flags, origins: Sequence[int]) -> dict[str, Floats]:
    """Return the scores of the simple rules; the plain logistic is fitted at each origin to what was known then."""
    rules = {name: questions.score(name, asked) for name in (DAYS_SINCE_LAST_MAIL, FEW_ACTIVE_DAYS)}
    if origins:
        rules[PLAIN_LOGISTIC] = _plain(questions, origins)[asked]
    return rules


def _plain(questions: Questions, origins: Sequence[int]) -> Floats:
    """Return the chances from the plain logistic for the rows after each origin; nan before the first."""
    sample, found = questions.sample, np.full(len(questions.sample), np.nan)
    for origin, until in zip(origins, [*origins[1:], np.iinfo(np.int64).max], strict=True):
        known = sample.known_on(origin)
        here = sample.day <= origin
        counts, event = questions.counts[here][known.mature], known.event[known.mature]
        fitted = fit_plain_logistic(counts, event, np.ones(len(event)))
        rows = (sample.day > origin) & (sample.day <= until)
        found[rows] = fitted.chance(questions.counts[rows])
    return found


def _on_silence(material: Dataset) -> Judgement | None:
    """Evaluate risk without churn dates against silence, over all snapshots if nothing could be fitted in time."""
    questions = material.silence
    sample = questions.sample
    if not sample.event[sample.mature].any():
        return None
    origins = origins_of(sample, every=EVERY_DAYS, least_churners=FROM_SILENCES)
    asked = sample.day > origins[0] if origins else np.ones(len(sample), dtype=bool)
    quiet, signals = (questions.score(name, asked) for name in (QUIET, CHURN_SIGNALS))
    return judge_contenders(
        questions,
        asked,
        Contenders(
            scores={RISK: risk_of(quiet, signals), QUIET: quiet},
            rules=_rules(questions, asked, origins),
            chosen=RISK,
            chances=(RISK, QUIET, PLAIN_LOGISTIC),
            origins=origins,
        ),
        tiers=material.tiers,
    )


def _on_churn(
    material: Dataset, answers: Answers, candidates: Sequence[Candidate], found: Backtest
) -> Backtest:
    """Return the backtest with the evaluation of candidates, risk and simple rules against churn."""
    questions, asked = material.churn, answers.rows
    test = questions.test(asked)
    quiet, signals = (questions.score(name, asked) for name in (QUIET, CHURN_SIGNALS))
    leaving = answers.probabilities
    name, steps = select_model(leaving, [one.name for one in candidates], test)
    scores: Mapping[str, Floats] = {
        **leaving,
        WITH_LEAVING: risk_of(quiet, leaving[name]),
        RISK: risk_of(quiet, signals),
        CHURN_SIGNALS: signals,
        QUIET: quiet,
    }
    order = confirm_order(
        scores, leaving=name, untrained=RISK, combined=WITH_LEAVING, churners=found.churners, test=test
    )
    rules = _rules(questions, asked, answers.origins)
    return dataclasses.replace(
        found,
        churn=judge_contenders(
            questions,
            asked,
            Contenders(
                scores=scores,
                rules={**rules, GRADED_RULE: questions.score(GRADED_RULE, asked)},
                chosen=name if order and order.wins else WITH_LEAVING,
                chances=(*leaving, CHURN_SIGNALS, PLAIN_LOGISTIC),
                origins=answers.origins,
            ),
            tiers=material.tiers,
        ),
        candidate=next(one for one in candidates if one.name == name),
        width=answers.width,
        steps=steps,
        order=order,
    )


def latest_origins(material: Dataset, origins: Sequence[int]) -> list[int]:
    """Return the latest origins that leave enough churned accounts to predict and alarms to evaluate, or else all.

    Where one quarter alone has enough churned accounts, models are fitted once per quarter.
    """
    if not origins:
        return []
    sample = material.churn.sample
    mature, today = sample.take(sample.mature), int((sample.day + sample.days_known).max())

    def many_after(origin: int) -> bool:
        return mature.take(mature.day > origin).churners() >= ENOUGH_TEST_CHURNERS

    enough = [n for n, day in enumerate(origins) if many_after(day) and today - day >= ENOUGH_TEST_DAYS]
    latest = list(origins[enough[-1] if enough else 0 :])
    return latest[::QUARTER] if len(origins) >= QUARTER and many_after(origins[-QUARTER]) else latest
