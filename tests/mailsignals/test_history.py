"""An account against its own past, against a look at every touch and turn."""

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mailsignals.schema import LINK_SCHEMA, ROLES, TOUCH_SCHEMA
from mailsignals.signals.evidence import evidence, last_writers, weekly_mail
from mailsignals.signals.facts import Facts, facts
from mailsignals.signals.history import WEEKS, _office_hours, history
from mailsignals.turns import ConversationRules

Row = Mapping[str, Any]

START = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
TICK = dt.timedelta(microseconds=1)
BERLIN = "Europe/Berlin"
ACCOUNTS = 4
"""One of them without any mail."""
AS_OFS = [START + days * DAY for days in (40, 92.25, 130, 250.5, 400, 455.75)]
HORIZON = 7 * DAY


def random_touches(*, seed: int, count: int = 220, days: int = 470) -> pl.DataFrame:
    """Touches on a grid of 6 hours, so that many lie on the very edge of a window."""
    rng = np.random.default_rng(seed)
    account = rng.integers(0, ACCOUNTS - 1, count)
    sent_at = [START + int(step) * DAY / 4 for step in rng.integers(0, 4 * days, count)]
    return in_order(
        {
            "account": account,
            "thread": 10 * account + rng.integers(0, 8, count),
            "sent_at": sent_at,
            "outbound": rng.random(count) < 0.5,
            "role": rng.choice(ROLES, count),
            "person": 10 * account + rng.integers(0, 3, count),
            "urgent": rng.random(count) < 0.2,
            "copied": rng.integers(0, 4, count),
            "message": np.arange(count),
        }
    )


def in_order(columns: Mapping[str, object]) -> pl.DataFrame:
    """The touches in the order in which turns are read off."""
    found = pl.DataFrame({name: pl.Series(values) for name, values in columns.items()}, strict=False)
    return found.select(pl.col(name).cast(dtype) for name, dtype in TOUCH_SCHEMA.items()).sort(
        "account", "thread", "sent_at", "outbound", "message"
    )


def facts_of(touches: pl.DataFrame) -> Facts:
    """The facts of all accounts; account 0 was promised an answer within a day, account 1 within an hour."""
    targets = pl.DataFrame(
        {"account": [0, 1], "first_response_hours": [24.0, 1.0], "next_response_hours": [None, 6.0]},
        schema={"account": pl.UInt32, "first_response_hours": pl.Float64, "next_response_hours": pl.Float64},
    )
    return facts(
        touches.lazy(),
        pl.LazyFrame(schema=LINK_SCHEMA),
        accounts=pl.Series(range(ACCOUNTS), dtype=pl.UInt32),
        rules=ConversationRules(),
        targets=targets,
    )


class Past:
    """One account as it was known at an instant."""

    def __init__(self, found: Facts, account: int, at: dt.datetime) -> None:
        mine = pl.col("account") == account
        touches, turns = (frame.filter(mine).collect().to_dicts() for frame in (found.touches, found.turns))
        self.at = at
        self.touches: list[Row] = [touch for touch in touches if touch["sent_at"] <= at]
        self.inbound = [touch for touch in self.touches if not touch["outbound"]]
        self.turns: list[Row] = [
            turn | ({} if turn["answered_at"] and turn["answered_at"] <= at else {"answered_at": None})
            for turn in turns
            if turn["started_at"] <= at
        ]
        self.answered = [turn for turn in self.turns if turn["answered_at"]]
        self.checkins = [t for t in self.turns if t["outbound"] and t["opening"] and t["role"] == "cs"]

    def during(self, since: float, until: float = 0) -> Callable[[dt.datetime], bool]:
        """Whether an instant lies from so many days ago (not in) until so many days ago (in)."""
        return lambda moment: self.at - since * DAY < moment <= self.at - until * DAY

    def spans(self, *days: int) -> dict[str, Callable[[dt.datetime], bool]]:
        """Recent spans, and the past: weeks 14 to 52."""
        return {**{str(one): self.during(one) for one in days}, "past": self.during(364, 91)}

    def active_days(self) -> list[dt.datetime]:
        """The first inbound mail of each day."""
        first: dict[dt.date, dt.datetime] = {}
        for touch in sorted(self.inbound, key=lambda touch: touch["sent_at"]):
            first.setdefault(touch["sent_at"].date(), touch["sent_at"])
        return list(first.values())


