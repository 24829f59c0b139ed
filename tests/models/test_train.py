"""What models learn, and what they never do."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from models.boosted import fit_boosted
from models.calibration import calibrate
from models.interactions import pair_tables, settled_pairs, steps_of
from models.linear import choose, fit_linear

from models import boosted
from models.index import Index, index_contributions, value
from models.labels import HORIZON_DAYS
from models.metrics import Ranked
from models.sample import FOLDS, Floats, Sample, folds
from models.threads import one_thread
from models.train import LONGEST_STRIDE, MOST_ROWS, Candidate, CandidateKind, ladder, thinned
from tests.models.samples import MAIL_NAMES, RECIPE, SCORECARD, company


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Tests run side by side already."""
    with one_thread():
        yield


@pytest.fixture(scope="module")
def sample() -> Sample:
    """Mature rows of a company in which the scorecard is right."""
    whole = company(300, seed=1)
    return thinned(whole.take(whole.mature))


@pytest.fixture(scope="module")
def contrary() -> Sample:
    """Mature rows of a company where loudness alone precedes leaving, which the scorecard does not see."""
    whole = company(400, seed=2, driver="more_inbound_30", strength=1.8)
    return thinned(whole.take(whole.mature))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fit:
    """A boosted model as it was fitted, and the index that was read off it."""

    pairs: bool
    index: Index
    model: boosted.Boosted


@pytest.fixture(scope="module", params=[False, True], ids=["additive", "pairwise"])
def boosted_fit(request: pytest.FixtureRequest, sample: Sample) -> Fit:
    """A model of the company in which the scorecard is right, fitted once for all tests."""
    models: list[boosted.Boosted] = []
    fit = boosted._boosted

    def noted(*given: Any, **named: Any) -> boosted.Boosted:
        models.append(fit(*given, **named))
        return models[-1]

    with pytest.MonkeyPatch.context() as patch, one_thread():
        patch.setattr(boosted, "_boosted", noted)
        index, _ = fit_boosted(sample, pairs=request.param)
    return Fit(pairs=request.param, index=index, model=models[-1])


def auc(score: Floats, sample: Sample) -> float:
    """How well a score ranks."""
    return Ranked(score, sample.event).roc_auc(np.ones(len(sample)))


def test_every_account_is_in_one_fold_and_events_are_spread() -> None:
    """Folds are of accounts; no fold has two more of those to whom it happened than another."""
    account = np.repeat(np.arange(53), 4)
    happened = np.isin(account, np.arange(0, 53, 5)) & (np.arange(len(account)) % 4 == 3)
    fold = folds(account, happened)
    assert all(len(np.unique(fold[account == one])) == 1 for one in range(53))
    counts = [len(np.unique(account[happened & (fold == one)])) for one in range(FOLDS)]
    assert max(counts) - min(counts) <= 1


def assert_parts_add_up(index: Index, sample: Sample) -> None:
    """Assert that what the inputs add is the index, to the last digits; the unknown counts as the centre."""
    assert index_contributions(index, sample.inputs).sum(axis=1) == pytest.approx(
        value(index, sample.inputs), abs=1e-9
    )
    unknown = np.full((1, len(MAIL_NAMES)), np.nan)
    centre = np.array([[term.centre for term in index]])
    assert value(index, unknown) == pytest.approx(value(index, centre))


@pytest.mark.slow
def test_contributions_add_up_to_a_linear_index(sample: Sample) -> None:
    """What the inputs add is the index, and what is not known counts as the centre."""
    index, _ = fit_linear(sample, SCORECARD)
    assert_parts_add_up(index, sample)


@pytest.mark.slow
def test_contributions_add_up_to_a_boosted_index(sample: Sample, boosted_fit: Fit) -> None:
    """What the inputs add is the index, and what is not known counts as the centre; with pairs and without."""
    assert_parts_add_up(boosted_fit.index, sample)


