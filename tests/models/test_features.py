"""What features say of an account against its own past."""

import math
from collections.abc import Mapping
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.feature import WEEKS, Feature, cusum
from models.features import FEATURES
from tests.models.portfolios import PAST_DAYS, ago, portfolio

AGAINST_OWN = (
    *("inbound_30", "active_days_60", "active_days_90", "inbound_60_surprise", "halved_activity", "silence"),
    *("customer_reply_time_90", "customer_reply_time_30", "checkins_answered_against_own"),
    *("contacts_against_before", "copied_people", "doubled_support", "our_reply_time"),
)
"""The features that compare an account with its own past."""

BUSY = {
    **{f"{name}_past": 90.0 for name in ("inbound", "active_days", "customer_replies", "our_replies")},
    "asked_past": 20.0,
    "replied_past": 15.0,
    "copied_past": 60.0,
    "urgent_past": 4.0,
    "support_past": 40.0,
    "customer_log_hours_past": 90.0,
    "our_log_hours_past": 90.0,
    "contacts_90_before_90": 4.0,
}
"""An account with a past in which everything happened."""


def named(name: str) -> Feature:
    """The feature of that name."""
    return next(feature for feature in FEATURES if feature.name == name)


def value(name: str, account: Mapping[str, object], *, of: str = "expr") -> float | None:
    """A feature of one account, or the number behind it."""
    found: float | None = portfolio(account).select(getattr(named(name), of)).item()
    return found


def test_every_block_and_sign_is_known() -> None:
    """Names are unique, a sign is +1 or -1, and there is no block but the five that have weights."""
    assert len({feature.name for feature in FEATURES}) == len(FEATURES)
    assert {feature.sign for feature in FEATURES} == {1, -1}
    assert {f.block for f in FEATURES} == {"activity", "response", "breadth", "friction", "ours"}


@pytest.mark.parametrize("name", AGAINST_OWN)
def test_a_past_under_28_days_is_no_baseline(name: str) -> None:
    """What compares with the account's own past is missing until there are 28 days of past, and is there from then."""
    assert value(name, BUSY | {"past_days": 28.0}) is not None
    assert value(name, BUSY | {"past_days": 27.999}) is None
    assert value(name, BUSY | {"past_days": None}) is None


@pytest.mark.parametrize("name", [f.name for f in FEATURES if f.name not in AGAINST_OWN])
def test_a_level_needs_no_past(name: str) -> None:
    """What stands for itself is known of a young account too."""
    assert value(name, {"past_days": None, "asked_90": 2.0}) is not None


@pytest.mark.parametrize(
    ("name", "account", "expected"),
    [
        # 90 mails in 273 days are 9.89 in 30.
        ("inbound_30", {"inbound_30": 4.0}, math.log(5 / (90 * 30 / PAST_DAYS + 1))),
        ("active_days_60", {"active_days_60": 0.0}, math.log(1 / (90 * 60 / PAST_DAYS + 1))),
        ("active_days_90", {"active_days_90": 60.0}, math.log(61 / (90 * 90 / PAST_DAYS + 1))),
        (
            "inbound_60_surprise",
            {"inbound_60": 10.0},
            (10 - 90 * 60 / PAST_DAYS) / math.sqrt(90 * 60 / PAST_DAYS + 1),
        ),
        # A day with mail in every 273 / 91 = 3 days.
        ("silence", {"last_inbound_at": ago(19)}, math.log(20 / 4)),
        # Usually 1.0; three replies of 3.0 and one usual one make 2.5.
        ("customer_reply_time_90", {"customer_replies_90": 3.0, "customer_log_hours_90": 9.0}, 1.5),
        ("customer_reply_time_30", {"customer_replies_30": 0.0}, 0.0),
        ("our_reply_time", {"our_replies_90": 1.0, "our_log_hours_90": 0.0}, -0.5),
        # Usually 3 in 4; none of three and a usual one make 0.1875.
        ("checkins_answered_against_own", {"asked_90": 3.0, "replied_90": 0.0}, 0.1875 - 0.75),
        ("checkins_answered", {"asked_90": 4.0, "replied_90": 1.0}, 0.25),
        ("contacts_against_before", {"contacts_90": 1.0}, math.log(2 / 5)),
        ("contacts", {"contacts_90": 3.0}, math.log(4)),
        ("urgency", {"urgent_90": 2.0, "inbound_90": 7.0}, 0.25),
        # Usually 2 in 3 mails; 4 in 3 mails and a usual one.
        (
            "copied_people",
            {"copied_60": 4.0, "inbound_60": 3.0},
            math.log((4 + 2 / 3 + 1) / (4 * (2 / 3 + 1))),
        ),
        ("our_silence", {"last_outbound_at": ago(9)}, math.log(10)),
    ],
)
def test_features_by_hand(name: str, account: dict[str, object], expected: float) -> None:
    """Log ratios with one event added to either side, reply times with one usual reply added to the recent ones."""
    found = value(name, BUSY | account)
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "account", "number", "usual"),
    [
        ("inbound_30", {"inbound_30": 4.0}, 4.0, 90 * 30 / PAST_DAYS),
        ("silence", {"last_inbound_at": ago(19)}, 19.0, 3.0),
        (
            "customer_reply_time_90",
            {"customer_replies_90": 2.0, "customer_log_hours_90": 2 * math.log(5)},
            4.0,
            math.e - 1,
        ),
        ("checkins_answered_against_own", {"asked_90": 4.0, "replied_90": 1.0}, 0.25, 0.75),
        ("contacts_against_before", {"contacts_90": 1.0}, 1.0, 4.0),
        ("copied_people", {"copied_60": 4.0, "inbound_60": 2.0}, 2.0, 60 / 90),
        ("urgency", {"urgent_90": 2.0}, 2.0, 4 * 90 / PAST_DAYS),
        ("checkins_answered", {"asked_90": 0.0}, None, None),
    ],
)
def test_the_numbers_that_a_person_is_told(
    name: str, account: dict[str, object], number: float | None, usual: float | None
) -> None:
    """The number behind a feature and the account's usual are in the unit of the sentence, null if there is none."""
    assert value(name, BUSY | account, of="value") == pytest.approx(number)
    assert value(name, BUSY | account, of="usual") == pytest.approx(usual)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.integers(0, 7), min_size=WEEKS, max_size=WEEKS),
    st.integers(0, 200),
    st.sampled_from((0.5, 2.0)),
)
def test_the_cumulative_sum_is_the_best_start_of_a_change(weeks: list[int], past: int, factor: float) -> None:
    """The largest log likelihood ratio of a changed rate against the account's own, over all weeks it may start in."""
    usual = past / PAST_DAYS * 7
    level = max(
        sum(count * math.log(factor) - usual * (factor - 1) for count in weeks[:since])
        for since in range(WEEKS + 1)
    )
    account = {f"support_week_{week}": float(count) for week, count in enumerate(weeks)}
    frame = portfolio(account | {"support_past": float(past)})
    assert frame.select(cusum("support", factor)).item() == pytest.approx(level, abs=1e-9)


def test_the_cumulative_sum_of_a_steady_account_stays_low() -> None:
    """An account that writes as it always did gives a halving or a doubling little to speak for."""
    random = Random(1)
    weeks = {
        f"support_week_{week}": float(sum(random.random() < 0.3 for _ in range(10))) for week in range(WEEKS)
    }
    frame = portfolio(weeks | {"support_past": 3 * PAST_DAYS / 7})
    found = frame.select(halved=cusum("support", 0.5), doubled=cusum("support", 2.0))
    assert found.select(pl.max_horizontal("halved", "doubled") < 3).item()
