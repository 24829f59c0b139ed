"""What models learn, and what they never do."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.index import Index, Term, index_contributions, value
from models.labels import HORIZON_DAYS
from models.metrics import Ranked
from models.sample import FOLDS, Floats, Sample, folds
from models.train import LONGEST_STRIDE, MOST_ROWS, Candidate, Fitted, candidates_for, thinned
from models.trained_leaving import CLIP, SHARE, WIDTH, fit_leaving, priors_of, row_weight
from tests.models.samples import MAIL_NAMES, NAMES, RECIPE, SCORECARD, company

LEAVING = Candidate()


@pytest.fixture(scope="module")
def sample() -> Sample:
    """Mature rows of a company in which the scorecard is right."""
    whole = company(300, seed=1)
    return whole.take(whole.mature)


@pytest.fixture(scope="module")
def contrary() -> Sample:
    """Mature rows of a company where loudness alone precedes leaving, which the scorecard does not see."""
    whole = company(400, seed=2, driver="more_inbound_30", strength=1.8)
    return whole.take(whole.mature)


def auc(score: Floats, sample: Sample) -> float:
    """How well a score ranks."""
    return Ranked(score, sample.event).roc_auc(np.ones(len(sample)))


def slopes(fitted: Fitted) -> dict[str, float]:
    """What each input's unit adds to the log odds."""
    return {term.name: term.slope for term in fitted.index}


def test_every_account_is_in_one_fold_and_events_are_spread() -> None:
    """Folds are of accounts; no fold has two more of those to whom it happened than another."""
    account = np.repeat(np.arange(53), 4)
    happened = np.isin(account, np.arange(0, 53, 5)) & (np.arange(len(account)) % 4 == 3)
    fold = folds(account, happened)
    assert all(len(np.unique(fold[account == one])) == 1 for one in range(53))
    counts = [len(np.unique(account[happened & (fold == one)])) for one in range(FOLDS)]
    assert max(counts) - min(counts) <= 1


@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(-2, 2), st.floats(0.1, 9)), min_size=1, max_size=5),
    st.integers(0, 1000),
)
def test_contributions_add_up_to_the_index(terms: list[tuple[float, float, float]], seed: int) -> None:
    """What the inputs add is the index within 1e-9, and what is not known adds nothing."""
    index: Index = tuple(
        Term(name=f"x{place}", centre=centre, slope=slope, low=centre - reach, high=centre + reach)
        for place, (centre, slope, reach) in enumerate(terms)
    )
    inputs = np.random.default_rng(seed).normal(scale=5, size=(20, len(index)))
    inputs[::3, 0] = np.nan
    added = index_contributions(index, inputs)
    assert added.sum(axis=1) == pytest.approx(value(index, inputs), abs=1e-9)
    assert (added[::3, 0] == 0).all()


def test_an_extreme_value_counts_no_more_than_four_spreads(sample: Sample) -> None:
    """Inputs are clipped, so that one odd account neither moves the fit far nor gets a chance of its own."""
    fitted = RECIPE.fit(LEAVING, sample)
    far = dataclasses.replace(sample, inputs=np.where(sample.inputs > 1, 1e6, sample.inputs))
    clipped = dataclasses.replace(sample, inputs=np.where(sample.inputs > 1, CLIP * 1.5, sample.inputs))
    assert fitted.log_odds(far) == pytest.approx(fitted.log_odds(clipped))


def test_without_departures_the_model_is_the_scorecard_at_its_base_rate(sample: Sample) -> None:
    """Where nothing is learnt, slopes are the scorecard's at .6 of its spread, and quiet has none."""
    spread = float(sample.score.std())
    priors = priors_of(SCORECARD, spread, names=NAMES, mail=MAIL_NAMES, width=1e-6)
    _, index, _ = fit_leaving(sample, priors)
    for term in index:
        assert term.slope == pytest.approx(SHARE * SCORECARD.get(term.name, 0.0) / spread, abs=1e-6)


