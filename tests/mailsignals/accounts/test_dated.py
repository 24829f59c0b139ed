"""Facts of accounts with dates: what held, and what was known, at an instant."""

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from mailsignals.accounts.dated import (
    FACT_SCHEMA,
    changes,
    churn_dates,
    facts_at,
    known_facts,
    no_facts,
    steps,
)
from mailsignals.schema import BOOK_SCHEMA
from tests.mailsignals.accounts.oracle_facts import Fact, held, known

ZONE = "America/New_York"
START = dt.datetime(2026, 3, 1, 5, tzinfo=dt.UTC)
"""A midnight in New York; a week later the clock changes."""
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TIER = {"tier": pl.String()}
Rows = Mapping[str, Sequence[Fact]]


def book(**tiers: str | None) -> pl.DataFrame:
    """An account list with a tier for each account, which is called as its id."""
    rows = [
        {**dict.fromkeys(BOOK_SCHEMA), "account_id": name, "name": name, "tier": tier}
        for name, tier in tiers.items()
    ]
    return pl.DataFrame(rows, schema=BOOK_SCHEMA)


def frame(facts: Rows, field: str = "tier") -> pl.DataFrame:
    """The facts of a field of accounts."""
    rows = [
        (account, field, one.value, one.valid_from, one.seen_at)
        for account, ones in facts.items()
        for one in ones
    ]
    return pl.DataFrame(rows, schema=FACT_SCHEMA, orient="row")


INSTANTS = st.integers(-24 * 20, 24 * 20).map(lambda hours: START + hours * HOUR)
FACTS = st.builds(
    Fact,
    value=st.sampled_from(("gold", "silver", None)),
    valid_from=st.one_of(
        st.none(), st.integers(-20, 20).map(lambda days: START.date() + dt.timedelta(days=days))
    ),
    seen_at=INSTANTS,
)
HISTORIES = st.dictionaries(st.sampled_from("AB"), st.lists(FACTS, min_size=1, max_size=6), min_size=1)


@settings(deadline=None, max_examples=40)
@given(HISTORIES, st.lists(INSTANTS, min_size=1, max_size=4), st.randoms())
def test_the_engine_says_what_the_definitions_say(facts: Rows, ats: list[dt.datetime], order: object) -> None:
    """What held and what was known, in any order of rows, for values learnt early, late and without their past."""
    mixed = [
        (account, "tier", one.value, one.valid_from, one.seen_at)
        for account, ones in facts.items()
        for one in ones
    ]
    order.shuffle(mixed)  # type: ignore[attr-defined]  # a random.Random
    rows = pl.DataFrame(mixed, schema=FACT_SCHEMA, orient="row")
    listed = book(A="listed", B="listed")
    then = known_facts(rows, listed["account_id"], ats, timezone=ZONE, fields=TIER)
    for at in ats:
        several = {name: len({one.value for one in ones}) > 1 for name, ones in facts.items()}
        expected = [held(facts[name], at, ZONE) if several.get(name) else "listed" for name in "AB"]
        assert facts_at(rows, listed, at, timezone=ZONE)["tier"].to_list() == expected
        got = then.filter(pl.col("as_of") == at).sort("account")
        assert list(got.select("known_tier", "tier").iter_rows()) == [
            known(facts.get(name, ()), at, ZONE) for name in "AB"
        ]


@settings(deadline=None, max_examples=40)
@given(HISTORIES, INSTANTS, st.lists(INSTANTS, min_size=1, max_size=4))
def test_steps_are_what_holds(facts: Rows, at: dt.datetime, more: list[dt.datetime]) -> None:
    """The last step that has begun is the value that holds, and the first one holds before its time."""
    rows, listed = frame(facts), book(A="listed", B="listed")
    found = steps(rows, listed, "tier", timezone=ZONE)
    for moment in (at, *more):
        last = found.filter((pl.col("since") <= moment).fill_null(value=True)).group_by("account").last()
        values = dict(last.select("account", "value").iter_rows())
        then = facts_at(rows, listed, moment, timezone=ZONE)["tier"]
        assert [values.get(number, "listed") for number in range(2)] == then.to_list()


@settings(deadline=None, max_examples=40)
@given(HISTORIES, INSTANTS, FACTS, st.sampled_from("AB"))
def test_a_fact_later_than_an_instant_changes_nothing_there(
    facts: Rows, at: dt.datetime, later: Fact, account: str
) -> None:
    """Neither what was known then, nor, once there is a value, what held."""
    rows, listed = frame(facts), book(A=None, B=None)
    added = frame({account: [later]})
    both = pl.concat([rows, added])
    ids = listed["account_id"]
    if max(later.since(ZONE), later.seen_at) > at:
        before, after = (known_facts(one, ids, [at], timezone=ZONE, fields=TIER) for one in (rows, both))
        assert_frame_equal(before, after)
    begun = any(one.since(ZONE) <= at for one in facts.get(account, ()))
    if later.since(ZONE) > at and begun and len({one.value for one in facts[account]}) > 1:
        before, after = (facts_at(one, listed, at, timezone=ZONE) for one in (rows, both))
        assert_frame_equal(before, after)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(("gold", "silver", None)), min_size=1, max_size=6))
