"""Levels follow what a CSM can act on."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.risk.levels import LEVELS, level
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