def test_few_departures_move_it_little_and_many_move_it_far(contrary: Sample) -> None:
    """A prior at the scorecard: with five churners the ranking is nearly its own, with many the true driver leads."""
    who = np.unique(contrary.account[contrary.event])
    few = contrary.take(~np.isin(contrary.account, who[5:]))
    early, late = RECIPE.fit(LEAVING, few), RECIPE.fit(LEAVING, contrary)
    assert np.corrcoef(early.log_odds(contrary), contrary.score)[0, 1] > 0.85
    assert max(slopes(late), key=lambda name: slopes(late)[name]) == "more_inbound_30"
    assert auc(late.log_odds(contrary), contrary) > auc(contrary.score, contrary) + 0.1


@pytest.mark.slow
def test_it_stays_with_a_scorecard_that_is_right(sample: Sample) -> None:
    """Where nothing else is to be learnt, accounts that it has not seen are ranked as well as by the scorecard."""
    said = np.zeros(len(sample))
    for fold in range(FOLDS):
        held = sample.fold == fold
        said[held] = RECIPE.fit(LEAVING, sample.take(~held)).log_odds(sample.take(held))
    assert auc(said, sample) > auc(sample.score, sample) - 0.01


def test_chances_add_up_to_the_departures(sample: Sample) -> None:
    """The intercept is free: on the rows of the fit the mean chance is the share that left."""
    fitted = RECIPE.fit(LEAVING, sample)
    assert fitted.probabilities(sample).mean() == pytest.approx(sample.event.mean(), rel=1e-3)


def test_a_quarter_of_snapshots_weighs_as_one(sample: Sample) -> None:
    """A row's weight is one over the snapshots in a quarter: weekly 1/13, four-weekly 4/13, at most 1."""
    months = sample.take(np.isin(sample.day, np.unique(sample.day)[::4]))
    assert row_weight(sample) == pytest.approx(1 / 13)
    assert row_weight(months) == pytest.approx(4 / 13)
    assert row_weight(sample.take(sample.day == sample.day.max())) == 1.0


def test_a_start_changes_nothing_but_the_steps(sample: Sample) -> None:
    """From the weights of another fit the same model comes out."""
    fitted, weights = RECIPE.fit_from(LEAVING, sample, width=WIDTH)
    again, _ = RECIPE.fit_from(LEAVING, sample, width=WIDTH, start=weights + 0.3)
    assert again.log_odds(sample) == pytest.approx(fitted.log_odds(sample), abs=1e-4)


def test_one_event_or_none_is_no_trouble(sample: Sample) -> None:
    """A fold without any departure gives small chances, and no error."""
    calm = dataclasses.replace(sample, days_to_event=np.full(len(sample), np.inf))
    assert RECIPE.fit(LEAVING, calm).probabilities(calm).max() < 0.01


def test_facts_of_the_contract_are_seen_by_a_candidate_of_their_own(sample: Sample) -> None:
    """Mail alone does not see them; renewal near starts above 0, the others at 0."""
    facts = np.stack([(sample.account % 4 == 0), np.where(sample.account % 3, np.nan, 1.0)], axis=1).astype(
        float
    )
    wide = dataclasses.replace(
        sample, names=(*NAMES, "renewal_near", "revenue"), inputs=np.hstack([sample.inputs, facts])
    )
    assert "renewal_near" not in slopes(RECIPE.fit(LEAVING, wide))
    priors = {
        one.name: one for one in priors_of(SCORECARD, 1.0, names=wide.names, mail=MAIL_NAMES, width=WIDTH)
    }
    assert priors["renewal_near"].mean > priors["revenue"].mean == 0
    assert "revenue" in slopes(RECIPE.fit(Candidate(contract=True), wide))


def test_candidates_follow_the_departures() -> None:
    """With under five departures there is none; facts of the contract are tried beside mail alone."""
    assert candidates_for(4, contract=True) == []
    assert [one.name for one in candidates_for(5, contract=False)] == ["leaving"]
    assert [one.name for one in candidates_for(400, contract=True)] == ["leaving", "leaving with contract"]


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


def test_a_date_that_was_entered_late_was_not_known_before() -> None:
    """An event counts from the day on which its date was seen, not from its own."""
    whole = company(60, seed=4, weeks=40)
    late = dataclasses.replace(whole, days_to_sight=whole.days_to_event + 30)
    first = int((whole.day + whole.days_to_event).min())
    assert np.isfinite(whole.known_on(first).days_to_event).any()
    assert not np.isfinite(late.known_on(first + 29).days_to_event).any()
    assert np.isfinite(late.known_on(first + 30).days_to_event).any()
