"""Compliance by the clock on the wall: the same targets, counted as if every calendar were always open."""

import dataclasses
from collections.abc import Mapping, Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.readmodel.queries.ticket_counts import STATES
from mailsignals.readmodel.tables.tickets import by_both_clocks, on_clock
from mailsignals.sla.compliance import By, Period, compliance_of
from mailsignals.sla.promises import FIGURES
from tests.mailsignals.archives import archives_and_instants
from tests.mailsignals.companies import DAY, RULES
from tests.mailsignals.sla.engine import Company
from tests.mailsignals.sla.office import BERLIN, GOLD, at, desk, they, we
from tests.mailsignals.sla.oracle_tickets import Promise
from tests.mailsignals.sla.test_desk import promised

JUDGED = ["conversation", "figure", "started_at", "due_at", "verdict", "off_hours", "near_miss"]


def without_calendars(promises: Mapping[str, Sequence[Promise]]) -> dict[str, list[Promise]]:
    """The same targets, round the clock."""
    return {
        tier: [dataclasses.replace(one, calendar=()) for one in versions]
        for tier, versions in promises.items()
    }


def both(company: Company) -> pl.DataFrame:
    """The cases as the edition has them."""
    return by_both_clocks(company.desk.cases, company.promises, as_of=company.desk.as_of)


def test_a_night_is_free_in_the_calendar_and_not_on_the_wall() -> None:
    """Asked on Monday at 17:00, answered on Tuesday at 9:30: one open hour of four, and sixteen and a half hours."""
    company = desk([they("2026-03-02 17:00"), we("2026-03-03 09:30")], "2026-03-10 00:00")
    first = both(company).filter(figure="first_response")
    (calendar,) = on_clock(first.lazy(), "calendar").collect().to_dicts()
    (wall,) = on_clock(first.lazy(), "wall").collect().to_dicts()
    assert (calendar["verdict"], calendar["due_at"]) == ("met", at("2026-03-03 13:30"))
    assert (wall["verdict"], wall["due_at"]) == ("breached", at("2026-03-02 21:00"))
    assert (wall["hours"], wall["business_hours"]) == (16.5, 1.0)


def test_what_took_no_open_hour_is_judged_on_the_wall_as_well() -> None:
    """Asked and answered on a Saturday is off hours in the calendar; on the wall five hours are too many."""
    company = desk([they("2026-03-07 10:00"), we("2026-03-07 15:00")], "2026-03-20 00:00")
    first = both(company).filter(figure="first_response")
    period = Period(since=at("2026-03-01 00:00"), until=at("2026-04-01 00:00"))
    found = {
        clock: compliance_of(on_clock(first.lazy(), clock), period, by=By.TIER, timezone=BERLIN).row(
            0, named=True
        )
        for clock in ("calendar", "wall")
    }
    assert [
        (found[clock]["met"], found[clock]["breached"], found[clock]["off_hours"]) for clock in found
    ] == [
        (1, 0, 1),
        (0, 1, 0),
    ]


@pytest.mark.slow
@settings(deadline=None, max_examples=12)
@given(st.data())
def test_the_wall_is_a_desk_without_calendars(data: st.DataObject) -> None:
    """Random mail and promises that change: every verdict is that of a desk whose tiers have no calendar."""
    messages, (as_of, *_) = data.draw(archives_and_instants(most=25, instants=1))
    promises, tier_of = data.draw(promised(messages[len(messages) // 2].sent_at))
    company = Company(messages, RULES, as_of=as_of, promises=promises, tier_of=tier_of)
    free = Company(messages, RULES, as_of=as_of, promises=without_calendars(promises), tier_of=tier_of)
    wall = on_clock(both(company).lazy(), "wall").select(JUDGED).collect()
    assert wall.equals(free.desk.cases.select(JUDGED))


@pytest.mark.slow
@settings(deadline=None, max_examples=20)
@given(st.data())
def test_every_number_of_a_table_counts_what_its_state_lists(data: st.DataObject) -> None:
    """Random companies, by both clocks, by tier, account and agent: a state lists as many as the table says."""
    messages, (as_of, *_) = data.draw(archives_and_instants(most=25, instants=1))
    tier_of = {"A": "gold", "B": "gold", "C": "silver", "D": None}
    promises = {"gold": [GOLD], "silver": [dataclasses.replace(GOLD, tier="silver", calendar=())]}
    found = both(Company(messages, RULES, as_of=as_of, promises=promises, tier_of=tier_of))
    period = Period(since=as_of - 60 * DAY, until=as_of)
    for clock in ("calendar", "wall"):
        cases = on_clock(found.lazy(), clock).filter(period.holds("started_at")).collect()
        for by, column in ((By.TIER, "group"), (By.ACCOUNT, "account"), (By.AGENT, "agent")):
            rows = compliance_of(cases.lazy(), period, by=by, timezone=BERLIN)
            for row in rows.to_dicts():
                mine = cases.filter(pl.col(column).eq_missing(row["by"]), pl.col("figure") == row["figure"])
                counted = {state: mine.filter(STATES[state]).height for state in STATES}
                assert counted["judged"] == row["met"] + row["breached"]
                assert counted["answered"] == row["cases"] - row["open"]
                for state in ("met", "breached", "pending", "near_miss", "off_hours", "open"):
                    assert counted[state] == row[state], state
        assert set(cases["figure"].unique()) <= set(FIGURES)