def volume(past: Past) -> dict[str, object]:
    """Sums of mail."""
    found: dict[str, object] = {}
    for span, within in past.spans(30, 60, 90).items():
        mails = [touch for touch in past.inbound if within(touch["sent_at"])]
        found |= {
            f"inbound_{span}": len(mails),
            f"urgent_{span}": sum(touch["urgent"] for touch in mails),
            f"copied_{span}": sum(touch["copied"] for touch in mails),
            f"support_{span}": sum(touch["role"] == "support" for touch in mails),
        }
    for span, within in past.spans(60, 90).items():
        found[f"active_days_{span}"] = sum(map(within, past.active_days()))
    within = past.during(60)
    again = [touch for touch in past.touches if touch["outbound"] and not touch["turning"]]
    late = [touch for touch in again if touch["since_previous"] >= dt.timedelta(hours=4)]
    return found | {"followups_60": sum(within(touch["sent_at"]) for touch in late)}


def replies(past: Past) -> dict[str, object]:
    """Sums of log office hours until the answers, by when they came."""
    found: dict[str, object] = {}
    for side, outbound, days in (("customer", True, (30, 90)), ("our", False, (90,))):
        for span, within in past.spans(*days).items():
            these = [t for t in past.answered if t["outbound"] == outbound and within(t["answered_at"])]
            found[f"{side}_replies_{span}"] = len(these)
            found[f"{side}_log_hours_{span}"] = math.fsum(
                math.log1p(counted_office_hours(t["started_at"], t["answered_at"], BERLIN)) for t in these
            )
    return found


def checkins(past: Past) -> dict[str, object]:
    """What came of check-ins, a week after each."""
    found: dict[str, object] = {}
    for span, within in past.spans(30, 90).items():
        these = [turn for turn in past.checkins if within(turn["started_at"] + HORIZON)]
        in_time = [t for t in these if t["answered_at"] and t["answered_at"] - t["started_at"] <= HORIZON]
        found |= {f"asked_{span}": len(these), f"replied_{span}": len(in_time)}
    recently = past.during(90)
    waiting = [t for t in past.checkins if not t["answered_at"] and recently(t["started_at"])]
    ages = [(past.at - turn["started_at"]) / DAY for turn in waiting]
    return found | {"unanswered_checkin_days": max(ages, default=None)}


def people(past: Past) -> dict[str, object]:
    """Who wrote, in this quarter and in the one before."""
    spans = {"contacts_90": past.during(90), "contacts_90_before_90": past.during(180, 90)}
    return {
        name: len({touch["person"] for touch in past.inbound if within(touch["sent_at"])})
        for name, within in spans.items()
    }


def weekly(past: Past) -> dict[str, object]:
    """Counts in each of 13 weeks, week 0 the latest."""
    support = [touch["sent_at"] for touch in past.inbound if touch["role"] == "support"]
    return {
        f"{name}_week_{week}": sum(map(past.during(7 * week + 7, 7 * week), moments))
        for name, moments in (("active_days", past.active_days()), ("support", support))
        for week in range(WEEKS)
    }


def ends(past: Past) -> dict[str, object]:
    """The first and the last of everything."""
    first = min((touch["sent_at"] for touch in past.touches), default=None)
    lasted = 0.0 if first is None else min((past.at - first) / DAY, 364.0) - 91
    sides = {side: [t["sent_at"] for t in past.touches if t["outbound"] == side] for side in (True, False)}
    return {
        "first_at": first,
        "past_days": lasted if lasted > 0 else None,
        "last_outbound_at": max(sides[True], default=None),
        "last_inbound_at": max(sides[False], default=None),
    }


def assert_same(got: Row, expected: Row) -> None:
    """Each figure is the same; a week or a sum in which nothing happened may be null."""
    for name, value in expected.items():
        found = got[name] if got[name] is not None or not name.startswith(("active", "support")) else 0
        same = found == pytest.approx(value, abs=1e-6) if isinstance(value, int | float) else found == value
        assert same, f"{got['account']} at {got['as_of']}: {name} is {got[name]}, not {value}"


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


def test_evidence_is_what_a_look_at_every_touch_says() -> None:
    """The cases behind the marks are counted as the definitions of the signals say."""
    found = facts_of(random_touches(seed=4))
    for row in evidence(found, AS_OFS, reply_horizon=HORIZON).to_dicts():
        past = Past(found, row["account"], row["as_of"])
        expected = counted_evidence(past)
        assert {name: row[name] or 0 for name in expected} == pytest.approx(expected)


def counted_evidence(past: Past) -> dict[str, object]:
    """The cases behind the marks; 0 for none."""
    theirs = [(t["started_at"], t["answered_at"]) for t in past.answered if t["outbound"]]
    earlier = past.during(120, 30)
    before = [(answered - started).total_seconds() / 3600 for started, answered in theirs if earlier(started)]
    quarter = past.during(90)
    late = [
        (past.at - t["due_at"]).total_seconds() / 3600
        for t in past.turns
        if t["due_at"] and t["due_at"] <= past.at and not t["answered_at"] and quarter(t["started_at"])
    ]
    half_year = past.during(180)
    return {
        "touches_180": sum(half_year(touch["sent_at"]) for touch in past.touches),
        **{
            f"checkins_due_{days}": sum(map(past.during(days, 7), (t["started_at"] for t in past.checkins)))
            for days in (30, 90)
        },
        "customer_answers_30": sum(map(past.during(30), (started for started, _ in theirs))),
        "customer_answers_before": len(before),
        "customer_hours_before": float(np.median(before)) if before else 0,
        "overdue_turns": len(late),
        "overdue_hours": max(late, default=0),
    }


