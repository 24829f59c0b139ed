"""Mail of simulated companies: conversations that follow from habits and courses, for all accounts at once."""

import datetime as dt
from typing import TypeAlias

import numpy as np
import polars as pl
from scipy.special import expit

from benchmarks.account_lives import DAYS, WEEKS, Array, Ends, Habits
from mailsignals.schema import ROLES, TOUCH_SCHEMA

Mails: TypeAlias = dict[str, Array]
"""Columns of equal length."""

WEEKDAYS = np.array([0.205, 0.21, 0.205, 0.19, 0.15, 0.02, 0.02])
HOLIDAYS = frozenset({0, 95, 98, 119, 137, 148, 275, 357, 358, 364, 455, 460, 484, 503, 513, 640, 722, 723})
"""Holidays, as days since the first one."""
OUTAGES, HIT = 9, 0.22
"""Number of days with an outage of the product, and the share of accounts that write about it."""
MOST_MAILS = 9
"""Largest number of emails in a conversation."""
WE_ANSWER, GOES_ON, AGAIN = 2.0, 0.5, -0.9
"""Log odds of a reply from the team, factor on the chance of later replies, and log odds of a follow-up."""
HANDS_OVER = 0.15
"""Share of emails that a colleague writes instead."""
HARDLY = 0.01
"""Share of usual mail below which an account is on a break and notices no outage."""
STILL = 0.2
"""Share of usual mail after the churn: handover, invoices, access."""
SLOTS, HOLDERS = 8, 8
AGENTS = 30


def chatter(
    rng: np.random.Generator,
    habits: Habits,
    ends: Ends,
    course: dict[str, Array],
    csm: Array,
    begin: dt.datetime,
) -> pl.DataFrame:
    """Return all touches of a company, in ``TOUCH_SCHEMA`` and its order."""
    opened = _openings(rng, habits, ends, course)
    mails = _conversations(rng, opened, habits, course)
    stays = np.minimum(ends.recorded + 10, DAYS)[mails["account"]]
    kept = (mails["hour"] < 24 * stays) & (mails["hour"] >= 24 * habits.starts[mails["account"]])
    mails = {name: values[kept] for name, values in mails.items()}
    return _touches(_described(rng, mails, habits, course, csm), begin)


