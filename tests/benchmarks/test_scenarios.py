"""Companies simulated so that models can be measured: what has to hold for their figures to mean anything."""

import dataclasses

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from benchmarks.learnt import ASKED, FIRST_TEST_SEED, LEARNT_AT, Questions, learnt, questions
from benchmarks.scenarios import BEGIN, END, SETTINGS, WORLDS, Simulated, World, simulate
from mailsignals.risk.quiet import learn_quiet, quiet_of
from mailsignals.signals.active_days import active_days
from mailsignals.training.dataset import build_dataset, departures_of
from mailsignals.training.fit import fit_model
from mailsignals.training.predict import DayInputs, predict_risk
from models.metrics import Ranked
from models.sample import Flags, Floats
from models.train import Candidate

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
    """3% of snapshots are followed by a departure within 90 days, and accounts write 6 to 50 mails a month."""
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
    whole, cut = (
        build_dataset(company.facts(until), company.dated_book(), SETTINGS, as_of=LEARNT_AT)
        for until in (END, LEARNT_AT)
    )
    assert whole is not None
    assert cut is not None
    assert_frame_equal(cut.churn.rows, whole.churn.rows)
    np.testing.assert_array_equal(cut.churn.sample.inputs, whole.churn.sample.inputs)


def test_a_model_says_the_same_in_the_measurement_and_in_the_daily_run() -> None:
    """Questions are put as the program puts them every day."""
    world = WORLDS["calm/strong"]
    known = learnt(world, accounts=200, seed=5)
    sample = questions(world, portfolios=1, accounts=200).test.sample
    fitted = known.recipe.fit(Candidate(contract=True), known.churn.sample)
    artifact = dataclasses.replace(fit_model(known, None, SETTINGS), fitted=fitted)
    other = simulate(world, accounts=200, seed=FIRST_TEST_SEED)
    facts, at = other.facts(), ASKED[0]
    days, timezone = active_days(facts, timezone=SETTINGS.company.timezone), SETTINGS.company.timezone
    model = learn_quiet(days, departures_of(other.book), as_of=at, timezone=timezone)
    daily = predict_risk(
        artifact,
        DayInputs(
            facts=facts,
            book=other.dated_book(),
            settings=SETTINGS,
            as_of=at,
            quiet=quiet_of(days, model, as_of=at, timezone=timezone),
            known=other.known_accounts,
        ),
    )
    today = sample.day == sample.day.min()
    parts = daily.parts.sort("account")
    terms = [name for name in parts.columns if name not in {"account", "as_of"}]
    logit = daily.intercept + parts.select(pl.sum_horizontal(terms)).to_series().to_numpy()
    # Whoever has left, and whose date nobody had entered, is asked about every day, and here not judged.
    both = np.isin(parts["account"].to_numpy(), sample.account[today])
    assert parts["account"].to_numpy()[both].tolist() == sample.account[today].tolist()
    np.testing.assert_allclose(1 / (1 + np.exp(-logit[both])), fitted.probabilities(sample)[today])


def test_worlds_differ_in_mail_and_not_in_who_leaves() -> None:
    """The same accounts leave on the same days in all of them."""
    books = [simulate(world, accounts=60, seed=3).book for world in WORLDS.values()]
    for book in books[1:]:
        columns = ["account_id", "csm", "started_on", "churned_on", "renewal_on"]
        assert_frame_equal(book.select(columns), books[0].select(columns))
    assert len({dataclasses.astuple(world) for world in WORLDS.values()}) == len(WORLDS)
