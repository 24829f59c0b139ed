"""Simple rules for silence: counts by hand, one touch at a time, and a logistic that finds what is there."""

import datetime as dt
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from models.baselines import PLAIN_COUNTS, few_active_days, fit_plain_logistic, plain_counts
from models.posterior import logistic
from tests.models.mail_days import hours

_TOUCHES = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 24 * 400).map(hours), st.booleans(), st.integers(0, 3)),
    max_size=40,
)
_MOMENTS = st.lists(st.integers(0, 24 * 420).map(hours), min_size=1, max_size=4)

Touch = tuple[int, dt.datetime, bool, int]


def frame(touches: list[Touch]) -> pl.DataFrame:
    """Touches as a frame."""
    schema = {
        "account": pl.UInt32(),
        "sent_at": pl.Datetime("us", "UTC"),
        "outbound": pl.Boolean(),
        "person": pl.UInt32(),
    }
    return pl.DataFrame(touches, schema=schema, orient="row")


def asked(moments: list[dt.datetime]) -> pl.DataFrame:
    """Each of three accounts at each instant."""
    rows = [(account, moment) for moment in moments for account in range(3)]
    return pl.DataFrame(
        rows, schema={"account": pl.UInt32(), "as_of": pl.Datetime("us", "UTC")}, orient="row"
    )


@settings(deadline=None)
@given(_TOUCHES, _MOMENTS)
def test_counts_are_those_of_the_touches_until_the_instant(
    touches: list[Touch], moments: list[dt.datetime]
) -> None:
    """Every count, in the order of what was asked."""
    rows = asked(moments)
    found = plain_counts(frame(touches), rows)
    few = few_active_days(frame(touches), rows)
    assert tuple(found.columns) == PLAIN_COUNTS
    for place, (account, moment) in enumerate(rows.rows()):
        mine = [touch for touch in touches if touch[0] == account and touch[1] <= moment]
        inbound = [touch for touch in mine if not touch[2]]
        outbound = [touch for touch in mine if touch[2]]

        def lately(which: list[Touch], days: int, moment: dt.datetime = moment) -> list[Touch]:
            return [touch for touch in which if touch[1] > moment - dt.timedelta(days=days)]

        def since(at: dt.datetime, moment: dt.datetime = moment) -> float:
            return (moment - at) / dt.timedelta(days=1)

        first_of_day = [
            touch
            for touch in inbound
            if touch[1] == min(t[1] for t in inbound if t[1].date() == touch[1].date())
        ]
        active = {
            span: len({touch[1] for touch in lately(first_of_day, span)}) for span in (30, 90, 180, 365)
        }
        expected = [
            since(max(touch[1] for touch in inbound)) if inbound else 3650.0,
            *active.values(),
            len(lately(inbound, 90)),
            len(lately(inbound, 180)),
            len({touch[3] for touch in lately(inbound, 90)}),
            since(max(touch[1] for touch in outbound)) if outbound else 3650.0,
            len(lately(outbound, 90)),
            since(min(touch[1] for touch in inbound)) if inbound else 0.0,
        ]
        assert found.row(place) == pytest.approx([math.log1p(value) for value in expected])
        assert few[place] == -active[180]


@settings(deadline=None)
@given(_TOUCHES, _TOUCHES, _MOMENTS)
def test_later_touches_change_no_count(
    touches: list[Touch], later: list[Touch], moments: list[dt.datetime]
) -> None:
    """To the last bit."""
    last = max(moments)
    earlier = [touch for touch in touches if touch[1] <= last]
    after = [
        (account, last + dt.timedelta(hours=1) + (at - hours(0)), out, who) for account, at, out, who in later
    ]
    rows = asked(moments)
    assert_frame_equal(
        plain_counts(frame(earlier + after), rows), plain_counts(frame(earlier), rows), check_exact=True
    )


def test_the_plain_logistic_finds_its_coefficients() -> None:
    """Of 20,000 rows its chances are right within two hundredths, whatever the scale of the counts."""
    rng = np.random.default_rng(2)
    counts = rng.normal(3, 1, (20_000, 2)) * np.array([1.0, 100.0])
    truth = logistic(0.8 * (counts[:, 0] - 3) - 0.012 * (counts[:, 1] - 300) - 0.4)
    model = fit_plain_logistic(counts, rng.random(20_000) < truth, np.ones(20_000))
    assert np.abs(model.chance(counts) - truth).max() < 0.05


def test_the_plain_logistic_without_rows_or_events() -> None:
    """Nothing to learn from: one half; nobody fell silent: small chances, and finite."""
    nothing = fit_plain_logistic(np.empty((0, 3)), np.array([], dtype=bool), np.array([]))
    assert nothing.chance(np.ones((2, 3))).tolist() == [0.5, 0.5]
    calm = fit_plain_logistic(np.ones((50, 3)), np.zeros(50, dtype=bool), np.ones(50))
    assert (calm.chance(np.ones((2, 3))) < 0.05).all()