@pytest.mark.slow
def test_more_of_what_is_risky_never_lowers_a_boosted_index(sample: Sample, boosted_fit: Fit) -> None:
    """Whatever the other inputs are, raising one never lowers the index."""
    index = boosted_fit.index
    assert any(len(set(term.steps)) > 1 for term in index)
    assert boosted_fit.pairs == any(term.pairs for term in index)
    rows = sample.inputs[:: len(sample) // 200].copy()
    before = value(index, rows)
    for place in range(len(index)):
        raised = rows.copy()
        raised[:, place] += 0.7
        assert (value(index, raised) >= before - 1e-9).all()


@pytest.mark.slow
def test_the_tables_are_the_boosted_model(boosted_fit: Fit) -> None:
    """What is read off differs from the library's model by a constant alone, also where no row was."""
    index = boosted_fit.index
    edges = [np.array(term.edges) for term in index]
    anywhere = np.random.default_rng(1).normal(size=(500, len(index)))
    codes = boosted._codes(anywhere, edges, np.array([term.centre for term in index]))
    apart = value(index, anywhere) - boosted_fit.model.decision_function(codes)
    assert apart == pytest.approx(np.full(500, apart[0]), abs=1e-9)


def test_tables_of_two_inputs_are_found_and_average_nothing() -> None:
    """What only two inputs together add is in their table, which is 0 on average over either; the rest is in steps."""
    rng = np.random.default_rng(0)
    counts = (4, 3, 5)
    alone = [rng.normal(size=count) for count in counts]
    both = rng.normal(size=(4, 5))

    def logit(rows: Floats) -> Floats:
        one, two, three = rows.astype(int).T
        return np.asarray(0.3 + alone[0][one] + alone[1][two] + alone[2][three] + both[one, three])

    shares = [rng.dirichlet(np.ones(count)) for count in counts]
    found = settled_pairs([steps_of(logit, n, counts) for n in range(3)], pair_tables(logit, counts), shares)
    assert list(found.pairs) == [(0, 2)]
    assert found.pairs[0, 2] @ shares[2] == pytest.approx(np.zeros(4), abs=1e-9)
    assert shares[0] @ found.pairs[0, 2] == pytest.approx(np.zeros(5), abs=1e-9)
    rows = np.stack([rng.integers(0, count, 50) for count in counts], axis=1)
    total = (
        sum(steps[rows[:, n]] for n, steps in enumerate(found.steps))
        + found.pairs[0, 2][rows[:, 0], rows[:, 2]]
    )
    apart = logit(rows.astype(float)) - total
    assert apart == pytest.approx(np.full(50, apart[0]), abs=1e-9)


@pytest.mark.slow
def test_the_linear_model_stays_with_a_scorecard_that_is_right(sample: Sample) -> None:
    """Where nothing else is to be learnt, the ranking is the scorecard's but for noise."""
    _, unseen = fit_linear(sample, SCORECARD)
    assert auc(unseen, sample) > auc(sample.score, sample) - 0.01


@pytest.mark.slow
def test_the_linear_model_leaves_a_scorecard_that_is_wrong(contrary: Sample) -> None:
    """Where something that the scorecard does not weigh precedes leaving, the model finds it."""
    index, unseen = fit_linear(contrary, SCORECARD)
    assert auc(unseen, contrary) > auc(contrary.score, contrary) + 0.1
    slopes = {term.name: term.slope for term in index}
    assert max(slopes, key=lambda name: slopes[name]) == "more_inbound_30"


def test_the_strongest_shrinkage_within_a_standard_error_is_taken() -> None:
    """Losses that differ by less than their own scatter do not justify a looser model; a clear gain does."""
    rng = np.random.default_rng(0)
    loose = rng.random(100)
    noise = rng.normal(0.0, 1.0, 100)
    assert choose({0.01: loose + noise - noise.mean() + 0.05, 1.0: loose}) == 0.01
    assert choose({0.01: loose + 0.05, 1.0: loose}) == 1.0


@pytest.mark.slow
def test_probabilities_never_fall_with_time_or_risk(sample: Sample) -> None:
    """Within 30 days is never likelier than within 60 or 90, and a higher index never less likely."""
    fitted = RECIPE.fit(Candidate(kind=CandidateKind.LINEAR), sample)
    probability = fitted.probabilities(sample)
    assert (np.diff(probability, axis=1) >= 0).all()
    order = np.argsort(fitted.values(sample))
    assert (np.diff(probability[order, -1]) >= 0).all()
    assert probability[:, -1].mean() == pytest.approx(sample.event.mean(), rel=0.15)


def test_a_ranking_that_is_wrong_is_never_turned_round(sample: Sample) -> None:
    """Where the index ranks the wrong way, everybody gets about the same probability."""
    found = calibrate(-sample.score, sample, (30, 60, 90))
    assert found.slope == pytest.approx(0.0, abs=1e-6)
    assert found.within_horizon(-sample.score).mean() == pytest.approx(sample.event.mean(), rel=0.1)


def test_incomplete_rows_count_only_as_far_as_they_are_known(sample: Sample) -> None:
    """Who left early in an incomplete interval is not counted, because those who will still leave are not seen."""
    short = dataclasses.replace(
        sample,
        days_known=np.full(len(sample), 29.0),
        days_to_event=np.where(sample.days_to_event <= 29, sample.days_to_event, np.inf),
    )
    found = calibrate(short.score, short, (30, 60, 90))
    assert found.within_horizon(short.score).max() > 0.5  # half and half: nothing at all is known


def test_the_ladder_follows_the_departures() -> None:
    """With few departures there is the scorecard alone, with none not even that; flexible models come with many."""
    assert ladder(4, contract=True) == []
    assert [one.name for one in ladder(9, contract=True)] == ["scorecard"]
    assert [one.name for one in ladder(10, contract=False)] == ["scorecard", "linear"]
    assert [one.name for one in ladder(100, contract=True)] == [
        "scorecard",
        "linear",
        "additive",
        "linear with contract",
        "additive with contract",
    ]
    assert [one.name for one in ladder(400, contract=False)][-1] == "pairwise"


def test_thinning_keeps_the_newest_week_and_every_account() -> None:
    """Large samples are fitted to every few weeks, the newest among them."""
    whole = company(MOST_ROWS // 40, seed=3)
    fewer = thinned(whole)
    assert len(whole) > MOST_ROWS > len(fewer)
    assert fewer.day.max() == whole.day.max()
    assert set(np.diff(np.unique(fewer.day))) <= {7 * stride for stride in range(2, LONGEST_STRIDE + 1)}


def test_a_day_knows_nothing_of_the_next() -> None:
    """On a day only its past is known: no later snapshot, no event after it."""
    whole = company(60, seed=4, weeks=40)
    known = whole.known_on(200)
    assert known.day.max() <= 200
    happened = np.isfinite(known.days_to_event)
    assert (known.day + known.days_to_event)[happened].max() <= 200
    assert (known.days_known == 200 - known.day).all()
    assert (known.day[known.mature] <= 200 - HORIZON_DAYS).all()