def _openings(rng: np.random.Generator, habits: Habits, ends: Ends, course: dict[str, Array]) -> Mails:
    """Return the first email of each conversation."""
    weeks = np.arange(WEEKS) * 7.0
    there = weeks + 7 > habits.starts[:, None]
    gone = np.where(weeks > ends.gone[:, None], STILL, 1.0) * there
    theirs = habits.openings[:, None] * np.exp(course["activity"]) * gone
    theirs *= rng.gamma(3.0, 1 / 3.0, theirs.shape)
    ours = habits.checkins[:, None] * np.exp(course["attention"]) * gone
    parts = [_week_by_week(rng, theirs, outbound=False), _week_by_week(rng, ours, outbound=True)]
    writes = np.exp(course["activity"]) > HARDLY
    parts.append(_outages(rng, there & (gone > 0.5) & writes, habits.outages))
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    week = _week(found["hour"])
    to_support = expit(habits.support[found["account"]] + course["support"][found["account"], week])
    found["support"] = ~found["outbound"] & (found["outage"] | (rng.random(len(week)) < to_support))
    worked = ~np.isin(found["hour"] // 24, list(HOLIDAYS)) | (rng.random(len(week)) < 0.1)
    return {name: values[worked] for name, values in found.items()}


def _week_by_week(rng: np.random.Generator, expected: Array, *, outbound: bool) -> Mails:
    number = rng.poisson(expected)
    account, week = (np.repeat(place.ravel(), number.ravel()) for place in np.indices(number.shape))
    day = 7 * week + rng.choice(7, len(week), p=WEEKDAYS)
    hour = 24.0 * day + rng.normal(12.5, 2.8, len(week)).clip(6, 21.9)
    none = np.zeros(len(week), dtype=bool)
    return {"account": account, "hour": hour, "outbound": none | outbound, "outage": none}


def _outages(rng: np.random.Generator, there: Array, notices: Array) -> Mails:
    """Return the emails of outages, in which many accounts write to support at once."""
    days = rng.choice(DAYS, OUTAGES, replace=False)
    hit = (rng.random((len(there), OUTAGES)) < HIT * notices[:, None]) & there[:, days // 7]
    account, outage = np.nonzero(hit)
    hour = 24.0 * days[outage] + rng.uniform(7, 18, OUTAGES)[outage] + rng.exponential(2.0, len(outage))
    none = np.zeros(len(account), dtype=bool)
    return {"account": account, "hour": hour, "outbound": none, "outage": ~none}


def _conversations(
    rng: np.random.Generator, opened: Mails, habits: Habits, course: dict[str, Array]
) -> Mails:
    """Return each conversation email by email: answered, followed up, or dropped."""
    now = {**opened, "thread": np.arange(len(opened["hour"]))}
    mails = [now]
    for place in range(1, MOST_MAILS):
        account, week, hour = now["account"], _week(now["hour"]), now["hour"]
        from_us = ~now["outbound"]
        odds = np.where(from_us, WE_ANSWER, habits.reply[account] + course["reply"][account, week])
        answered = rng.random(len(hour)) < expit(odds) * (1.0 if place == 1 else GOES_ON)
        pace = np.where(
            from_us,
            habits.our_hours[account],
            habits.reply_hours[account] * np.exp(course["pace"][account, week]),
        )
        reply_at = _at_work(rng, hour + pace * np.exp(rng.normal(0, 1.0, len(hour))))
        asks = AGAIN + np.where(from_us, course["chasing"][account, week], 0.0)
        again = rng.random(len(hour)) < expit(asks)
        # A customer may follow up before the answer comes. Without an answer, either side may follow up.
        waits = answered & from_us & again & (reply_at - hour > 20)
        mails.append(_followed(now, waits, hour + (reply_at - hour) * rng.uniform(0.4, 0.9, len(hour))))
        nudged = _at_work(rng, hour + rng.uniform(24, 120, len(hour)))
        goes_on = answered | again
        outbound = np.where(answered, ~now["outbound"], now["outbound"])
        now = _followed({**now, "outbound": outbound}, goes_on, np.where(answered, reply_at, nudged))
        mails.append(now)
    return {name: np.concatenate([part[name] for part in mails]) for name in now}


def _followed(mails: Mails, which: Array, hour: Array) -> Mails:
    return {name: values[which] for name, values in {**mails, "hour": hour}.items()}


def _at_work(rng: np.random.Generator, hour: Array) -> Array:
    """Return times with most of the nights and weekends moved to the next working morning."""
    works_on = rng.random(len(hour)) < 0.08
    clock = hour % 24
    morning = 8 + rng.exponential(1.0, len(hour)).clip(0, 3)
    moved = np.where(
        clock < 7, hour - clock + morning, np.where(clock > 20, hour - clock + 24 + morning, hour)
    )
    weekday = moved // 24 % 7
    moved += np.where(weekday >= 5, 24 * (7 - weekday), 0)
    return np.where(works_on, hour, moved)


def _week(hour: Array) -> Array:
    return np.asarray((hour // 168).astype(np.int64).clip(0, WEEKS - 1))


def _described(
    rng: np.random.Generator, mails: Mails, habits: Habits, course: dict[str, Array], csm: Array
) -> Mails:
    """Return emails with senders, recipients, copies and urgency."""
    account, week, size = mails["account"], _week(mails["hour"]), len(mails["hour"])
    keen = rng.random(int(mails["thread"].max(initial=0)) + 1)[mails["thread"]]
    keen = np.where(rng.random(size) < HANDS_OVER, rng.random(size), keen)
    people = (habits.people[account] * np.exp(course["breadth"][account, week])).clip(1, SLOTS)
    slot = np.floor(keen**1.7 * people).astype(np.int64).clip(0, SLOTS - 1)
    # Holders of a job follow one another, at an age of its own.
    holder = (mails["hour"] / 24 + slot * 311 + account * 37) // habits.turnover_days[account]
    contact = (account * SLOTS + slot) * HOLDERS + holder.astype(np.int64) % HOLDERS
    ours = len(csm) * SLOTS * HOLDERS
    agent = ours + np.where(
        mails["support"],
        len(csm) + (mails["thread"] + (rng.random(size) < HANDS_OVER)) % AGENTS,
        csm[account],
    )
    urgent = habits.urgent[account] * np.exp(course["urgent"][account, week]) + 0.4 * mails["outage"]
    copied = habits.copied[account] * np.exp(course["copied"][account, week])
    outbound = mails["outbound"]
    return {
        **mails,
        "role": np.where(mails["support"], ROLES.index("support"), ROLES.index("cs")),
        "person": np.where(outbound, agent, contact),
        "addressee": np.where(outbound, -1, agent),
        "urgent": (rng.random(size) < urgent.clip(0, 0.6)) & ~outbound,
        "copied": rng.poisson(np.where(outbound, habits.copied[account], copied)),
    }


def _touches(mails: Mails, begin: dt.datetime) -> pl.DataFrame:
    roles = pl.Series(ROLES)
    return (
        pl.DataFrame(mails)
        .with_columns(
            sent_at=pl.lit(begin) + pl.duration(microseconds=(pl.col("hour") * 3.6e9).cast(pl.Int64)),
            role=roles.gather(mails["role"]),
            addressee=pl.when(pl.col("addressee") >= 0).then("addressee"),
            message=pl.int_range(pl.len()),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in TOUCH_SCHEMA.items())
        .sort("account", "thread", "sent_at", "outbound", "message")
    )
