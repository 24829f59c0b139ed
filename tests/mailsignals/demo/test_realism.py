"""The simulated company behaves as companies do: rates, rhythm, delays, and what precedes a churn."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from mailsignals.demo import Simulation
from mailsignals.demo.account_history import account_history
from mailsignals.demo.company import book
from mailsignals.demo.stories import LEAVING, SHARES
from mailsignals.demo.world import world
from tests.mailsignals.demo.conftest import UNTIL

pytestmark = pytest.mark.slow

PERSONAL = pl.col("automated").is_null()
DAYS_A_YEAR = 365.25


def _churn_a_year(book: pl.DataFrame) -> float:
    """Churns by account and year under contract within the two years."""
    since = UNTIL.date() - dt.timedelta(days=730)
    first, last = pl.max_horizontal("started_on", pl.lit(since)), pl.col("churned_on").fill_null(UNTIL.date())
    days = float(book.select((last - first).dt.total_days().sum()).item())
    return book.get_column("churned_on").count() / (days / DAYS_A_YEAR)


@pytest.mark.parametrize("seed", range(4))
def test_one_account_in_eight_leaves_a_year(seed: int) -> None:
    """Between 8% and 18% of the accounts churn a year, whatever the seed."""
    invented = world(300, UNTIL - dt.timedelta(days=730), np.random.default_rng(seed))
    assert 0.08 < _churn_a_year(book(invented, account_history(invented))) < 0.18


def test_traffic_is_balanced(portfolio_letters: pl.DataFrame) -> None:
    """About half of the mail between people is ours, and a few percent of all mail is automatic."""
    talk = portfolio_letters.filter(PERSONAL & pl.col("account_id").is_not_null())
    assert 0.4 < talk.get_column("outbound").mean() < 0.6  # type: ignore[operator]
    automated = portfolio_letters.get_column("automated").count() / portfolio_letters.height
    assert 0.02 < automated < 0.1


def test_people_sleep_at_night_and_rest_at_weekends(portfolio_letters: pl.DataFrame) -> None:
    """By our clock, hardly any of our mail is written at night, at weekends or at Christmas."""
    local = pl.col("sent_at").dt.convert_time_zone("Europe/Berlin")
    ours = portfolio_letters.filter(PERSONAL & pl.col("outbound")).select(
        night=~local.dt.hour().is_between(6, 21),
        office=local.dt.hour().is_between(8, 17),
        weekend=local.dt.weekday() > 5,
        christmas=(local.dt.month() == 12) & local.dt.day().is_in([24, 25, 26]),
    )
    night, office, weekend, christmas = ours.mean().row(0)
    assert night < 0.04
    assert office > 0.8
    assert 0 < weekend < 0.05
    assert christmas < 0.003


def test_customers_keep_their_own_hours(portfolio_letters: pl.DataFrame) -> None:
    """Customers of one firm write in the daytime of their own zone: some firms' day is our night."""
    inbound = portfolio_letters.filter(PERSONAL & ~pl.col("outbound") & pl.col("account_id").is_not_null())
    busiest = (
        inbound.with_columns(hour=pl.col("sent_at").dt.hour())
        .group_by("account_id", "hour")
        .len()
        .filter(pl.col("len").sum().over("account_id") > 25)
        .group_by("account_id")
        .agg(pl.col("hour").sort_by("len").last())
    )
    assert busiest.get_column("hour").is_between(6, 16).mean() > 0.5  # type: ignore[operator]
    assert busiest.get_column("hour").is_between(17, 23).any()
    assert busiest.get_column("hour").is_between(0, 5).any()


def _first_replies(letters: pl.DataFrame) -> pl.DataFrame:
    """Hours until our first answer to each mail of a customer, null where it has none."""
    answers = (
        letters.filter(PERSONAL & pl.col("outbound"))
        .select(pl.col("references").list.last().alias("message_id"), answered_at="sent_at")
        .group_by("message_id")
        .agg(pl.col("answered_at").min())
    )
    asked = letters.filter(PERSONAL & ~pl.col("outbound") & (pl.col("references").list.len() == 0))
    waited = (pl.col("answered_at") - pl.col("sent_at")).dt.total_seconds() / 3600
    return asked.join(answers, on="message_id", how="left").select("sent_at", hours=waited)