def test_each_reading_adds_what_changed(tiers: list[str | None]) -> None:
    """The same list again adds nothing, a value that comes back is a row of its own, and the first has no past."""
    facts = no_facts()
    for place, tier in enumerate(tiers):
        for again in range(2):
            at = START + place * DAY + again * HOUR
            new = changes(facts, book(A=tier), at=at, timezone=ZONE)
            assert again == 0 or new.is_empty()
            facts = pl.concat([facts, new])
    own = facts.filter(pl.col("field") == "tier").sort("seen_at")
    runs = [tier for place, tier in enumerate(tiers) if place == 0 or tier != tiers[place - 1]]
    assert own["value"].to_list() == runs
    assert own["valid_from"].is_null().to_list() == [True, *[False] * (len(runs) - 1)]
    for place, tier in enumerate(tiers):
        at = START + place * DAY + HOUR
        assert facts_at(facts, book(A=tiers[-1]), at, timezone=ZONE)["tier"].to_list() == [tier]


def test_a_change_holds_from_the_reading_on() -> None:
    """Not from the midnight before: what was promised that morning stays."""
    facts = changes(no_facts(), book(A="gold"), at=START, timezone=ZONE)
    noon = START + 3 * DAY + 12 * HOUR
    facts = pl.concat([facts, changes(facts, book(A="silver"), at=noon, timezone=ZONE)])
    tiers = [
        facts_at(facts, book(A="silver"), at, timezone=ZONE)["tier"].item() for at in (noon - HOUR, noon)
    ]
    assert tiers == ["gold", "silver"]


def test_values_keep_their_types() -> None:
    """Amounts, days and further columns come back as the list has them, whatever columns are called."""
    day = dt.date(2025, 4, 1)
    full = book(A="gold").with_columns(
        arr=pl.lit(1234.5), renewal_on=pl.lit(day), then=pl.lit("x"), dated=pl.lit("y"), value=pl.lit("z")
    )
    facts = changes(no_facts(), full, at=START, timezone=ZONE)
    other = full.with_columns(
        arr=pl.lit(1e15), renewal_on=pl.lit(None, pl.Date), then=pl.lit(None, pl.String), value=pl.lit("w")
    )
    facts = pl.concat([facts, changes(facts, other, at=START + DAY, timezone=ZONE)])
    assert_frame_equal(facts_at(facts, other, START, timezone=ZONE), full)
    assert_frame_equal(facts_at(facts, other, START + DAY, timezone=ZONE), other)


def test_an_account_that_is_no_longer_listed_is_left_out() -> None:
    """Its facts stay, and nobody else gets them; a column that is gone is no column again."""
    facts = frame({"gone": [Fact(value="x", valid_from=None, seen_at=START)]})
    facts = pl.concat([facts, frame({"gone": [Fact(value="y", valid_from=START.date(), seen_at=START)]})])
    listed = book(A="gold")
    assert_frame_equal(facts_at(facts, listed, START + DAY, timezone=ZONE), listed)
    stage = facts.with_columns(account_id=pl.lit("A"), field=pl.lit("stage"))
    assert_frame_equal(facts_at(stage, listed, START + DAY, timezone=ZONE), listed)


def churned(*facts: Fact) -> pl.DataFrame:
    """The churn dates of one account."""
    return frame({"A": facts}, "churned_on")


@pytest.mark.parametrize(
    ("facts", "as_of", "seen_at"),
    [
        # The first list ever read: nobody knows when it was written there.
        ([Fact(value="2026-02-01", valid_from=None, seen_at=START)], START - DAY, "2026-02-01T05:00Z"),
        ([Fact(value="2026-02-01", valid_from=None, seen_at=START)], START - 40 * DAY, None),
        # A date to come was known when the list was read.
        ([Fact(value="2026-05-01", valid_from=None, seen_at=START)], START, "2026-03-01T05:00Z"),
        # A date entered late was learnt late.
        (
            [
                Fact(value=None, valid_from=None, seen_at=START),
                Fact(value="2026-02-01", valid_from=START.date() + dt.timedelta(9), seen_at=START + 9 * DAY),
            ],
            START + 9 * DAY,
            "2026-03-10T05:00Z",
        ),
        (
            [
                Fact(value=None, valid_from=None, seen_at=START),
                Fact(value="2026-02-01", valid_from=START.date() + dt.timedelta(9), seen_at=START + 9 * DAY),
            ],
            START + 8 * DAY,
            None,
        ),
        # Who came back has not left.
        (
            [
                Fact(value="2026-02-01", valid_from=None, seen_at=START),
                Fact(value=None, valid_from=START.date() + dt.timedelta(9), seen_at=START + 9 * DAY),
            ],
            START + 10 * DAY,
            None,
        ),
        # The same date again is no news.
        (
            [
                Fact(value="2026-02-01", valid_from=dt.date(2026, 2, 3), seen_at=START - 20 * DAY),
                Fact(value="2026-02-01", valid_from=None, seen_at=START),
            ],
            START + DAY,
            "2026-02-09T05:00Z",
        ),
    ],
)
def test_a_churn_date_has_an_instant_at_which_it_was_learnt(
    facts: list[Fact], as_of: dt.datetime, seen_at: str | None
) -> None:
    """Labels need it: a departure that nobody had heard of is no departure yet."""
    found = churn_dates(churned(*facts), as_of, timezone=ZONE)["seen_at"].to_list()
    assert found == ([] if seen_at is None else [dt.datetime.fromisoformat(seen_at)])
