"""History once more, without a look at what came later or at the accounts in question."""

import dataclasses

import numpy as np
import pytest

from models.rolling_origin import Answers, origins_of, walk
from models.sample import Sample
from models.train import Candidate, CandidateKind
from tests.models.samples import RECIPE, company

CANDIDATES = (Candidate(kind=CandidateKind.SCORECARD), Candidate(kind=CandidateKind.LINEAR))
ORIGIN = 300


@pytest.fixture(scope="module")
def whole() -> Sample:
    """A company."""
    return company(150, seed=5)


def answers(sample: Sample) -> Answers:
    """What the candidates said after one origin."""
    return walk(sample, RECIPE, origins=[ORIGIN], candidates=CANDIDATES)


@pytest.mark.slow
def test_what_happens_after_an_origin_changes_no_answer(whole: Sample) -> None:
    """With every later departure taken back, and every later input changed elsewhere, the answers are the same."""
    rewritten = np.where(whole.day + whole.days_to_event > ORIGIN, np.inf, whole.days_to_event)
    other = dataclasses.replace(whole, days_to_event=rewritten)
    before, after = answers(whole), answers(other)
    for name in before.probabilities:
        assert before.probabilities[name] == pytest.approx(after.probabilities[name], abs=1e-12)


@pytest.mark.slow
def test_the_past_of_an_account_changes_no_answer_about_it(whole: Sample) -> None:
    """A model is asked about accounts that it has not seen: their own history may as well have been another."""
    mine = whole.fold == 2
    early = mine & (whole.day <= ORIGIN)
    rng = np.random.default_rng(0)
    inputs = whole.inputs.copy()
    inputs[early] = rng.normal(size=inputs[early].shape)
    other = dataclasses.replace(whole, inputs=inputs)
    before, after = answers(whole), answers(other)
    asked = whole.fold[whole.day > ORIGIN] == 2
    assert before.index["linear"][asked] == pytest.approx(after.index["linear"][asked], abs=1e-12)
    assert np.abs(before.index["linear"][~asked] - after.index["linear"][~asked]).max() > 1e-6


@pytest.mark.slow
def test_an_origin_that_knows_too_few_departures_answers_with_the_scorecard(whole: Sample) -> None:
    """Where a candidate cannot be fitted yet, the most complex one that can stands in for it."""
    found = walk(whole, RECIPE, origins=[110], candidates=CANDIDATES)
    assert found.churners[0] < 10
    assert (found.probabilities["linear"] == found.probabilities["scorecard"]).all()


def test_origins_know_enough_and_leave_something_to_ask(whole: Sample) -> None:
    """Origins lie a fixed time apart, each knows the departures asked for, and complete snapshots follow the last."""
    origins = origins_of(whole, every=28, least_churners=10)
    assert set(np.diff(origins)) == {28}
    known = [whole.known_on(day) for day in origins]
    assert min(one.take(one.mature).churners() for one in known) >= 10
    assert (whole.day[whole.mature] > origins[-1]).any()
    assert origins_of(whole, every=28, least_churners=10_000) == []