def test_replies_take_under_an_hour_or_days(portfolio_letters: pl.DataFrame) -> None:
    """In office hours half of the replies come within about 47 minutes; some take days, some never come."""
    local = pl.col("sent_at").dt.convert_time_zone("Europe/Berlin")
    office = (local.dt.weekday() < 5) & local.dt.hour().is_between(9, 14)
    waited = _first_replies(portfolio_letters).filter(office).get_column("hours")
    assert 0.5 < waited.median() < 1.6  # type: ignore[operator]
    assert waited.quantile(0.97) > 24  # type: ignore[operator]
    assert 0.01 < waited.null_count() / len(waited) < 0.25


def test_each_account_lives_one_story(portfolio: Simulation) -> None:
    """All stories are told, in their shares, and those that leave have a date that the book confirms."""
    told = portfolio.stories.join(portfolio.accounts, on="account_id", how="inner", validate="1:1")
    assert told.height == portfolio.accounts.height
    assert set(told.get_column("story")) == {*(story.value for story in SHARES), "steady"}
    leaving = pl.col("story").is_in([story.value for story in LEAVING])
    assert told.filter(leaving != pl.col("leaves_on").is_not_null()).is_empty()
    assert told.filter(
        pl.col("churned_on").is_not_null() & (pl.col("churned_on") != pl.col("leaves_on"))
    ).is_empty()
    open_ends = told.filter(leaving & pl.col("churned_on").is_null())
    assert open_ends.filter(pl.col("leaves_on") >= UNTIL.date()).height > 0
    assert (open_ends.get_column("leaves_on") > UNTIL.date() - dt.timedelta(days=57)).all()  # not entered yet
    assert "story" not in portfolio.accounts.columns


def test_the_book_is_plausible(portfolio: Simulation) -> None:
    """Contracts are yearly, most who leave do so at a renewal, and larger tiers pay more."""
    known = portfolio.accounts
    assert known.filter(pl.col("churned_on") <= pl.col("started_on")).is_empty()
    running = known.filter(pl.col("churned_on").is_null())
    next_year = UNTIL.date() + dt.timedelta(days=366)
    renewing = running.filter(pl.col("renewal_on").is_between(UNTIL.date(), next_year))
    assert renewing.height > running.height * 0.95
    # Others have left at their renewal, and nobody has entered it yet.
    gone = portfolio.stories.filter(pl.col("leaves_on") <= UNTIL.date())
    assert set(running["account_id"]) - set(renewing["account_id"]) <= set(gone["account_id"])
    left = known.filter(pl.col("churned_on").is_not_null())
    days = (pl.col("renewal_on") - pl.col("churned_on")).dt.total_days()
    assert left.select((days.is_between(0, 3) | (days > 362)).mean()).item() > 0.6
    medians = dict(running.group_by("tier").agg(pl.col("arr").median()).iter_rows())
    assert medians["enterprise"] > medians["mid-market"] > medians["small"]
    assert known.get_column("name").is_unique().all()
    domains = known.get_column("domains").str.split(";").explode().drop_nulls()
    assert domains.filter(domains != "").is_unique().all()


def test_some_customers_are_hard_to_match(portfolio: Simulation) -> None:
    """There are a branch at a sub-domain, customers known by free-mail addresses only, and strangers."""
    parent, branch = portfolio.accounts.get_column("domains")[:2]
    assert branch == f"nordics.{parent.split(';')[0]}"
    free_mail = portfolio.accounts.filter(pl.col("domains") == "")
    assert free_mail.height > 0
    assert (free_mail.get_column("contacts") != "").all()


