"""When alarms open and stay, and what they cost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.alarms import (
    COOL_DOWN_DAYS,
    AlarmGrid,
    Thresholds,
    at_rate_of,
    cost_of_alarms,
    false_alarm_rate,
    replay,
    within_budget,
)
from models.sample import Flags

AT = Thresholds(opens=0.2, stays=0.1)


def alarms(of: AlarmGrid) -> tuple[Flags, Flags]:
    """Where alarms open and stand."""
    return replay(of.score, of.day, AT)


def board(*scores: list[float], churns: tuple[float, ...] = (), known_until: int = 10_000) -> AlarmGrid:
    """Accounts with a score a week."""
    grid = np.array(scores, dtype=np.float64)
    day = 7 * np.arange(grid.shape[1])
    ahead = np.array(churns or [np.inf] * len(grid))[:, None] - day
    return AlarmGrid(
        account=np.arange(len(grid)),
        day=day,
        score=grid,
        days_to_event=np.where(ahead > 0, ahead, np.inf),
        known_until=known_until,
        csms=1,
    )


def test_an_alarm_stays_until_it_falls_well_below_where_it_opened() -> None:
    """An account on the edge does not flicker."""
    opened, standing = alarms(board([0.1, 0.2, 0.15, 0.19, 0.09, 0.15]))
    assert opened[0].tolist() == [False, True, False, False, False, False]
    assert standing[0].tolist() == [False, True, True, True, False, False]


def test_an_alarm_that_comes_back_within_the_cool_down_is_the_same() -> None:
    """It stands whenever the account is over the threshold, and a new one is counted only 60 days after the last."""
    weeks = [0.3, 0.0] * 8
    opened, standing = alarms(board(weeks))
    assert standing[0].tolist() == [True, False] * 8
    days = 7 * np.flatnonzero(opened[0])
    assert days.tolist() == [0, 70]
    assert np.diff(days).min() >= COOL_DOWN_DAYS


def test_an_alarm_that_never_ends_is_counted_again_and_again() -> None:
    """Otherwise to flag everybody for ever would cost one alarm an account."""
    opened, standing = alarms(board([0.3] * 30))
    assert standing.all()
    assert (7 * np.flatnonzero(opened[0])).tolist() == [0, 63, 126, 189]


def test_an_account_that_is_not_judged_has_no_alarm() -> None:
    """Where the score is unknown, an open alarm ends."""
    _, standing = alarms(board([0.3, np.nan, 0.15]))
    assert standing[0].tolist() == [True, False, False]


def test_what_alarms_cost_and_bring() -> None:
    """Caught within 120 days before leaving; false if nothing follows; not judged while that is not known."""
    scores = [[0.3, *[0.0] * 40], [0.3, *[0.0] * 40], [*[0.0] * 40, 0.3]]
    found = cost_of_alarms(
        board(*scores, churns=(100.0, 121.0, np.inf), known_until=281), alarms(board(*scores))[0]
    )
    assert found.false_alarms.tolist() == [0, 1, 0]
    assert found.alarms.tolist() == [1, 1, 0]
    assert found.churned.tolist() == [True, True, False]
    assert found.caught.tolist() == [True, False, False]
    assert found.lead_days[0] == 100


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from((0.25, 0.5, 1.0, 3.0)))
def test_the_budget_is_kept_and_used(seed: int, budget: float) -> None:
    """Alarms at the thresholds found never cost more false alarms per CSM and month than the budget."""
    rng = np.random.default_rng(seed)
    drawn = board(*rng.random((30, 30)).tolist(), known_until=210)
    limits = within_budget(drawn, false_alarms=budget)
    assert false_alarm_rate(cost_of_alarms(drawn, replay(drawn.score, drawn.day, limits)[0])) <= budget
    assert np.isfinite(limits.opens) or budget < 0.5


def test_a_late_alarm_counts_neither_way() -> None:
    """An alarm whose look-ahead is not over cannot be known to be false, so that a right one does not count either."""
    drawn = board([*[0.0] * 30, 0.3], churns=(220.0,), known_until=230)
    found = cost_of_alarms(drawn, alarms(drawn)[0])
    assert found.alarms.tolist() == [0]
    assert found.caught.tolist() == [True]


def test_without_anything_to_judge_no_alarm_opens() -> None:
    """Where no false alarm can be known yet, no threshold is made up."""
    assert within_budget(board([0.1, 0.9], known_until=20), false_alarms=1.0).opens == np.inf


def test_random_alarms_come_at_the_rate_asked_for() -> None:
    """The control opens as many judged alarms as the contender, and catches by chance alone."""
    rng = np.random.default_rng(1)
    drawn = board(*rng.random((200, 30)).tolist(), known_until=400)
    found = cost_of_alarms(drawn, at_rate_of(drawn, 150, rng))
    assert found.alarms.sum() == pytest.approx(150, rel=0.15)
