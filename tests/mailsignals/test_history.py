"""An account against its own past, against a look at every touch and turn."""

import datetime as dt

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mailsignals.signals.evidence import evidence, last_writers, weekly_mail
from mailsignals.signals.facts import Facts
from mailsignals.signals.history import WEEKS, history
from tests.mailsignals.histories import (
    ACCOUNTS,
    AS_OFS,
    BERLIN,
    DAY,
    HORIZON,
    START,
    Past,
    Row,
    checkins,
    counted_evidence,
    ends,
    facts_of,
    in_order,
    people,
    random_touches,
    replies,
    volume,
    weekly,
)

TICK = dt.timedelta(microseconds=1)


def assert_same(got: Row, expected: Row) -> None:
    """Each figure is the same; a week or a sum in which nothing happened may be null."""
    for name, value in expected.items():
        found = got[name] if got[name] is not None or not name.startswith(("active", "support")) else 0
        same = found == pytest.approx(value, abs=1e-6) if isinstance(value, int | float) else found == value
        assert same, f"{got['account']} at {got['as_of']}: {name} is {got[name]}, not {value}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_history_is_what_a_look_at_every_touch_says(seed: int) -> None:
    """Every sum, count and instant of every account is what the touches and turns known by then add up to."""
    found = facts_of(random_touches(seed=seed))
    rows = history(found, AS_OFS, timezone=BERLIN).to_dicts()
    assert [(row["account"], row["as_of"]) for row in rows] == [
        (account, at) for account in range(ACCOUNTS) for at in AS_OFS
    ]
    for row in rows:
        past = Past(found, row["account"], row["as_of"])
        parts = (volume, replies, checkins, people, weekly, ends)
        expected = {name: value for part in parts for name, value in part(past).items()}
        assert set(row) == {"account", "as_of", *expected}
        assert_same(row, expected)


@pytest.mark.slow
def test_evidence_is_what_a_look_at_every_touch_says() -> None:
    """The cases behind the marks are counted as the definitions of the signals say."""
    found = facts_of(random_touches(seed=4))
    for row in evidence(found, AS_OFS, reply_horizon=HORIZON).to_dicts():
        past = Past(found, row["account"], row["as_of"])
        expected = counted_evidence(past)
        assert {name: row[name] or 0 for name in expected} == pytest.approx(expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    "at", [START + 250.5 * DAY, START + 301 * DAY + dt.timedelta(hours=13, microseconds=1)]
)
def test_what_comes_later_changes_nothing(at: dt.datetime) -> None:
    """With all mail after an instant taken away, every figure at it is the same: also when a day is half over."""
    touches = random_touches(seed=5, count=6000)
    whole, cut = facts_of(touches), facts_of(touches.filter(pl.col("sent_at") <= at))
    for one, other in zip(_figures(whole, at), _figures(cut, at), strict=True):
        assert_frame_equal(one, other)


def _figures(found: Facts, at: dt.datetime) -> list[pl.DataFrame]:
    return [
        history(found, [at], timezone=BERLIN),
        evidence(found, [at], reply_horizon=HORIZON),
        last_writers(found, at).sort("account"),
        weekly_mail(found, at, weeks=WEEKS).sort("account"),
    ]


@pytest.mark.slow
def test_instants_asked_together_are_each_one_alone() -> None:
    """History at an instant does not depend on the others that are asked for."""
    found = facts_of(random_touches(seed=6))
    alone = pl.concat(history(found, [at], timezone=BERLIN) for at in AS_OFS)
    together = history(found, AS_OFS, timezone=BERLIN)
    keys = ["account", "as_of"]
    weeks = pl.selectors.contains("_week_")
    assert_frame_equal(
        together.sort(keys).with_columns(weeks.fill_null(0)),
        alone.sort(keys).with_columns(weeks.fill_null(0)),
        check_dtypes=False,
    )


@pytest.mark.slow
def test_accounts_do_not_depend_on_each_other() -> None:
    """The history of some accounts alone is what it is among all."""
    touches = random_touches(seed=7)
    whole = history(facts_of(touches), AS_OFS, timezone=BERLIN)
    alone = history(facts_of(touches.filter(pl.col("account") == 1)), AS_OFS, timezone=BERLIN)
    assert_frame_equal(whole.filter(pl.col("account") == 1), alone.filter(pl.col("account") == 1))


@pytest.mark.parametrize("edge", [30, 60, 90, 91, 364])
def test_the_edges_of_the_spans(edge: int) -> None:
    """A mail leaves the recent span, and enters or leaves the past, exactly so many days after it was sent."""
    touches = in_order(
        {
            "account": [0],
            "thread": [0],
            "sent_at": [START],
            "outbound": [False],
            "role": ["cs"],
            "person": [0],
            "urgent": [False],
            "copied": [0],
            "addressee": [None],
            "message": [0],
        }
    )
    at = START + edge * DAY
    rows = history(facts_of(touches), [at - TICK, at], timezone=BERLIN).filter(pl.col("account") == 0)
    name = "inbound_past" if edge in {91, 364} else f"inbound_{edge}"
    assert rows[name].to_list() == ([0, 1] if edge == 91 else [1, 0])


def test_who_wrote_last_is_told_for_either_side() -> None:
    """The last writer of a side is that of its newest mail by then, however threads lie; null if it never wrote."""
    found = facts_of(random_touches(seed=8))
    at = AS_OFS[3]
    rows = {row["account"]: row for row in last_writers(found, at).to_dicts()}
    for account in range(ACCOUNTS - 1):
        past = Past(found, account, at)
        for side, outbound in (("inbound", False), ("outbound", True)):
            these = [touch for touch in past.touches if touch["outbound"] == outbound]
            newest = max(these, key=lambda touch: (touch["sent_at"], touch["person"]))
            assert rows[account][side] == newest["person"]


def test_weeks_of_mail_add_up() -> None:
    """Mail by week holds all mail of so many weeks, the oldest week first."""
    found = facts_of(random_touches(seed=9))
    at = AS_OFS[4]
    for row in weekly_mail(found, at, weeks=WEEKS).to_dicts():
        past = Past(found, row["account"], at)
        for side, outbound in (("theirs", False), ("ours", True)):
            these = [touch["sent_at"] for touch in past.touches if touch["outbound"] == outbound]
            expected = [
                sum(map(past.during(7 * week + 7, 7 * week), these)) for week in reversed(range(WEEKS))
            ]
            assert row[side] == expected
