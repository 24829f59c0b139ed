"""How often accounts write: sums against a count by hand, and what must not change them."""

import datetime as dt
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from models.gamma_poisson import most_likely
from models.pace import (
    DEFAULT_PRIOR,
    HALF_LIFE_DAYS,
    Prior,
    expected_days,
    fit_prior,
    log_odds,
    paces,
    usual_log_odds,
)
from tests.models.mail_days import SCHEMA, Mail, asked_at, days_of, hours, local_day

_HOURS = st.integers(0, 24 * 900)
_MAILS = st.lists(st.tuples(st.integers(0, 3), _HOURS.map(hours)), max_size=60)
_ZONES = st.sampled_from(("UTC", "America/New_York", "Pacific/Auckland"))
_COUNTS = st.lists(st.tuples(st.floats(0, 200), st.floats(0, 640)), max_size=30)


def arrays(pairs: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Counts and exposures."""
    both = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


@settings(deadline=None)
@given(_MAILS, _HOURS.map(hours), _ZONES)
def test_the_recursion_is_the_direct_sum(mails: list[Mail], moment: dt.datetime, timezone: str) -> None:
    """Every column of an account is what its definition counts over its mails until the instant, one by one."""
    found = paces(days_of(mails, timezone), asked_at(range(5), moment, timezone))
    today = local_day(moment, timezone)
    for row in found.iter_rows(named=True):
        sent = sorted(at for account, at in mails if account == row["account"] and at <= moment)
        active = sorted({local_day(at, timezone) for at in sent})
        if not active:
            assert all(row[name] is None for name in found.columns[3:])
            continue
        ages = [(today - day).days for day in active]
        assert (row["first_day"], row["last_day"]) == (active[0], active[-1])
        assert (row["days_since"], row["age_days"]) == (ages[-1], ages[0])
        assert row["first_inbound_at"] == sent[0]
        assert row["active"] == pytest.approx(sum(0.5 ** (age / HALF_LIFE_DAYS) for age in ages), rel=1e-12)
        exposure = HALF_LIFE_DAYS / math.log(2) * (1 - 0.5 ** (ages[0] / HALF_LIFE_DAYS))
        assert row["exposure"] == pytest.approx(exposure, rel=1e-12)
        assert row["usual_active"] == sum(90 <= age < 730 for age in ages)
        assert row["usual_exposure"] == max(0, min(ages[0], 730) - 90)
        assert row["wrote"] == (sent[-1] > moment - dt.timedelta(days=90))


@settings(deadline=None)
@given(_MAILS, st.lists(st.tuples(st.integers(0, 3), _HOURS), max_size=20), _HOURS.map(hours), _ZONES)
def test_later_mail_and_other_accounts_change_nothing(
    mails: list[Mail], later: list[tuple[int, int]], moment: dt.datetime, timezone: str
) -> None:
    """To the last bit: neither mail after the instant, nor which other accounts and instants are asked about."""
    earlier = [mail for mail in mails if mail[1] <= moment]
    after = [(account, moment + dt.timedelta(hours=1 + wait)) for account, wait in later]
    asked = asked_at(range(4), moment, timezone)
    whole = paces(days_of(earlier, timezone), asked)
    assert_frame_equal(paces(days_of(earlier + after, timezone), asked), whole, check_exact=True)
    more = pl.concat([asked_at([2], moment - dt.timedelta(days=50), timezone), asked])
    assert_frame_equal(paces(days_of(earlier, timezone), more)[1:], whole, check_exact=True)
    for account in range(4):
        own = days_of([mail for mail in earlier if mail[0] == account], timezone)
        alone = paces(own, asked.filter(account=account))
        assert_frame_equal(alone, whole.filter(account=account), check_exact=True)


def test_nobody_wrote_and_nobody_is_asked_about() -> None:
    """Empty frames give nulls and empty frames of the same columns."""
    nothing = pl.DataFrame(schema=SCHEMA)
    found = paces(nothing, asked_at([7], hours(0)))
    assert found.select(pl.exclude("account", "as_of", "day")).row(0) == (None,) * 10
    assert paces(days_of([(0, hours(1))]), asked_at([], hours(0))).schema == found.schema


def test_days_out_of_order_are_refused() -> None:
    """Days must be sorted by account and day, each once."""
    days = days_of([(0, hours(1)), (0, hours(30))])
    for wrong in (days.reverse(), pl.concat([days[:1], days])):
        with pytest.raises(ValueError, match="sorted"):
            paces(wrong, asked_at([0], hours(50)))


def test_a_date_centuries_off_spoils_nothing() -> None:
    """A first mail dated to the year 1 leaves today's pace as that of the rest, and finite."""
    recent = [(0, hours(24 * day)) for day in range(5)]
    ancient = (0, dt.datetime(1, 1, 2, tzinfo=dt.UTC))
    found = paces(days_of([ancient, *recent]), asked_at([0], hours(24 * 10)))
    usual = paces(days_of(recent), asked_at([0], hours(24 * 10)))
    assert found["active"].item() == usual["active"].item()
    assert np.isfinite(found["exposure"].item())


@given(_COUNTS, st.floats(0.05, 50), st.floats(1, 1e4), st.sampled_from((30.0, 60.0, 90.0, 180.0)))
def test_the_chance_of_silence_falls_with_every_active_day(
    counts: list[tuple[float, float]], r: float, a: float, horizon: float
) -> None:
    """L is finite, falls as x grows, rises with exposure, and is the logit of ((a+E)/(a+E+H))^(r+x)."""
    x, e = arrays(counts)
    prior = Prior(r=r, a=a)
    found = log_odds(x, e, prior, horizon)
    assert np.isfinite(found).all()
    assert (log_odds(x + 1, e, prior, horizon) < found).all()
    assert (log_odds(x, e + 10, prior, horizon) > found).all()
    silent = ((a + e) / (a + e + horizon)) ** (r + x)
    plain = (silent > 1e-9) & (silent < 1 - 1e-9)
    assert found[plain] == pytest.approx(np.log(silent / (1 - silent))[plain], rel=1e-5, abs=1e-6)


def test_log_odds_have_no_end() -> None:
    """The busiest and the emptiest account have finite odds, far beyond what a probability can hold."""
    found = log_odds(np.array([1e6, 0.0]), np.array([0.0, 1e9]), DEFAULT_PRIOR)
    assert found[0] < -9e5
    assert 15 < found[1] < 1e3


def test_the_usual_pace() -> None:
    """Six days in a year under a prior of 1 in 50: a pause of 415 / 7 days; never over 90."""
    prior = Prior(r=1.0, a=50.0)
    odds, pause = usual_log_odds(np.array([6.0, 0.0]), np.array([365.0, 640.0]), prior)
    assert pause == pytest.approx([415 / 7, 90.0])
    assert odds == pytest.approx(log_odds(np.array([6.0, 0.0]), np.array([365.0, 640.0]), prior))
    assert expected_days(np.array([6.0]), np.array([365.0]), prior) == pytest.approx(7 / 415 * 90)


@settings(deadline=None)
@given(_COUNTS)
def test_a_prior_can_always_be_fitted(counts: list[tuple[float, float]]) -> None:
    """Whatever the accounts, the prior is finite and within its bounds; of under five it is the default."""
    found = fit_prior(*arrays(counts))
    assert 0.0499 < found.r < 50.01
    assert 0.999 < found.a < 10_001
    assert len(counts) >= 5 or found == DEFAULT_PRIOR


@pytest.mark.parametrize(
    "counts",
    [
        [(3.0, 100.0)] * 40,
        [(0.0, 100.0)] * 40,
        [(0.0, 0.0)] * 10,
        [(1.0, 0.0)] * 10,
        [(1e300, 1e300)] * 10,
        [(math.nan, 1.0), (math.inf, 1.0), (1.0, -1.0), *[(1.0, 30.0)] * 5],
    ],
)
def test_accounts_that_say_nothing_of_each_other(counts: list[tuple[float, float]]) -> None:
    """All alike, all silent, all on their first day, absurd or unknown figures: a prior within bounds."""
    found = fit_prior(*arrays(counts))
    assert 0.0499 < found.r < 50.01
    assert 0.999 < found.a < 10_001


def test_a_prior_is_found_again() -> None:
    """From 3,000 accounts with gamma rates, r and a come back within a tenth; no place nearby is likelier."""
    rng = np.random.default_rng(5)
    rate = rng.gamma(1.6, 1 / 40, 3000)
    exposure = rng.uniform(30, 130, 3000)
    found = fit_prior(rng.poisson(rate * exposure).astype(float), exposure)
    assert found.r == pytest.approx(1.6, rel=0.1)
    assert found.a == pytest.approx(40, rel=0.1)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from((5, 20, 300)), st.floats(0.1, 5), st.floats(3, 500))
def test_the_likeliest_prior_is_found_from_anywhere(seed: int, accounts: int, r: float, a: float) -> None:
    """Two fits with different beginnings end at the same place."""
    rng = np.random.default_rng(seed)
    exposure = rng.uniform(1, 130, accounts)
    x = np.asarray(rng.poisson(rng.gamma(r, 1 / a, accounts) * exposure) + 0.5, dtype=np.float64)
    one, other = (most_likely(x, exposure, start=start) for start in ((1.0, 54.0), (5.0, 10.0)))
    assert np.log(one) == pytest.approx(np.log(other), abs=1e-2)
