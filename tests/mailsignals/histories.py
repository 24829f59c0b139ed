"""Random mail of a few accounts, and what was known of each at an instant, one touch at a time."""

import datetime as dt
import math
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from mailsignals.schema import LINK_SCHEMA, PROGRAM_SCHEMA, ROLES, TOUCH_SCHEMA
from mailsignals.signals.facts import Facts, facts
from mailsignals.signals.history import WEEKS
from mailsignals.sla.promises import Policy, Promises
from mailsignals.turns import ConversationRules

Row = Mapping[str, Any]

START = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
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
            "addressee": [None] * count,
            "message": np.arange(count),
        }
    )


def in_order(columns: Mapping[str, Any]) -> pl.DataFrame:
    """The touches in the order in which turns are read off."""
    found = pl.DataFrame({name: pl.Series(values) for name, values in columns.items()}, strict=False)
    return found.select(pl.col(name).cast(dtype) for name, dtype in TOUCH_SCHEMA.items()).sort(
        "account", "thread", "sent_at", "outbound", "message"
    )


def facts_of(touches: pl.DataFrame) -> Facts:
    """The facts of all accounts; account 0 was promised an answer within a day, account 1 within an hour."""
    policies = [
        Policy(tier="day", first_response_hours=24.0),
        Policy(tier="hour", first_response_hours=1.0, next_response_hours=6.0),
    ]
    tiers = pl.Series([*(policy.tier for policy in policies), *[None] * (ACCOUNTS - 2)], dtype=pl.String)
    return facts(
        touches.lazy(),
        pl.LazyFrame(schema=LINK_SCHEMA),
        pl.LazyFrame(schema=PROGRAM_SCHEMA),
        accounts=pl.Series(range(ACCOUNTS), dtype=pl.UInt32),
        rules=ConversationRules(),
        promises=Promises.of(policies, {}, tiers),
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
    late = [touch for touch in past.touches if touch["outbound"] and touch["again"]]
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
