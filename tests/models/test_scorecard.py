"""The laws of the scorecard."""

import datetime as dt
import math
from collections.abc import Mapping

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from mailsignals.config.risk import Weights
from models.features import FEATURES
from models.scorecard import contributions
from tests.models.portfolios import AS_OF, PAST_DAYS, ago, portfolio, portfolios

LAW = settings(deadline=None, max_examples=8)
WEIGHTS = Weights().model_dump()
NAMES = [feature.name for feature in FEATURES]

RISKIER: Mapping[str, int] = {
    "inbound_30": -1,
    "active_days_60": -1,
    "active_days_90": -1,
    "active_days_week_0": -1,
    "active_days_week_12": -1,
    "customer_log_hours_30": 1,
    "customer_log_hours_90": 1,
    "replied_90": -1,
    "contacts_90": -1,
    "contacts_90_before_90": 1,
    "urgent_90": 1,
    "copied_60": 1,
    "support_week_0": 1,
    "support_week_12": 1,
    "our_log_hours_90": 1,
}
"""Figures that move features in one direction only: whether more of them is more risk."""


def scores(frame: pl.DataFrame, weights: Mapping[str, float] = WEIGHTS) -> list[float]:
    """The sum of what features contribute, of each account: higher is riskier."""
    return [sum(row) for row in contributions(frame, weights).select(NAMES).rows()]


def assert_same(got: pl.DataFrame, expected: pl.DataFrame) -> None:
    """The frames are the same but for the last digits of floats."""
    assert_frame_equal(got, expected, rel_tol=1e-9, abs_tol=1e-9)


@LAW
@given(portfolios)
def test_contributions_are_finite(frame: pl.DataFrame) -> None:
    """Whatever is missing, divided by nothing or very large, each feature contributes a number."""
    assert all(map(math.isfinite, scores(frame)))


@pytest.mark.slow
@LAW
@given(portfolios)
def test_the_average_account_of_a_day_scores_nothing(frame: pl.DataFrame) -> None:
    """Every contribution is 0 on average over the day."""
    parts = contributions(frame, WEIGHTS)
    assert parts.select(pl.col(NAMES).mean()).row(0) == pytest.approx([0.0] * len(NAMES), abs=1e-9)


@pytest.mark.slow
@settings(deadline=None, max_examples=20)
@given(portfolios, st.sampled_from(sorted(RISKIER)), st.data())
def test_more_of_what_is_risky_never_lowers_the_score(
    frame: pl.DataFrame, column: str, data: st.DataObject
) -> None:
    """Who moves in the risky direction, all else equal, does not score lower for it."""
    account = data.draw(st.integers(0, frame.height - 1))
    step = data.draw(st.floats(0.5, 20))
    here = pl.col("account") == account
    moved = pl.max_horizontal(pl.col(column).fill_null(0.0) + step * RISKIER[column], 0.0)
    after = frame.with_columns(pl.when(here).then(moved).otherwise(column).alias(column))
    assert scores(after)[account] >= scores(frame)[account] - 1e-9


@pytest.mark.slow
@LAW
@given(portfolios, st.sampled_from(("last_inbound_at", "last_outbound_at")), st.data())
def test_longer_silence_never_lowers_the_score(frame: pl.DataFrame, column: str, data: st.DataObject) -> None:
    """A side that has been silent for longer, all else equal, does not make the account safer."""
    account = data.draw(st.integers(0, frame.height - 1))
    frame = frame.with_columns(pl.col(column).fill_null(AS_OF))
    longer = pl.col(column) - data.draw(st.sampled_from((dt.timedelta(hours=5), dt.timedelta(days=60))))
    after = frame.with_columns(
        pl.when(pl.col("account") == account).then(longer).otherwise(column).alias(column)
    )
    assert scores(after)[account] >= scores(frame)[account] - 1e-9


def test_what_is_missing_counts_as_the_median_of_the_day() -> None:
    """An account of which a feature is not known gets what the account in the middle gets for it."""
    days = [1.0, 2.0, 7.0, 30.0, 80.0]
    frame = portfolio(*({"last_outbound_at": ago(one)} for one in days), {"last_outbound_at": None})
    found = contributions(frame, WEIGHTS)["our_silence"].to_list()
    assert found[-1] == found[days.index(7.0)]
    assert found[:-1] == sorted(found[:-1])


def test_a_feature_that_nobody_has_moves_nobody() -> None:
    """Where a feature is missing for all accounts, or the same for all, it contributes 0."""
    young = [{"past_days": None, "inbound_30": float(n)} for n in range(6)]
    assert contributions(portfolio(*young), WEIGHTS)["inbound_30"].to_list() == [0.0] * 6


def test_differences_of_rounding_are_none() -> None:
    """Accounts whose feature differs in the last digit only are not told apart by it."""
    frame = portfolio(*({"urgent_90": 0.1 * n / n, "inbound_90": 0.0} for n in (1.0, 3.0, 7.0, 49.0)))
    frame = frame.with_columns(urgent_90=pl.col("urgent_90") + pl.col("account") * 1e-16)
    assert contributions(frame, WEIGHTS)["urgency"].to_list() == [0.0] * 4


