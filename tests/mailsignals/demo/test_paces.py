"""How often the simulated customers write: seldom, in bursts, with pauses, and how they leave."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from mailsignals.demo import Simulation, simulate
from mailsignals.demo.paces import Pace, paces
from mailsignals.demo.stories import LEAVING, WEEKS
from tests.mailsignals.demo.conftest import UNTIL, letters_of

pytestmark = pytest.mark.slow

ORIGIN = UNTIL.date() - dt.timedelta(days=730)
HORIZON = dt.timedelta(days=90)
STEADY = ("steady", "seasonal")


def inbound_days(letters: pl.DataFrame) -> pl.DataFrame:
    """One row an account and day on which its people wrote."""
    theirs = letters.filter(pl.col("automated").is_null() & ~pl.col("outbound"))
    return theirs.select("account_id", day=pl.col("sent_at").dt.date()).drop_nulls().unique()


def mails_a_week(company: Simulation, letters: pl.DataFrame) -> pl.DataFrame:
    """``account_id``, ``pace`` and the inbound mails a week of each account while it was a customer."""
    theirs = letters.filter(pl.col("automated").is_null() & ~pl.col("outbound"))
    last = pl.min_horizontal(pl.col("leaves_on").fill_null(UNTIL.date()), pl.lit(UNTIL.date()))
    weeks = (last - pl.max_horizontal("started_on", pl.lit(ORIGIN))).dt.total_days() / 7
    return (
        company.stories.join(company.accounts.select("account_id", "started_on"), on="account_id")
        .join(theirs.group_by("account_id").len(), on="account_id", how="left")
        .select("account_id", "pace", mails=pl.col("len").fill_null(0) / weeks)
    )


def silences(company: Simulation, days: pl.DataFrame) -> pl.DataFrame:
    """Accounts under contract at eight instants: ``recent`` (wrote within 90 days), ``writes`` (does in the next)."""
    parts = []
    for month in range(8):
        at = UNTIL.date() - HORIZON - dt.timedelta(days=1 + 28 * month)
        near = days.filter(pl.col("day").is_between(at - HORIZON, at + HORIZON))
        seen = near.group_by("account_id").agg(
            recent=(pl.col("day") <= at).any(), writes=(pl.col("day") > at).any()
        )
        there = company.stories.join(company.accounts.select("account_id", "started_on"), on="account_id")
        there = there.filter(
            pl.col("started_on") < at - HORIZON,
            pl.col("leaves_on").is_null() | (pl.col("leaves_on") > at + HORIZON),
        )
        parts.append(there.join(seen, on="account_id", how="left"))
    return pl.concat(parts).with_columns(pl.col("recent", "writes").fill_null(value=False))


@pytest.mark.parametrize(("accounts", "seed"), [(150, 1), (60, 4), (300, 7)])
def test_half_of_the_accounts_write_less_than_a_mail_a_week(accounts: int, seed: int) -> None:
    """Half or more, up to two of three; daily and weekly writers stand beside them."""
    company = simulate(accounts=accounts, seed=seed, until=UNTIL)
    weekly = mails_a_week(company, letters_of(company))
    assert 0.5 <= (weekly["mails"] < 1).mean() <= 0.67  # type: ignore[operator]
    usual = dict(weekly.group_by("pace").agg(pl.col("mails").median()).iter_rows())
    assert 4 < usual["daily"] < 12
    assert 1 < usual["weekly"] < 4
    assert 0.2 < usual["monthly"] < 0.8
    assert 0.03 < usual["quarterly"] < 0.25


def test_some_customers_fall_silent_and_most_who_do_come_back(
    portfolio: Simulation, portfolio_letters: pl.DataFrame
) -> None:
    """Of who stays, 5 to 20% fall silent for 90 days, 8 to 25% have been, and a third or more of these come back."""
    found = silences(portfolio, inbound_days(portfolio_letters))
    recent, lapsed = found.filter("recent"), found.filter(~pl.col("recent"))
    assert 0.05 < 1 - recent["writes"].mean() < 0.2  # type: ignore[operator]
    assert 0.08 < lapsed.height / found.height < 0.25
    assert 0.33 < lapsed["writes"].mean() < 0.75  # type: ignore[operator]
    daily = recent.filter(pl.col("pace") == "daily", pl.col("story").is_in(STEADY))
    assert daily["writes"].mean() > 0.98  # type: ignore[operator]


def test_mail_comes_in_bursts(portfolio: Simulation, portfolio_letters: pl.DataFrame) -> None:
    """The counts of monthly writers in four weeks vary at least twice as much as chance alone would have it."""
    steady = portfolio.stories.filter(pl.col("pace") == "monthly", pl.col("story").is_in(STEADY))
    days = inbound_days(portfolio_letters).join(steady, on="account_id", how="semi")
    month = ((pl.col("day") - ORIGIN).dt.total_days() // 28).alias("month")
    counted = days.group_by("account_id", month).len().pivot("month", index="account_id", values="len")
    counts = counted.drop("account_id").fill_null(0).to_numpy()
    assert np.median(counts.var(axis=1, ddof=1) / counts.mean(axis=1)) > 1.5


def test_lapses_end_or_are_open(portfolio: Simulation, portfolio_letters: pl.DataFrame) -> None:
    """Who lapses writes nothing for over 90 days and does not churn; some are back, some are silent at the end."""
    told = portfolio.stories.filter(pl.col("story") == "lapses")
    days = inbound_days(portfolio_letters).join(told, on="account_id", how="semi")
    gaps = (
        days.sort("day")
        .group_by("account_id")
        .agg(
            longest=pl.col("day").diff().dt.total_days().max(),
            open=(pl.lit(UNTIL.date()) - pl.col("day").last()).dt.total_days(),
        )
    )
    assert told["leaves_on"].null_count() == told.height
    assert gaps.select((pl.max_horizontal("longest", "open") > 90).mean()).item() > 0.9
    assert gaps.filter(pl.col("longest") > 90, pl.col("open") < 60).height > 0
    assert gaps.filter(pl.col("open") > 90).height > told.height * 0.2


def test_some_who_leave_fade_and_some_do_not(portfolio: Simulation) -> None:
    """Between 35 and 75% of those who leave have a story in which they write less."""
    leaving = portfolio.stories.filter(pl.col("story").is_in([story.value for story in LEAVING]))
    fading = leaving["story"].is_in(["fades", "loses_champion"]).mean()
    assert 0.35 < fading < 0.75  # type: ignore[operator]


def test_churn_is_entered_late(portfolio: Simulation) -> None:
    """A third or more of the churn dates are entered over six days after the fact, none later than eight weeks."""
    churned = portfolio.account_history.filter(pl.col("field") == "churned_on")
    late = (churned["seen_at"] - churned["valid_from"]).dt.total_days()
    assert 0.3 < (late > 6).mean() < 0.6  # type: ignore[operator]
    assert late.is_between(0, 56).all()
    assert churned.select((pl.col("value") == pl.col("valid_from").cast(pl.String)).all()).item()


def test_the_history_ends_with_the_account_list(portfolio: Simulation) -> None:
    """The last value of each field is the list's, each earlier one differs from the next, and no day has two."""
    history, listed = portfolio.account_history, portfolio.accounts
    assert history.select("account_id", "field", "valid_from").is_unique().all()
    assert (history["valid_from"] <= UNTIL.date()).all()
    again = pl.col("value").shift().over("account_id", "field") == pl.col("value")
    assert history.filter(again).is_empty()
    last = history.group_by("account_id", "field", maintain_order=True).last()
    for field in ("tier", "csm", "stage", "renewal_on", "started_on", "churned_on", "arr"):
        expected = listed.select("account_id", value=pl.col(field).cast(pl.String)).drop_nulls()
        found = last.filter(pl.col("field") == field).select("account_id", "value")
        assert sorted(found.iter_rows()) == sorted(expected.iter_rows()), field
    changed = history.group_by("field").len("values")
    per_account = dict(changed.select("field", pl.col("values") / listed.height).iter_rows())
    assert per_account["arr"] > 1.4
    assert per_account["csm"] > 1.05
    assert 1.02 < per_account["tier"] < 1.2


def test_departed_customers_pay_nothing(portfolio: Simulation) -> None:
    """Once a churn is entered the list shows no revenue and the stage ``former``, and only then."""
    left = pl.col("churned_on").is_not_null()
    assert portfolio.accounts.select((left == (pl.col("arr") == 0)).all()).item()
    assert portfolio.accounts.select((left == (pl.col("stage") == "former")).all()).item()


def test_paces_follow_from_tiers_and_stories() -> None:
    """Large customers write more often, and nobody whose story needs much mail writes monthly."""
    tier = np.repeat([0, 1, 2], 200)
    lively = np.arange(600) % 10 == 0
    drawn = paces(tier, lively, WEEKS, np.random.default_rng(3))
    assert drawn.pace[lively].max() <= Pace.WEEKLY
    seldom = [(drawn.pace[tier == size] >= Pace.MONTHLY).mean() for size in range(3)]
    assert seldom[0] < 0.25 < seldom[1] < 0.65 < seldom[2]
    share = np.exp(drawn.bursts).mean(axis=1)
    assert abs(share[drawn.pace == Pace.MONTHLY].mean() - 1) < 0.15
    assert (drawn.bursts[drawn.pace == Pace.DAILY] == 0).all()
