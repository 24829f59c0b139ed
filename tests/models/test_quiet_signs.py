"""Further signs: counts until the instant, terms that add up, and coefficients that stay small without evidence."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from models.pace import paces
from models.posterior import logistic
from models.quiet import DEFAULT_CALIBRATION, quiet_logit
from models.quiet_signs import COUNTS, SIGNS, VALUES, added_terms, learn_signs, sign_values, with_signs
from tests.models.mail_days import asked_at, days_of, hours

Touch = tuple[int, dt.datetime, bool, int]

_HOURS = st.integers(0, 24 * 500).map(hours)
_TOUCHES = st.lists(st.tuples(st.integers(0, 2), _HOURS, st.booleans(), st.integers(0, 3)), max_size=40)
_SCHEMA = pl.Schema(
    {
        "account": pl.UInt32(),
        "sent_at": pl.Datetime("us", "UTC"),
        "outbound": pl.Boolean(),
        "person": pl.UInt32(),
    }
)


def signs_at(touches: list[Touch], moment: dt.datetime) -> pl.DataFrame:
    """The rows of the accounts that wrote by an instant, with their signs."""
    days = days_of((account, at) for account, at, outbound, _ in touches if not outbound)
    rows = paces(days, asked_at(range(3), moment)).drop_nulls("first_day").with_columns(r=1.0, a=50.0)
    return with_signs(rows, days, pl.DataFrame(touches, schema=_SCHEMA, orient="row"))


@settings(deadline=None)
@given(_TOUCHES, _HOURS)
def test_figures_are_those_of_the_touches_until_the_instant(
    touches: list[Touch], moment: dt.datetime
) -> None:
    """Every figure, one touch at a time; later touches change nothing, to the last bit."""
    found = signs_at(touches, moment)
    for row in found.iter_rows(named=True):
        mine = [touch for touch in touches if touch[0] == row["account"] and touch[1] <= moment]

        def lately(outbound: bool, days: int, mine: list[Touch] = mine) -> list[Touch]:  # a filter
            since = moment - dt.timedelta(days=days)
            return [touch for touch in mine if touch[2] is outbound and touch[1] > since]

        def first_touches(outbound: bool, days: int, mine: list[Touch] = mine) -> int:  # a filter
            first: dict[dt.date, dt.datetime] = {}
            for touch in sorted((one for one in mine if one[2] is outbound), key=lambda one: one[1]):
                first.setdefault(touch[1].date(), touch[1])
            return sum(at > moment - dt.timedelta(days=days) for at in first.values())

        ours = [touch[1] for touch in mine if touch[2]]
        silence = (moment - max(ours)) / dt.timedelta(days=1) if ours else 365.0
        assert [row[name] for name in COUNTS] == pytest.approx(
            [
                first_touches(outbound=False, days=365),
                first_touches(outbound=False, days=30),
                len({touch[3] for touch in lately(outbound=False, days=90)}),
                len(lately(outbound=False, days=90)),
                first_touches(outbound=True, days=90),
                min(silence, 365.0),
            ]
        )
        assert all(np.isfinite(row[name]) for name in VALUES)
    earlier = signs_at([touch for touch in touches if touch[1] <= moment], moment)
    assert_frame_equal(found, earlier, check_exact=True)


def test_terms_add_up_to_the_log_odds() -> None:
    """Calibration and signs together are one sum, linear up to four standard deviations."""
    rng = np.random.default_rng(0)
    odds, since = rng.normal(-2, 2, 500), rng.integers(0, 90, 500).astype(float)
    signs = rng.normal(size=(len(SIGNS), 500))
    calibration, learnt = learn_signs(odds, since, signs, rng.random(500) < 0.3, np.ones(500))
    whole = quiet_logit(odds, since, calibration) + added_terms(signs, learnt)
    one_by_one = quiet_logit(odds, since, calibration)
    for sign, values in zip(learnt, signs, strict=True):
        one_by_one = one_by_one + sign.coefficient * np.clip((values - sign.centre) / sign.spread, -4, 4)
    assert whole == pytest.approx(one_by_one, abs=1e-9)


def test_a_sign_that_tells_is_learnt_and_noise_is_not() -> None:
    """Of 20,000 rows of which age decides, age gets its coefficient, and the others get nearly none."""
    rng = np.random.default_rng(1)
    odds, since = rng.normal(-2, 2, 20_000), rng.integers(0, 90, 20_000).astype(float)
    signs = rng.normal(size=(len(SIGNS), 20_000))
    silent = rng.random(20_000) < logistic(quiet_logit(odds, since, DEFAULT_CALIBRATION) + 0.5 * signs[-1])
    _, learnt = learn_signs(odds, since, signs, silent, np.ones(20_000))
    found = {sign.name: sign.coefficient for sign in learnt}
    assert found.pop("age") == pytest.approx(0.5, abs=0.1)
    assert max(map(abs, found.values())) < 0.06


def test_without_rows_there_is_nothing_to_learn() -> None:
    """The default calibration and no sign; signs that never differ are no trouble."""
    nothing = np.array([])
    assert learn_signs(nothing, nothing, np.empty((len(SIGNS), 0)), nothing.astype(bool), nothing) == (
        DEFAULT_CALIBRATION,
        (),
    )
    same = np.ones((len(SIGNS), 30))
    _, learnt = learn_signs(np.zeros(30), np.zeros(30), same, np.ones(30, dtype=bool), np.ones(30))
    assert [sign.coefficient for sign in learnt] == pytest.approx([0.0] * len(SIGNS))
    assert sign_values(signs_at([(0, hours(1), False, 0)], hours(50))).shape == (len(SIGNS), 1)