@pytest.mark.slow
@LAW
@given(portfolios)
def test_identical_accounts_score_the_same(frame: pl.DataFrame) -> None:
    """A twin of an account stands where it stands."""
    twin = frame.head(1).with_columns(account=pl.lit(frame.height, dtype=pl.UInt32))
    first, *_, last = scores(pl.concat([frame, twin]))
    assert first == last


@pytest.mark.slow
@LAW
@given(portfolios)
def test_a_portfolio_twice_over_moves_nobody(frame: pl.DataFrame) -> None:
    """If every account has a twin, everybody scores as before: what counts is the spread, not the number."""
    twins = frame.with_columns(pl.col("account") + frame.height)
    assert scores(pl.concat([frame, twins])) == pytest.approx(scores(frame) * 2, abs=1e-9)


@pytest.mark.parametrize("accounts", [40, 41, 42, 61, 80, 81, 120, 121])
def test_winsorising_keeps_a_portfolio_twice_over_the_same(accounts: int) -> None:
    """The same where the outermost accounts are pulled in."""
    frame = portfolio(*({"last_outbound_at": ago(1.1**n)} for n in range(accounts)))
    twins = frame.with_columns(pl.col("account") + accounts)
    assert scores(pl.concat([frame, twins])) == pytest.approx(scores(frame) * 2, abs=1e-9)


def test_the_outermost_are_pulled_in() -> None:
    """Of 41 accounts one at either end counts no more than the next one inside, however far out it is."""
    days = [float(one) for one in range(20, 61)]
    days[0], days[-1] = 0.001, 3000.0
    found = contributions(portfolio(*({"last_outbound_at": ago(one)} for one in days)), WEIGHTS)[
        "our_silence"
    ]
    assert found[0] == found[1] < found[2]
    assert found[-1] == found[-2] > found[-3]


def test_a_holiday_moves_nobody() -> None:
    """What befalls all accounts alike is no risk: if each one's log ratio falls as far, no score changes."""
    usual = [3.0, 5.0, 9.0, 11.0, 17.0, 29.0]
    before = portfolio(*({"inbound_30": one, "inbound_past": 200.0, "contacts_90": one} for one in usual))
    halved = pl.col("inbound_30", "contacts_90").add(1).truediv(2).sub(1)
    after = before.with_columns(halved)
    assert_same(contributions(after, WEIGHTS), contributions(before, WEIGHTS))


def test_a_month_in_which_nobody_writes_ranks_nobody() -> None:
    """If accounts of one rhythm are all silent, the month's mail says nothing of any of them."""
    frame = portfolio(*({"inbound_30": 0.0, "inbound_past": 100.0} for _ in range(7)))
    assert scores(frame) == [0.0] * 7


@pytest.mark.slow
@LAW
@given(portfolios, portfolios)
def test_each_day_is_a_portfolio_of_its_own(today: pl.DataFrame, other: pl.DataFrame) -> None:
    """Scoring two days at once gives what each gives alone."""
    later = other.with_columns(pl.col("as_of", "last_inbound_at", "last_outbound_at") + dt.timedelta(days=7))
    both = contributions(pl.concat([today, later]), WEIGHTS)
    assert_same(both, pl.concat([contributions(today, WEIGHTS), contributions(later, WEIGHTS)]))


@pytest.mark.slow
@LAW
@given(portfolios)
def test_the_order_of_accounts_changes_nothing(frame: pl.DataFrame) -> None:
    """An account's contributions do not depend on where it stands in the book."""
    turned = frame.reverse()
    assert_same(contributions(turned, WEIGHTS).sort("account"), contributions(frame, WEIGHTS).sort("account"))


@pytest.mark.slow
@LAW
@given(portfolios, st.sampled_from(sorted(WEIGHTS)))
def test_a_weight_of_0_leaves_a_block_out(frame: pl.DataFrame, block: str) -> None:
    """The features of a block without weight contribute 0, and the others as much as their weights say."""
    found = contributions(frame, WEIGHTS | {block: 0.0})
    whole = contributions(frame, WEIGHTS)
    share = sum(WEIGHTS.values()) / (sum(WEIGHTS.values()) - WEIGHTS[block])
    expected = whole.with_columns(pl.col(f.name) * (0.0 if f.block == block else share) for f in FEATURES)
    assert_same(found, expected)


def test_a_block_is_the_mean_of_its_features() -> None:
    """A block's weight is shared evenly: a standard deviation of one of two features is half the block's weight."""
    frame = portfolio({"last_outbound_at": ago(1)}, {"last_outbound_at": ago(9)})
    low, high = contributions(frame, {"ours": 0.5, "activity": 1.5})["our_silence"]
    assert (low, high) == pytest.approx((-0.25 / 2, 0.25 / 2))


def test_a_day_without_accounts_has_no_contributions() -> None:
    """No rows in, no rows out, with the same columns."""
    found = contributions(portfolio(), WEIGHTS)
    assert found.height == 0
    assert found.columns == ["account", "as_of", *NAMES]


def test_a_longer_past_is_used_as_it_is() -> None:
    """Two accounts that write as much as their pasts of different length lead one to expect are alike."""
    frame = portfolio(
        {"inbound_30": 9.0, "inbound_past": 9.0 / 30 * PAST_DAYS},
        {"inbound_30": 9.0, "inbound_past": 9.0 / 30 * 90, "past_days": 90.0},
    )
    assert contributions(frame, WEIGHTS)["inbound_30"].to_list() == [0.0, 0.0]
