"""Simulated companies at paces like real ones: who writes seldom, pauses, lapses and leaves, world by world."""

import dataclasses
import datetime as dt
import functools

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from benchmarks.scenarios import BEGIN, CALM, END, LIVELY, THINNED, WORLDS, Simulated, simulate
from mailsignals.demo.paces import Pace
from mailsignals.schema import BOOK_SCHEMA

pytestmark = pytest.mark.slow

SIZES = {
    "calm/faint": 85485,
    "calm/mid": 85252,
    "calm/loud": 84615,
    "calm/strong": 84743,
    "calm/angry": 86058,
}
"""Touches of a hundred customers, as they were before there were other worlds."""
HORIZON = dt.timedelta(days=90)
ORIGINS = [END.date() - HORIZON - dt.timedelta(days=1 + 56 * number) for number in range(6)]


@functools.cache
def company(name: str) -> Simulated:
    """A company of a world."""
    return simulate(WORLDS[name], accounts=1500, seed=1)


@functools.cache
def inbound_days(name: str) -> pl.DataFrame:
    """``account`` and ``day``, each day on which it wrote."""
    theirs = company(name).touches.filter(~pl.col("outbound"))
    return theirs.select("account", day=pl.col("sent_at").dt.date()).unique().sort("account", "day")


def accounts(name: str) -> pl.DataFrame:
    """The account list with ``account`` and ``pace``."""
    found = company(name)
    return found.book.with_columns(account=pl.int_range(pl.len()).cast(pl.UInt32), pace=pl.Series(found.pace))


def quarters(name: str) -> pl.DataFrame:
    """Customers of 90 days or more at six instants: ``recent``, ``writes`` in the next 90 days, ``leaves`` in them."""
    parts = []
    for at in ORIGINS:
        near = inbound_days(name).filter(pl.col("day").is_between(at - HORIZON, at + HORIZON))
        seen = near.group_by("account").agg(
            recent=(pl.col("day") <= at).any(), writes=(pl.col("day") > at).any()
        )
        there = accounts(name).filter(
            pl.col("started_on") <= at - HORIZON, pl.col("churned_on").is_null() | (pl.col("churned_on") > at)
        )
        leaves = (pl.col("churned_on") <= at + HORIZON).fill_null(value=False)
        parts.append(there.with_columns(leaves=leaves).join(seen, on="account", how="left"))
    return pl.concat(parts).with_columns(pl.col("recent", "writes").fill_null(value=False))


def seldom(name: str) -> float:
    """The share of accounts that write less than one mail a week."""
    theirs = company(name).touches.filter(~pl.col("outbound")).group_by("account").len()
    last = pl.col("churned_on").fill_null(END.date())
    weeks = (last - pl.max_horizontal("started_on", pl.lit(BEGIN.date()))).dt.total_days() / 7
    rate = accounts(name).join(theirs, on="account", how="left").select(pl.col("len").fill_null(0) / weeks)
    return float((rate.to_series() < 1).mean())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [
        ("calm", 0.0, 0.03),
        ("daily", 0.0, 0.03),
        ("mixed", 0.5, 0.65),
        ("monthly", 0.85, 1.0),
        ("thinned", 0.95, 1.0),
    ],
)
def test_the_share_of_accounts_under_a_mail_a_week(kind: str, least: float, most: float) -> None:
    """None of those who write daily, half or more of a mixed portfolio, nearly all where customers write monthly."""
    for name in WORLDS:
        if name.startswith(f"{kind}/"):
            assert least <= seldom(name) <= most, name


@pytest.mark.parametrize(
    ("name", "silent", "lapsed"),
    [
        ("calm/mid", (0.0, 0.003), (0.0, 0.003)),
        ("daily/mid", (0.003, 0.03), (0.004, 0.04)),
        ("thinned/mid", (0.05, 0.2), (0.05, 0.2)),
        ("mixed/mid", (0.08, 0.2), (0.12, 0.26)),
        ("mixed/apart", (0.08, 0.2), (0.12, 0.26)),
        ("monthly/fading", (0.15, 0.3), (0.2, 0.36)),
    ],
)
def test_the_share_of_customers_silent_for_90_days(
    name: str, silent: tuple[float, float], lapsed: tuple[float, float]
) -> None:
    """Of who wrote within 90 days and stays, so many fall silent; of all, so many have been silent for 90 days."""
    found = quarters(name)
    recent = found.filter("recent", ~pl.col("leaves"))
    assert silent[0] <= 1 - recent["writes"].mean() <= silent[1]  # type: ignore[operator]
    assert lapsed[0] <= 1 - found["recent"].mean() <= lapsed[1]  # type: ignore[operator]


@pytest.mark.parametrize("name", ["daily/mid", "mixed/mid", "monthly/fading"])
def test_pauses_end(name: str) -> None:
    """Of customers silent for over 90 days, between 40 and 85% write again within the next 90."""
    silent = quarters(name).filter(~pl.col("recent"), ~pl.col("leaves"))
    assert silent.height > 15
    assert 0.4 < silent["writes"].mean() < 0.85  # type: ignore[operator]


