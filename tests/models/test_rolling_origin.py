"""History once more, without a look at what came later or at the accounts in question."""

import dataclasses

import numpy as np
import pytest

from models.rolling_origin import Answers, best_width, origins_of, walk
from models.sample import Sample
from models.train import WIDTHS, Candidate
from tests.models.samples import RECIPE, company

CANDIDATES = (Candidate(),)
ORIGIN = 300


@pytest.fixture(scope="module")
def whole() -> Sample:
    """A company."""
    return company(150, seed=5)


def answers(sample: Sample) -> Answers:
    """What the candidates said after one origin."""
    return walk(sample, RECIPE, origins=[ORIGIN], candidates=CANDIDATES)


def test_what_happens_after_an_origin_changes_no_answer(whole: Sample) -> None:
    """With every later departure taken back, and every later input changed elsewhere, the answers are the same."""
    rewritten = np.where(whole.day + whole.days_to_event > ORIGIN, np.inf, whole.days_to_event)
    other = dataclasses.replace(whole, days_to_event=rewritten, days_to_sight=rewritten)
    before, after = answers(whole), answers(other)
    for name in before.probabilities:
        assert before.probabilities[name] == pytest.approx(after.probabilities[name], abs=1e-12)


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
    assert before.probabilities["leaving"][asked] == pytest.approx(
        after.probabilities["leaving"][asked], abs=1e-12
    )
    assert (
        np.abs(before.probabilities["leaving"][~asked] - after.probabilities["leaving"][~asked]).max() > 1e-6
    )


def test_a_wider_prior_is_taken_only_if_it_would_have_done_better(whole: Sample) -> None:
    """Of answers that can be checked; answers that are alike, or not checked yet, change nothing."""
    truth = np.where(whole.event, 0.9, 0.01)
    guess = np.full(len(whole), float(whole.event.mean()))
    usual, wider, widest = WIDTHS
    assert best_width(whole, {usual: guess, wider: truth, widest: guess}) == wider
    assert best_width(whole, {usual: truth, wider: guess, widest: guess}) == usual
    assert best_width(whole, {usual: guess, wider: guess, widest: guess}) == usual
    unasked = np.full(len(whole), np.nan)
    assert best_width(whole, {usual: guess, wider: truth, widest: unasked}) == usual
    recent = whole.take(~whole.mature)
    short = {
        width: said[~whole.mature] for width, said in {usual: guess, wider: truth, widest: truth}.items()
    }
    assert best_width(recent, short) == usual


@pytest.mark.slow
def test_widths_are_tried_where_many_have_left() -> None:
    """From 100 departures on the wider priors answer too, and the width in use is one of them."""
    many = company(900, seed=8, driver="more_inbound_30", strength=1.8, base=0.004)
    origins = origins_of(many, every=56, least_churners=100)
    found = walk(many, RECIPE, origins=origins, candidates=CANDIDATES)
    assert min(found.churners) >= 100
    assert found.width > WIDTHS[0]
    assert found.widths[0] == WIDTHS[0]


def test_origins_know_enough_and_leave_something_to_ask(whole: Sample) -> None:
    """Origins lie a fixed time apart, each knows the departures asked for, and complete snapshots follow the last."""
    origins = origins_of(whole, every=28, least_churners=10)
    assert set(np.diff(origins)) == {28}
    known = [whole.known_on(day) for day in origins]
    assert min(one.take(one.mature).churners() for one in known) >= 10
    assert (whole.day[whole.mature] > origins[-1]).any()
    assert origins_of(whole, every=28, least_churners=10_000) == []
