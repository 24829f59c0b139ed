"""Periods, trends, changes and hours of the week: the decisions behind the pages."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsignals.readmodel.queries.compliance import verdicts_by_week
from mailsignals.readmodel.queries.ticket_counts import TicketCount
from mailsignals.sla.promises import Policy, Promises
from mailsignals.web.files import csv_of
from mailsignals.web.pages.sla.figures import compliance_change, targets
from mailsignals.web.pages.sla.hours import SHADES, heat, shade
from mailsignals.web.pages.sla.overview import chart_of_weeks, groups, table_of_weeks
from mailsignals.web.pages.sla.periods import SWITCHES, period_address, span_of
from mailsignals.web.pages.sla.request import USUALLY, SlaQuery
from mailsignals.web.pages.sla.tickets import selection_words
from mailsignals.web.urls import read_query, shortest
from tests.mailsignals.readmodel.queries.frames import cases_at
from tests.mailsignals.sla.office import BERLIN, at

WEDNESDAY = at("2026-03-04 15:30")


@pytest.mark.parametrize(
    ("asked", "since", "until"),
    [
        ("yesterday", "2026-03-03 00:00", "2026-03-04 00:00"),
        ("7d", "2026-02-25 15:30", "2026-03-04 15:30"),
        ("this-week", "2026-03-02 00:00", "2026-03-05 00:00"),
        ("last-week", "2026-02-23 00:00", "2026-03-02 00:00"),
        ("this-month", "2026-03-01 00:00", "2026-03-05 00:00"),
        ("last-month", "2026-02-01 00:00", "2026-03-01 00:00"),
        ("2026-03-28..2026-03-29", "2026-03-28 00:00", "2026-03-30 00:00"),
        ("2026-03-04..2026-03-04", "2026-03-04 00:00", "2026-03-05 00:00"),
    ],
)
def test_a_period_is_of_days_of_the_company(asked: str, since: str, until: str) -> None:
    """Days begin at midnight on its clocks, also the one that is an hour short; a number of days ends now."""
    span = span_of(asked, as_of=WEDNESDAY, timezone=BERLIN)
    assert span is not None
    assert (span.period.since, span.period.until) == (at(since), at(until))


def test_every_switch_is_a_period_with_a_title() -> None:
    """No switch leads nowhere; the first month of a year knows the one before."""
    january = at("2026-01-31 23:59")
    assert all(span_of(key, as_of=january, timezone=BERLIN) for key in SWITCHES)
    last = span_of("last-month", as_of=january, timezone=BERLIN)
    assert last is not None
    assert last.title == "1 Dec 2025 to 31 Dec 2025"


@given(st.text(max_size=30) | st.builds("{}..{}".format, st.dates(), st.dates()))
def test_what_makes_no_sense_is_no_period(asked: str) -> None:
    """Any text is a period that begins before it ends, or none."""
    span = span_of(asked, as_of=WEDNESDAY, timezone=BERLIN)
    assert span is None or span.period.since < span.period.until


def test_either_date_field_may_be_empty() -> None:
    """Without the second the period ends today, without the first it has thirty days; nonsense is nothing."""
    today = dt.date(2026, 3, 4)
    assert period_address("2026-03-01", "", today=today) == "2026-03-01..2026-03-04"
    assert period_address("", "2026-02-28", today=today) == "2026-01-30..2026-02-28"
    assert period_address("", "", today=today) == period_address("soon", "", today=today) == ""


def test_an_address_says_what_is_unusual() -> None:
    """What is usual or empty is left out, and what makes no sense is not taken."""
    asked = {"period": "30d", "clock": "wall", "tier": "", "figure": None, "page": 1, "weekday": 0}
    said = shortest("/sla", asked, usual=USUALLY)
    assert said == "/sla?clock=wall&weekday=0"
    assert read_query(SlaQuery, {"clock": "sundial", "page": "-1", "figure": "resolution"}) == SlaQuery(
        figure="resolution"
    )


def test_a_change_is_in_words() -> None:
    """In whole points, as both percentages are shown; nothing where one of them is missing."""
    words = [
        compliance_change(*pair)
        for pair in ((0.9, 0.871), (0.5, 0.514), (0.5, 0.504), (0.5, None), (None, 0.5))
    ]
    assert words == ["up 3 points", "down 1 point", "unchanged", "", ""]


def test_weeks_are_those_of_the_company_and_have_gaps() -> None:
    """Sunday's last minute and Monday's first lie in different weeks; one without any case has no point."""
    found = verdicts_by_week(
        cases_at(
            ("2026-03-01 23:59", "met"),
            ("2026-03-02 00:00", "breached"),
            ("2026-03-16 00:00", "met"),
            ("2026-03-17 00:00", "pending"),
        ),
        timezone=BERLIN,
    ).to_dicts()
    chart = chart_of_weeks(found, timezone=BERLIN)
    (line,) = chart["lines"]
    assert line["values"] == [1.0, 0.0, None, 1.0]
    assert chart["x"][1] == at("2026-03-02 00:00").timestamp()
    table = table_of_weeks(found)
    assert [(week["name"], week["period"]) for week in table] == [
        ("2026-W12", "2026-03-16..2026-03-22"),
        ("2026-W10", "2026-03-02..2026-03-08"),
        ("2026-W09", "2026-02-23..2026-03-01"),
    ]
    assert table[0]["tiers"]["gold"]["pending"] == 1
    assert chart_of_weeks([], timezone=BERLIN)["x"] == []


@given(st.integers(1, 10_000), st.data())
def test_a_shade_grows_with_its_number(most: int, data: st.DataObject) -> None:
    """Nothing is shade 0, the fullest hour the darkest, and more is never lighter."""
    count = data.draw(st.integers(1, most))
    assert shade(0, most) == 0
    assert shade(most, most) == SHADES
    assert 1 <= shade(count, most) <= shade(min(count + 1, most), most) <= SHADES


def test_sums_stand_at_the_edges_of_a_map() -> None:
    """Of each weekday, of each hour, and of all."""
    counts = [[0] * 24 for _ in range(7)]
    counts[0][9], counts[6][9] = 3, 4
    found = heat(counts)
    assert (found["days"][0], found["days"][6], found["hours"][9], found["total"]) == (3, 4, 7, 7)
    assert heat([[0] * 24 for _ in range(7)])["total"] == 0


def test_a_target_is_told_as_it_is_in_force() -> None:
    """The newest that has begun, in the hours in which it counts; a later response takes that of the first."""
    policies = [
        Policy(tier="gold", first_response_hours=4, calendar="office"),
        Policy(tier="gold", since=at("2026-02-01 00:00"), first_response_hours=0.5, calendar="office"),
        Policy(tier="gold", since=at("2026-04-01 00:00"), first_response_hours=9, calendar="office"),
    ]
    promises = Promises.of(policies, {"office": []}, pl.Series(["gold"]))
    found = targets(promises, as_of=WEDNESDAY, clock="calendar")
    assert found["gold", "first_response"] == found["gold", "next_response"] == "30 business minutes"
    assert found["gold", "resolution"] == ""
    assert targets(promises, as_of=WEDNESDAY, clock="wall")["gold", "first_response"] == "30 min"


def test_who_was_promised_nothing_has_one_row() -> None:
    """Of the others each promise has its own."""
    rows = [{"by": tier, "figure": figure} for tier in ("gold", "no target") for figure in "abc"]
    assert [(group["tier"], len(group["rows"])) for group in groups(rows)] == [("gold", 3), ("no target", 1)]


def test_a_list_says_what_it_lists() -> None:
    """How many, of which kind and state, and of how many tickets."""
    assert selection_words(TicketCount(figure="first_response", state="breached"), 7, 6) == (
        "7 first responses, breached, of 6 tickets"
    )
    assert (
        selection_words(TicketCount(figure="ticket", state="fcr"), 1, 1)
        == "1 ticket, resolved on first contact"
    )
    assert selection_words(TicketCount(figure="mail", state="nonsense"), 0, 0) == "0 emails, of 0 tickets"


def test_a_spreadsheet_computes_nothing_that_a_customer_wrote() -> None:
    """A text that would be a formula begins with an apostrophe; numbers and instants stay what they are."""
    rows = pl.DataFrame(
        {
            "subject": ["=cmd|x", "+1", "-2", "@a", "\t=b", "fine", None],
            "hours": [-1.5] * 7,
            "at": [WEDNESDAY] * 7,
        }
    )
    lines = bytes(csv_of(rows, name="x.csv").body).decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["'=cmd|x", "'+1", "'-2", "'@a", "'\t=b", "fine", ""]
    assert lines[1].split(",")[1:] == ["-1.5", "2026-03-04T14:30:00Z"]
