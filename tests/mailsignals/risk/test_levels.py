"""Levels follow what a CSM can act on."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.risk.levels import LEVELS, alarm_level, level
from models.scorecard import percentile_score

_RAW = st.one_of(st.none(), st.integers(-5, 5).map(float), st.floats(-3, 3))
_ACCOUNTS = st.lists(st.tuples(_RAW, st.sampled_from((None, "ana", "bob", "cy"))), max_size=30)


def levelled(
    accounts: list[tuple[float | None, str | None]], *, high_score: float, most: int
) -> pl.DataFrame:
    """The accounts, by raw score and CSM, with score and level."""
    frame = pl.DataFrame(accounts, schema={"raw_score": pl.Float64, "csm": pl.String}, orient="row")
    return (
        frame.with_row_index("account")
        .with_columns(score=percentile_score(pl.col("raw_score")))
        .with_columns(level=level(high_score=high_score, accounts_per_csm=most))
    )


@settings(deadline=None, max_examples=60)
@given(_ACCOUNTS, st.sampled_from((0.0, 50.0, 80.0, 100.0)), st.integers(1, 4))
def test_levels_keep_to_the_capacity(
    accounts: list[tuple[float | None, str | None]], high_score: float, most: int
) -> None:
    """Each CSM's riskiest few from the mark on are high, the others from there on medium, the rest low.

    Who has no score has no level; those without a CSM share one CSM's capacity.
    """
    rows = levelled(accounts, high_score=high_score, most=most).to_dicts()
    for csm in {row["csm"] for row in rows}:
        mine = [row for row in rows if row["csm"] == csm]
        risky = [row for row in mine if row["score"] is not None and row["score"] >= high_score]
        risky.sort(key=lambda row: (-row["raw_score"], row["account"]))
        assert [row["level"] for row in risky] == ["high"] * min(most, len(risky)) + ["medium"] * (
            len(risky) - most
        )
        rest = [row for row in mine if row not in risky]
        assert [row["level"] for row in rest] == [None if row["score"] is None else "low" for row in rest]
    assert {row["level"] for row in rows} <= {*LEVELS, None}


def test_a_score_at_the_mark_is_risky() -> None:
    """Of five accounts the riskiest has a score of exactly 80, which is high."""
    found = levelled([(float(place), "ana") for place in range(5)], high_score=80.0, most=5)
    assert found["score"].to_list() == [0.0, 20.0, 40.0, 60.0, 80.0]
    assert found["level"].to_list() == ["low", "low", "low", "low", "high"]


def test_a_tie_at_the_capacity_goes_to_who_stands_first_in_the_book() -> None:
    """Two accounts with one score are not both high if there is room for one."""
    found = levelled([(0.0, "ana"), (2.0, "ana"), (2.0, "ana"), (1.0, "bob")], high_score=60.0, most=1)
    assert found["level"].to_list() == ["low", "high", "medium", "low"]


def with_alarms(*rows: tuple[float | None, bool | None, bool | None, str]) -> list[str | None]:
    """The levels of accounts with a probability, an alarm, whether one is near, and a CSM; two a CSM may be high."""
    frame = pl.DataFrame(rows, schema=["risk", "alarm", "near", "csm"], orient="row").with_row_index(
        "account"
    )
    return frame.select(alarm_level(accounts_per_csm=2)).to_series().to_list()


def test_an_alarm_makes_the_level_and_capacity_bounds_it() -> None:
    """Of a CSM's alarms the riskiest few are high; the others, and who is near an alarm, are medium."""
    assert with_alarms(
        (0.3, True, True, "ana"),
        (0.2, True, True, "ana"),
        (0.25, True, True, "ana"),
        (0.9, False, True, "ana"),
        (0.2, True, True, "bo"),
        (0.01, False, False, "bo"),
        (None, False, False, "bo"),
    ) == ["high", "medium", "high", "medium", "high", "low", None]


def test_who_is_gone_takes_nobodys_place() -> None:
    """Accounts that are not judged, however many, leave a CSM's places to those that are."""
    gone = [(None, None, None, "ana")] * 3
    assert with_alarms(*gone, (0.3, True, True, "ana")) == [None, None, None, "high"]


def test_an_alarm_that_stands_keeps_its_level_below_where_it_opened() -> None:
    """The level follows the alarm rather than the day's probability, so that it does not flicker."""
    assert with_alarms((0.1, True, True, "ana"), (0.15, False, True, "ana")) == ["high", "medium"]
