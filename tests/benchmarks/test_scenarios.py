"""Companies simulated so that models can be measured: what has to hold for their figures to mean anything."""

import dataclasses

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from benchmarks.learnt import ASKED, FIRST_TEST_SEED, LEARNT_AT, Questions, learnt, questions
from benchmarks.scenarios import BEGIN, END, SETTINGS, WORLDS, Simulated, World, simulate
from mailsignals.training.fit import fit_model
from mailsignals.training.predict import predict_risk
from mailsignals.training.snapshots import snapshots
from models.metrics import Ranked
from models.sample import Flags, Floats
from models.train import Candidate, CandidateKind

pytestmark = pytest.mark.slow

CHANCE = 0.1
"""How far from a half an AUC of some seventy departures may lie."""


@pytest.fixture(scope="module")
def company() -> Simulated:
    """Of the world in which leaving is plainest."""
    return simulate(WORLDS["calm/strong"], accounts=800, seed=1)


@pytest.fixture(scope="module")
def asked() -> Questions:
    """Snapshots of another company of that world."""
    return questions(WORLDS["calm/strong"], portfolios=1, accounts=1500)


def roc_auc(score: Floats, event: Flags) -> float:
    """Every row counts once."""
    return Ranked(score, event).roc_auc(np.ones(len(event)))


def test_the_same_seed_gives_the_same_company(company: Simulated) -> None:
    """Figures of one revision can be compared with those of another."""
    again = simulate(WORLDS["calm/strong"], accounts=800, seed=1)
    assert_frame_equal(again.touches, company.touches)
    assert_frame_equal(again.book, company.book)
    assert not simulate(WORLDS["calm/strong"], accounts=800, seed=2).touches.equals(company.touches)


def test_accounts_write_and_leave_about_as_often_as_customers_do(
    company: Simulated, asked: Questions
) -> None:
    """3 % of snapshots are followed by a departure within 90 days, and accounts write 6 to 50 mails a month."""
    rows = asked.test.sample.take(asked.test.sample.mature)
    assert 0.02 < rows.event.mean() < 0.04
    steady = company.book.with_row_index("account").filter(
        pl.col("started_on") < BEGIN.date(), pl.col("churned_on").is_null()
    )
    inbound = company.touches.filter(~pl.col("outbound")).join(steady, on="account", how="semi")
    months = (END - BEGIN).days / 30.4
    monthly = inbound.group_by("account").len()["len"] / months
    low, high = monthly.quantile(0.05), monthly.quantile(0.95)
    assert low is not None
    assert high is not None
    assert 4 < low < 10 < high < 60


def test_departures_of_others_cannot_be_predicted(asked: Questions) -> None:
    """With the departures dealt out to other accounts the same scores rank no better than a coin."""
    sample = asked.test.sample
    mature = sample.mature
    told = roc_auc(sample.score[mature], sample.event[mature])
    accounts = np.unique(sample.account)
    other = np.random.default_rng(0).permutation(accounts)
    event = set(zip(sample.account[sample.event], sample.day[sample.event], strict=True))
    dealt = np.array(
        [
            (other[np.searchsorted(accounts, account)], day) in event
            for account, day in zip(sample.account, sample.day, strict=True)
        ]
    )
    assert told > 0.6
    assert abs(roc_auc(sample.score[mature], dealt[mature]) - 0.5) < CHANCE


def test_without_strength_nothing_announces_a_departure() -> None:
    """Habits, contracts and the simulator's own order betray nobody; only a late entry leaves traces, at the end."""
    sample = questions(World(strength=0.0, angry=0.3), portfolios=1, accounts=1500).test.sample
    ahead = sample.mature & ~(sample.days_to_event <= 40)
    assert abs(roc_auc(sample.score[ahead], sample.event[ahead]) - 0.5) < CHANCE


def test_later_mail_changes_no_snapshot(company: Simulated) -> None:
    """What was known at an instant follows from the mail until then."""
    at = [LEARNT_AT]
    whole = snapshots(company.facts(), company.book, SETTINGS, at)
    cut = snapshots(company.facts(LEARNT_AT), company.book, SETTINGS, at)
    assert_frame_equal(cut.drop("next_inbound_at"), whole.drop("next_inbound_at"))


def test_a_model_says_the_same_in_the_measurement_and_in_the_daily_run() -> None:
    """Questions are put as the program puts them every day."""
    world = WORLDS["calm/strong"]
    known = learnt(world, accounts=200, seed=5)
    sample = questions(world, portfolios=1, accounts=200).test.sample
    fitted = known.recipe.fit(Candidate(kind=CandidateKind.LINEAR, contract=True), known.sample)
    artifact = dataclasses.replace(fit_model(known, None, SETTINGS), fitted=fitted)
    other = simulate(world, accounts=200, seed=FIRST_TEST_SEED)
    daily = predict_risk(artifact, other.facts(), other.book, SETTINGS, as_of=ASKED[0]).rows.sort("account")
    today = sample.day == sample.day.min()
    assert daily["account"].to_list() == sample.account[today].tolist()
    np.testing.assert_allclose(daily["risk"].to_numpy(), fitted.probabilities(sample)[today, -1])


def test_worlds_differ_in_mail_and_not_in_who_leaves() -> None:
    """The same accounts leave on the same days in all of them."""
    books = [simulate(world, accounts=60, seed=3).book for world in WORLDS.values()]
    for book in books[1:]:
        columns = ["account_id", "csm", "started_on", "churned_on", "renewal_on"]
        assert_frame_equal(book.select(columns), books[0].select(columns))
    assert len({dataclasses.astuple(world) for world in WORLDS.values()}) == len(WORLDS)
