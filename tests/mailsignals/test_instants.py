"""What is in sight at which instant, against a look at every fact at every instant."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.schema import INSTANT
from mailsignals.signals.instants import Instants

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ACCOUNTS = (2, 0, 1)
"""Of which one may have no facts; not in order."""
LAW = settings(deadline=None, max_examples=25)


class Fact(NamedTuple):
    """Something that is in sight from ``since`` until just before ``until``."""

    account: int
    person: int
    since: dt.datetime
    until: dt.datetime | None
    amount: int


# Few distinct hours, so that boundaries and instants coincide.
_HOURS = st.integers(0, 12).map(lambda hours: START + dt.timedelta(hours=hours))
_FACTS = st.lists(
    st.builds(
        Fact,
        st.integers(0, 2),
        st.integers(0, 2),
        _HOURS,
        st.one_of(st.none(), _HOURS),
        st.integers(-3, 3),
    ),
    max_size=12,
)
_INSTANTS = st.lists(_HOURS, min_size=1, max_size=6)


def frame(facts: Iterable[Fact]) -> pl.LazyFrame:
    """The facts as the module wants them; an ``until`` that is null never comes."""
    schema: dict[str, type[pl.DataType] | pl.DataType] = {
        "account": pl.UInt32,
        "person": pl.UInt32,
        "since": INSTANT,
        "until": INSTANT,
        "amount": pl.Int64,
    }
    return pl.DataFrame(list(facts), schema=schema, orient="row").lazy()


SINCE, UNTIL = pl.col("since"), pl.col("until").fill_null(START + dt.timedelta(days=9))


def in_sight(fact: Fact, at: dt.datetime) -> bool:
    """The definition."""
    return fact.since <= at and (fact.until is None or at < fact.until)


def asked(instants: Iterable[dt.datetime]) -> list[dt.datetime]:
    """In order, without repeats."""
    return sorted(set(instants))


@LAW
@given(_FACTS, _INSTANTS)
def test_a_tally_adds_up_what_is_in_sight(facts: list[Fact], at: list[dt.datetime]) -> None:
    """Once it is on the grid, a tally is the sum over the facts in sight, 0 where there are none."""
    instants = Instants.of(at)
    tally = instants.tally(
        frame(facts), since=SINCE, until=UNTIL, amounts={"all": pl.lit(1), "worth": pl.col("amount")}
    )
    found = instants.on_grid(pl.Series(ACCOUNTS, dtype=pl.UInt32), [tally.collect()])
    expected = [
        (account, number, moment, float(len(seen)), float(sum(fact.amount for fact in seen)))
        for account in sorted(ACCOUNTS)
        for number, moment in enumerate(asked(at))
        for seen in [[fact for fact in facts if fact.account == account and in_sight(fact, moment)]]
    ]
    assert found.select("account", "instant", "as_of", "all", "worth").rows() == expected


@LAW
@given(_FACTS, _INSTANTS)
def test_a_stack_repeats_each_fact_wherever_it_is_in_sight(facts: list[Fact], at: list[dt.datetime]) -> None:
    """A fact has one row for every instant at which it is in sight, with that instant."""
    stacked = Instants.of(at).stack(frame(facts), since=SINCE, until=UNTIL).collect()
    found = Counter(stacked.select("account", "person", "amount", "instant", "as_of").rows())
    expected = Counter(
        (fact.account, fact.person, fact.amount, number, moment)
        for number, moment in enumerate(asked(at))
        for fact in facts
        if in_sight(fact, moment)
    )
    assert found == expected


@LAW
@given(_FACTS, _INSTANTS)
def test_counts_tell_what_each_group_has_and_had(facts: list[Fact], at: list[dt.datetime]) -> None:
    """Spread over the instants, the counts are those of a look; ``before`` is the count at the change before."""
    instants = Instants.of(at)
    counted = instants.counts(
        frame(facts),
        ["account", "person"],
        {
            "all": (SINCE, UNTIL),
            "ever": (SINCE, pl.lit(None, dtype=INSTANT).fill_null(START + dt.timedelta(9))),
        },
    )
    spread = instants.spread(counted).collect()
    found = {
        row[:3]: row[3:]
        for row in spread.select("account", "person", "instant", "all", "ever").rows()
        if row[3] or row[4]
    }
    expected = {
        (account, person, number): (
            sum(in_sight(fact, moment) for fact in mine),
            sum(fact.since <= moment for fact in mine),
        )
        for account in range(3)
        for person in range(3)
        for mine in [[fact for fact in facts if (fact.account, fact.person) == (account, person)]]
        for number, moment in enumerate(asked(at))
        if any(fact.since <= moment for fact in mine)
    }
    assert {key: value for key, value in found.items() if key in expected} == found
    assert {key: found.get(key, (0, 0)) for key in expected} == expected
    _assert_before_is_what_was(counted.sort("account", "person", "instant").collect())


def _assert_before_is_what_was(counted: pl.DataFrame) -> None:
    was: dict[tuple[int, int], int] = {}
    for row in counted.iter_rows(named=True):
        group = (row["account"], row["person"])
        assert row["before all"] == was.get(group, 0)
        assert row["instant"] < row["past"]
        was[group] = row["all"]


@LAW
@given(_FACTS, _INSTANTS)
def test_the_latest_is_carried_forward(facts: list[Fact], at: list[dt.datetime]) -> None:
    """On the grid the latest moment is the newest one up to each instant, null before the first."""
    instants = Instants.of(at)
    latest = instants.latest(frame(facts), pl.col("since"), "last_at").collect()
    found = instants.on_grid(pl.Series(ACCOUNTS, dtype=pl.UInt32), [latest])
    expected = [
        (account, max((f.since for f in facts if f.account == account and f.since <= moment), default=None))
        for account in sorted(ACCOUNTS)
        for moment in asked(at)
    ]
    assert found.select("account", "last_at").rows() == expected


@pytest.mark.slow
@LAW
@given(_FACTS, _INSTANTS)
def test_many_instants_at_once_are_each_one_alone(facts: list[Fact], at: list[dt.datetime]) -> None:
    """What is said of an instant does not depend on which others are asked for."""

    def grid(moments: Sequence[dt.datetime]) -> pl.DataFrame:
        instants = Instants.of(moments)
        plans = [
            instants.tally(frame(facts), since=SINCE, until=UNTIL, amounts={"all": pl.lit(1)}),
            instants.latest(frame(facts), pl.col("since"), "last_at"),
            instants.stack(frame(facts), since=SINCE, until=UNTIL)
            .group_by("account", "instant")
            .agg(longest=(pl.col("as_of") - pl.col("since")).max()),
        ]
        found = instants.on_grid(pl.Series(ACCOUNTS, dtype=pl.UInt32), pl.collect_all(plans))
        return found.drop("instant").sort("account", "as_of")

    alone = pl.concat(grid([moment]) for moment in asked(at)).sort("account", "as_of")
    assert grid(at).equals(alone)


def test_the_boundaries_of_a_window() -> None:
    """A fact is in sight at the very instant at which it begins, and no more at that at which it ends."""
    fact = Fact(0, 0, START, START + dt.timedelta(hours=2), 1)
    tick = dt.timedelta(microseconds=1)
    moments = [
        fact.since - tick,
        fact.since,
        START + dt.timedelta(hours=2) - tick,
        START + dt.timedelta(hours=2),
    ]
    for chosen in ([moment] for moment in moments):
        instants = Instants.of(chosen)
        tally = instants.tally(frame([fact]), since=SINCE, until=UNTIL, amounts={"all": pl.lit(1)}).collect()
        found = instants.on_grid(pl.Series([0], dtype=pl.UInt32), [tally])["all"].to_list()
        assert found == [float(in_sight(fact, chosen[0]))]


def test_instants_are_sorted_and_told_once_in_utc() -> None:
    """However they are given, instants stand in order, without repeats, in UTC."""
    east = dt.timezone(dt.timedelta(hours=2))
    given_instants = [START + dt.timedelta(hours=1), START, START.astimezone(east)]
    assert Instants.of(given_instants).as_of.to_list() == [START, START + dt.timedelta(hours=1)]


def test_an_instant_without_a_time_zone_is_refused() -> None:
    """Nobody knows when a local clock without a place shows an hour."""
    with pytest.raises(ValueError, match="time zone"):
        Instants.of([START.replace(tzinfo=None)])