@pytest.mark.parametrize(
    "at", [START + 250.5 * DAY, START + 300 * DAY + dt.timedelta(hours=13, microseconds=1)]
)
def test_what_comes_later_changes_nothing(at: dt.datetime) -> None:
    """With all mail after an instant taken away, every figure at it is the same: also when a day is half over."""
    touches = random_touches(seed=5, count=500)
    whole, cut = facts_of(touches), facts_of(touches.filter(pl.col("sent_at") <= at))
    for figures in (
        lambda found: history(found, [at], timezone=BERLIN),
        lambda found: evidence(found, [at], reply_horizon=HORIZON),
        lambda found: last_writers(found, at).sort("account"),
        lambda found: weekly_mail(found, at, weeks=WEEKS).sort("account"),
    ):
        assert_frame_equal(figures(whole), figures(cut))


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
            "account": [0], "thread": [0], "sent_at": [START], "outbound": [False], "role": ["cs"],
            "person": [0], "urgent": [False], "copied": [0], "message": [0],
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
            newest = max(these, key=lambda touch: (touch["sent_at"], touch["message"]))
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


# --- the office clock ----------------------------------------------------------------------------


def counted_office_hours(since: dt.datetime, until: dt.datetime, timezone: str) -> float:
    """The hours from 9 to 17, Monday to Friday, between two instants, day by day."""
    zone = ZoneInfo(timezone)
    day, hours = since.astimezone(zone).date(), 0.0
    while day <= until.astimezone(zone).date():
        if day.weekday() < 5:
            opens, closes = (
                dt.datetime.combine(day, dt.time(hour), zone).astimezone(dt.UTC) for hour in (9, 17)
            )
            hours += max(0.0, (min(until, closes) - max(since, opens)).total_seconds()) / 3600
        day += DAY
    return hours


def engine_hours(pairs: Sequence[tuple[dt.datetime, dt.datetime]], timezone: str) -> list[float]:
    """The same by the engine."""
    frame = pl.DataFrame(pairs, schema=["since", "until"], orient="row")
    difference = _office_hours(pl.col("until"), timezone) - _office_hours(pl.col("since"), timezone)
    return frame.select(difference).to_series().to_list()


def minutes_in_office(moments: Iterable[dt.datetime], timezone: str) -> int:
    """Of the minutes that begin at these instants, those that begin within office hours by the local clock."""
    local = (moment.astimezone(ZoneInfo(timezone)) for moment in moments)
    return sum(moment.weekday() < 5 and 9 <= moment.hour < 17 for moment in local)


@pytest.mark.parametrize(
    "timezone", [BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
)
@pytest.mark.parametrize("month", [3, 4, 10, 11])
def test_the_office_clock_counts_minutes(timezone: str, month: int) -> None:
    """The clock advances by as many minutes as are counted one by one, over weekends and over changes of the clock."""
    begin = dt.datetime(2026, month, 1, 3, 17, tzinfo=dt.UTC) + month * DAY
    moments = [begin + dt.timedelta(minutes=minute) for minute in range(12 * 1440)]
    pairs = [(begin, moments[place]) for place in (0, 1, 700, 1440, 5000, 9999, 17000)]
    expected = [minutes_in_office(moments[: moments.index(until)], timezone) / 60 for _, until in pairs]
    assert engine_hours(pairs, timezone) == pytest.approx(expected, abs=1e-6)


def test_the_office_clock_stands_still_outside_office_hours() -> None:
    """From Friday evening to Monday morning no time passes; a working day has 8 hours, a week has 40."""
    friday = dt.datetime(2026, 3, 27, 16, tzinfo=dt.UTC)  # 17:00 in Berlin; the clock changes on Sunday
    monday = dt.datetime(2026, 3, 30, 7, tzinfo=dt.UTC)  # 9:00 in Berlin
    pairs = [
        (friday, monday),
        (monday, monday + dt.timedelta(hours=8)),
        (monday, monday + dt.timedelta(hours=8.5)),
        (friday, friday + 7 * DAY),
        (monday, monday + 7 * DAY),
    ]
    assert engine_hours(pairs, BERLIN) == pytest.approx([0, 8, 8, 40, 40], abs=1e-6)