def test_silence_follows_a_churn(portfolio: Simulation, portfolio_letters: pl.DataFrame) -> None:
    """After an account has left its people write no more, except rare stragglers within three weeks."""
    churned = portfolio.accounts.select("account_id", "churned_on").drop_nulls()
    mail = portfolio_letters.join(churned, on="account_id").with_columns(
        days_after=(pl.col("sent_at").dt.date() - pl.col("churned_on")).dt.total_days()
    )
    late = mail.filter(~pl.col("outbound") & (pl.col("days_after") > 0))
    assert late.height < mail.height * 0.002
    assert mail.get_column("days_after").max() <= 21  # type: ignore[operator]


def _mail_a_day(letters: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Inbound mail a day of each account between ``since`` and ``before``."""
    inbound = letters.filter(PERSONAL & ~pl.col("outbound")).select(
        "account_id", on=pl.col("sent_at").dt.date()
    )
    counted = (
        days.join(inbound, on="account_id", how="left")
        .group_by("account_id", "since", "before")
        .agg(((pl.col("on") >= pl.col("since")) & (pl.col("on") < pl.col("before"))).sum().alias("mails"))
    )
    length = (pl.col("before") - pl.col("since")).dt.total_days()
    return counted.select("account_id", rate=pl.col("mails") / length)


def test_who_fades_writes_less_before_leaving(portfolio: Simulation, portfolio_letters: pl.DataFrame) -> None:
    """In the last 60 days, accounts that fade write less than half of what they wrote before they turned."""
    start = UNTIL.date() - dt.timedelta(days=730)
    told = portfolio.stories.join(portfolio.accounts.select("account_id", "started_on"), on="account_id")
    fading = told.filter(
        (pl.col("story") == "fades")
        & (pl.col("leaves_on") < UNTIL.date())
        & (pl.col("turning_on") > start + dt.timedelta(days=60))
    )
    begun = pl.max_horizontal("started_on", pl.lit(start))
    usual = _mail_a_day(portfolio_letters, fading.select("account_id", since=begun, before="turning_on"))
    last = pl.col("leaves_on") - dt.timedelta(days=60)
    final = _mail_a_day(portfolio_letters, fading.select("account_id", since=last, before="leaves_on"))
    assert fading.height > 10
    assert final.get_column("rate").mean() < usual.get_column("rate").mean() / 2  # type: ignore[operator]


def test_who_gets_loud_shouts_before_leaving(portfolio: Simulation, portfolio_letters: pl.DataFrame) -> None:
    """Mail marked as important is several times as frequent once such an account has turned."""
    told = portfolio.stories.filter(pl.col("story") == "gets_loud").select(
        "account_id", "turning_on", "leaves_on"
    )
    loud = portfolio_letters.filter(PERSONAL & ~pl.col("outbound")).join(told, on="account_id")
    turned = pl.col("sent_at").dt.date() >= pl.col("turning_on")
    share = dict(
        loud.group_by(turned.alias("turned"))
        .agg((pl.col("importance") == "high").mean().alias("high"))
        .iter_rows()
    )
    assert share[True] > 3 * share[False]


def test_everyday_mail_is_there(portfolio_letters: pl.DataFrame) -> None:
    """There are announcements, forwards, invitations, strangers, and cues and prefixes of several languages."""
    subjects = portfolio_letters.get_column("subject")
    for prefix in ("Re: ", "AW: ", "SV: ", "Fwd: ", "DRINGEND: ", "URGENT: ", "Urgente: ", "Invitation: "):
        assert subjects.str.starts_with(prefix).any(), prefix
    news = portfolio_letters.filter(
        pl.col("subject").str.starts_with("What's new") & (pl.col("references").list.len() == 0)
    )
    a_day = news.group_by("sender", "subject", pl.col("sent_at").dt.date()).agg(
        pl.col("account_id").n_unique()
    )
    assert (a_day.get_column("account_id") >= 10).mean() > 0.8  # type: ignore[operator]
    strangers = (
        portfolio_letters.filter(PERSONAL & ~pl.col("outbound")).get_column("account_id").is_null().mean()
    )
    assert 0.005 < strangers < 0.08  # type: ignore[operator]
