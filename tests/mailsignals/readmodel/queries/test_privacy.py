"""Figures of people that may be shown."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.config.privacy import People
from mailsignals.readmodel.queries.privacy import LEAST, parts_to_show, rows_of

GROUPS = ("support", "customer success", "other")
WEEKS = 4


def people_of(**sizes: int) -> pl.DataFrame:
    """So many people in each group."""
    rows = [(f"{group}{number}@x.test", group) for group, size in sizes.items() for number in range(size)]
    return pl.DataFrame(rows, schema={"person": pl.String, "group": pl.String}, orient="row")


def shown(people: pl.DataFrame, rule: People, viewer: str | None = None) -> dict[str, int]:
    """The rows of a table, with how many people are counted in each."""
    found = rows_of(people, rule, viewer)
    counted = found.group_by("who").agg(pl.col("person").n_unique(), pl.col("people").first())
    assert counted["person"].to_list() == counted["people"].to_list()
    return dict(counted.select("who", "people").sort("who").iter_rows())


def test_by_all_each_person_has_a_row() -> None:
    """Nobody is grouped, however few there are."""
    assert shown(people_of(cs=2), "all") == {"cs0@x.test": 1, "cs1@x.test": 1}


def test_by_team_nobody_has_a_row_of_their_own() -> None:
    """Whoever looks has none either."""
    assert shown(people_of(cs=LEAST), "team", "cs0@x.test") == {"cs": LEAST}


def test_by_self_whoever_looks_has_a_row_besides() -> None:
    """They are counted in their group as well; the case of the address does not matter."""
    assert shown(people_of(cs=LEAST), "self", "CS0@x.test") == {"cs": LEAST, "cs0@x.test": 1}


def test_whoever_does_not_sign_in_has_no_row() -> None:
    """On a dashboard without sign-in nobody is oneself."""
    assert shown(people_of(cs=LEAST), "self") == {"cs": LEAST}


def test_small_groups_are_counted_together() -> None:
    """Three and two people make a group of five."""
    assert shown(people_of(cs=LEAST, support=3, other=2), "team") == {"cs": LEAST, "others": 5}


def test_who_is_too_few_even_so_joins_the_smallest_large_group() -> None:
    """Else the whole less the large groups would be theirs."""
    found = shown(people_of(cs=LEAST + 2, support=LEAST, other=1), "team")
    assert found == {"cs": LEAST + 2, "support and others": LEAST + 1}


def test_all_together_too_few() -> None:
    """Nothing is shown then, except one's own."""
    assert shown(people_of(cs=3, support=1), "team") == {}
    assert shown(people_of(cs=3, support=1), "self", "cs1@x.test") == {"cs1@x.test": 1}


def test_a_week_of_few_is_left_out_together_with_another() -> None:
    """One week alone would follow from the quarter and the other weeks."""
    rows = [("cs", week, f"p{number}", False) for week in range(3) for number in range(LEAST + week)]
    rows += [("cs", 3, "p0", False)]
    contributions = pl.DataFrame(rows, schema=["who", "part", "person", "single"], orient="row")
    assert parts_to_show(contributions)["part"].to_list() == [1, 2]


def test_one_s_own_weeks_stay() -> None:
    """Of a single person who may be seen all parts may be seen."""
    contributions = pl.DataFrame({"who": "a", "part": [0, 2], "person": "a", "single": True})
    assert parts_to_show(contributions)["part"].to_list() == [0, 2]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(GROUPS), min_size=1, max_size=14),
    st.data(),
    st.sampled_from(["team", "self"]),
)
def test_nobody_else_s_figure_can_be_worked_out(groups: list[str], data: st.DataObject, rule: People) -> None:
    """No sum or difference of what is shown, and of what whoever looks knows of themselves, is of one other person.

    What is shown is written as vectors over what each person did in each week; a figure can be worked out if its
    vector is a combination of these.
    """
    people = pl.DataFrame({"person": [f"p{n}" for n in range(len(groups))], "group": groups})
    worked = data.draw(
        st.lists(
            st.lists(st.booleans(), min_size=WEEKS, max_size=WEEKS),
            min_size=len(groups),
            max_size=len(groups),
        )
    )
    did = [(f"p{n}", week) for n, weeks in enumerate(worked) for week in range(WEEKS) if weeks[week]]
    place = {cell: number for number, cell in enumerate(did)}
    if not did:
        return
    viewer = "p0"
    work = pl.DataFrame(did, schema={"person": pl.String, "part": pl.Int64}, orient="row")
    active = people.filter(pl.col("person").is_in(work["person"].unique().implode()))
    counted = work.join(rows_of(active, rule, viewer), on="person")
    kept = counted.join(parts_to_show(counted), on=["who", "part"])

    def vector(cells: pl.DataFrame) -> np.ndarray:
        found = np.zeros(len(did))
        found[[place[cell] for cell in cells.select("person", "part").iter_rows()]] = 1
        return found

    known = [vector(rows) for _, rows in counted.group_by("who")]
    known += [vector(rows) for _, rows in kept.group_by("who", "part")]
    known += [
        vector(work.filter(pl.col("person") == viewer, pl.col("part") == week)) for week in range(WEEKS)
    ]
    basis = np.array(known)
    rank = np.linalg.matrix_rank(basis)
    for (person,), own in work.filter(pl.col("person") != viewer).group_by("person"):
        wanted = [own, *(own.filter(pl.col("part") == week) for week in own["part"])]
        for cells in wanted:
            assert np.linalg.matrix_rank(np.vstack([basis, vector(cells)])) > rank, person


@pytest.mark.parametrize("rule", ["team", "self"])
def test_a_law_that_can_fail(rule: People) -> None:
    """The smallest table with two groups of which one is small does not show the other alone."""
    assert "cs" not in shown(people_of(cs=LEAST, other=1), rule)
