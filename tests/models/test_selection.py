"""Who takes over from whom."""

import dataclasses

import numpy as np
import pytest

from models import selection
from models.bootstrap import Estimate
from models.evaluate import Test as Questions
from models.sample import Floats
from models.selection import confirm_order, select_model
from tests.models.samples import company


def of_company(accounts: int) -> Questions:
    """Questions about an invented company, all of whose CSMs are one."""
    sample = company(accounts, seed=3)
    return Questions(
        sample=sample,
        csm=np.zeros(len(sample), dtype=np.int64),
        csms=1,
        accounts_per_csm=5,
        false_alarms=1.0,
        known_until=int((sample.day + sample.days_known).max()),
    )


@pytest.mark.parametrize(
    ("pr_auc", "roc_auc", "wins"),
    [
        ((0.02, 0.01), (0.01, -0.01), True),
        ((0.02, -0.01), (0.03, 0.02), True),
        ((0.02, -0.01), (0.03, -0.01), False),
        ((0.02, 0.01), (-0.001, -0.02), False),
        ((-0.001, -0.02), (0.03, 0.02), False),
    ],
)
def test_one_gain_must_be_beyond_chance_and_neither_may_be_a_loss(
    monkeypatch: pytest.MonkeyPatch, pr_auc: tuple[float, float], roc_auc: tuple[float, float], *, wins: bool
) -> None:
    """A candidate takes over where one interval lies above zero and the other gain is none below it."""

    def better(one: Floats, other: Floats, test: Questions) -> dict[str, Estimate]:
        return {
            "pr_auc": Estimate(value=pr_auc[0], low=pr_auc[1], high=1.0),
            "roc_auc": Estimate(value=roc_auc[0], low=roc_auc[1], high=1.0),
        }

    monkeypatch.setattr(selection, "paired_difference", better)
    test = of_company(200)
    scores = {"scorecard": test.sample.score, "contract": test.sample.score}
    holder, (step,) = select_model(scores, ["scorecard", "contract"], test)
    assert (step.wins, holder) == (wins, "contract" if wins else "scorecard")


@pytest.mark.slow
def test_what_sees_the_future_takes_over_and_noise_does_not() -> None:
    """The best ranking there is wins against the scorecard; one that knows nothing does not, and loses nothing."""
    test = of_company(400)
    seer, noise = (
        -np.minimum(test.sample.days_to_event, 1e6),
        np.random.default_rng(0).random(len(test.sample)),
    )
    scores = {"scorecard": test.sample.score, "noise": noise, "seer": seer}
    holder, steps = select_model(scores, ["scorecard", "noise", "seer"], test)
    assert (holder, [step.wins for step in steps]) == ("seer", [False, True])
    few = dataclasses.replace(
        test, sample=test.sample.take(test.sample.account < 20), csm=test.csm[test.sample.account < 20]
    )
    assert few.churners < 20
    known = test.sample.account < 20
    assert select_model({name: score[known] for name, score in scores.items()}, list(scores), few) == (
        "scorecard",
        [],
    )


def order(test: Questions, leaving: Floats, risk: Floats, combined: Floats, *, churners: int) -> bool | None:
    """Whether the trained chance sets the order; None where that is not asked."""
    scores = {"leaving": leaving, "risk": risk, "both": combined}
    step = confirm_order(
        scores, leaving="leaving", untrained="risk", combined="both", churners=churners, test=test
    )
    return None if step is None else step.wins


def test_the_order_changes_from_twenty_churners_on_a_gain_beyond_chance() -> None:
    """Under twenty it is not asked; noise does not win; a clear gain does, unless risk with it inside is better."""
    test = of_company(400)
    noise = np.random.default_rng(0).random(len(test.sample))
    seer = -np.minimum(test.sample.days_to_event, 1e6)
    assert order(test, seer, test.sample.score, seer, churners=19) is None
    assert order(test, seer, test.sample.score, seer, churners=20) is True
    assert order(test, noise, test.sample.score, noise, churners=20) is False
    assert order(test, test.sample.score, noise, seer, churners=20) is False