def ends(name: str) -> pl.DataFrame:
    """Customers of a year or more: active days a day in 90 days before the end (``last``), and of a year (``usual``).

    The end is that of those who left (``left``), and a day at random of the others.
    """
    days = pl.Series(np.random.default_rng(0).integers(400, 760, 1500))
    known = accounts(name).with_columns(
        end=pl.coalesce("churned_on", pl.lit(BEGIN.date()) + pl.duration(days=pl.lit(days))),
        left=pl.col("churned_on").is_not_null(),
    )
    known = known.filter(
        pl.col("end") > BEGIN.date() + dt.timedelta(days=400), pl.col("started_on") < BEGIN.date()
    )
    before = (pl.col("end") - pl.col("day")).dt.total_days()
    return (
        known.join(inbound_days(name), on="account")
        .group_by("account", "left")
        .agg(
            last=before.is_between(15, 105).sum().alias("last") / 90,
            usual=before.is_between(200, 400).sum() / 200,
        )
    )


def fading(rows: pl.DataFrame) -> float:
    """The share that wrote on less than half of its usual days at the end."""
    return float(rows.select((pl.col("last") < pl.col("usual") / 2).mean()).item())


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("calm/mid", 0.1, 0.3),
        ("calm/strong", 0.28, 0.5),
        ("mixed/strong", 0.38, 0.6),
        ("monthly/fading", 0.48, 0.75),
    ],
)
def test_some_leavers_fade_and_some_do_not(name: str, least: float, most: float) -> None:
    """So many write half of their usual or less before they leave; of who stays, far fewer do."""
    rows = ends(name)
    assert least < fading(rows.filter("left")) < most
    assert fading(rows.filter(~pl.col("left"))) < fading(rows.filter("left")) - 0.1


def test_where_churn_is_apart_from_pace_leavers_write_as_others_do() -> None:
    """As many of them as of those who stay wrote less at the end, and all together wrote as much as before."""
    rows = ends("mixed/apart")
    leavers = rows.filter("left")
    assert abs(fading(leavers) - fading(rows.filter(~pl.col("left")))) < 0.1
    assert 0.8 < float(leavers["last"].sum()) / float(leavers["usual"].sum()) < 1.25


def test_mail_of_seldom_writers_comes_in_bursts() -> None:
    """Active days of monthly writers in four weeks vary at least 1.5 times as much as chance would have it."""
    steady = accounts("mixed/mid").filter(pl.col("pace") == Pace.MONTHLY, pl.col("churned_on").is_null())
    month = ((pl.col("day") - BEGIN.date()).dt.total_days() // 28).alias("month")
    days = inbound_days("mixed/mid").join(steady, on="account", how="semi")
    wide = days.group_by("account", month).len().pivot("month", index="account", values="len")
    counts = wide.drop("account").fill_null(0).to_numpy()
    assert np.median(counts.var(axis=1, ddof=1) / counts.mean(axis=1)) > 1.5


def test_the_same_seed_gives_the_same_company_in_every_world() -> None:
    """Mail, account list, history and paces."""
    for name, world in {**LIVELY, **THINNED}.items():
        one, again = (simulate(world, accounts=50, seed=4) for _ in range(2))
        for field in ("book", "history", "touches"):
            assert_frame_equal(getattr(one, field), getattr(again, field))
        assert (one.pace == again.pace).all(), name


def test_the_present_worlds_are_what_they_were() -> None:
    """Figures of before can be compared: a calm world has no portfolio, keeps all mail, and shows every habit."""
    for world in CALM.values():
        assert world == dataclasses.replace(world, portfolio=None, kept=1.0)
    sizes = {name: simulate(world, accounts=100, seed=1).touches.height for name, world in CALM.items()}
    assert sizes == SIZES


def test_churn_dates_are_entered_late() -> None:
    """A third or more are entered a week to eight weeks after the fact, and until then the list has no such date."""
    found = company("mixed/mid")
    churned = found.history.filter(pl.col("field") == "churned_on")
    late = (churned["seen_at"].dt.date() - churned["valid_from"]).dt.total_days()
    assert 0.3 < (late >= 7).mean() < 0.6  # type: ignore[operator]
    assert late.is_between(0, 56).all()
    at = BEGIN + dt.timedelta(days=500)
    listed = found.listed(at)
    known = set(churned.filter(pl.col("seen_at") <= at)["account_id"])
    assert set(listed.drop_nulls("churned_on")["account_id"]) == known
    left = set(found.book.filter(pl.col("churned_on") <= at.date())["account_id"])
    assert known < left


def test_the_list_of_the_end_betrays_who_has_left() -> None:
    """Revenue of 0 stands at departed customers, all of them and nobody else, once that is entered."""
    listed = company("mixed/mid").listed(END + dt.timedelta(days=100))
    assert listed.schema == BOOK_SCHEMA
    assert ((listed["arr"] == 0) == listed["churned_on"].is_not_null()).all()


def test_fields_of_customers_change() -> None:
    """Tiers, CSMs and revenue: an earlier value differs for some, and the last one is the list's."""
    found = company("mixed/mid")
    before, after = found.listed(BEGIN + dt.timedelta(days=30)), found.book
    stay = pl.Series(after["churned_on"].is_null() & (after["started_on"] < BEGIN.date()))
    for field, least in (("tier", 0.01), ("csm", 0.08), ("arr", 0.3)):
        changed = (before[field] != after[field]).filter(stay)
        assert least < changed.mean() < 0.9, field  # type: ignore[operator]
    last = found.listed(END)
    for field in ("tier", "csm", "arr", "renewal_on", "started_on"):
        assert (last[field].eq_missing(after[field])).filter(stay).all(), field
