"""What other tools are known to get wrong, each by the name under which their users report it."""

import dataclasses
import datetime as dt

import polars as pl
import pytest

from mailsignals.sla.compliance import By, Period, by_tier, compliance
from mailsignals.sla.ticket_rows import response_rows, ticket_rows
from tests.mailsignals.companies import message
from tests.mailsignals.oracle import Row
from tests.mailsignals.sla.engine import Company, promises_to
from tests.mailsignals.sla.office import BERLIN, DESK, GOLD, KIM, LEE, at, desk, they, verdicts, we

MARCH = Period(since=at("2026-03-01 00:00"), until=at("2026-04-01 00:00"))


def row(company: Company, figure: str, *, by: By = By.TIER, period: Period = MARCH) -> Row:
    """The only group's row of a figure."""
    (found,) = compliance(company.desk, period, by=by, timezone=BERLIN).filter(figure=figure).to_dicts()
    return found


def test_a_late_answer_between_two_polls_is_a_breach() -> None:
    """An engine that looks now and then sees neither the miss nor the wait; here the answer's own time decides."""
    company = desk([they("2026-03-02 09:00"), we("2026-03-02 14:00:00.000001")], "2026-03-02 14:01")
    assert verdicts(company)[0] == ("first_response", "breached")  # due at 14:00, after lunch
    assert (
        verdicts(desk([they("2026-03-02 09:00"), we("2026-03-02 14:00")], "2026-03-02 14:01"))[0][1] == "met"
    )


def test_no_data_is_not_a_hundred_percent() -> None:
    """A tier without a ticket is shown, with nothing in place of its share; and no period without a case has a row."""
    company = desk([they("2026-02-02 09:00")], "2026-03-31 00:00")
    found = compliance(company.desk, MARCH, by=By.TIER, timezone=BERLIN)
    assert found.is_empty()
    rows = by_tier(found, promises_to(["A"], {"gold": [GOLD]}, {"A": "gold"})).to_dicts()
    assert [(one["by"], one["figure"], one["met"], one["compliance"]) for one in rows] == [
        ("gold", figure, 0, None) for figure in ("first_response", "next_response", "resolution")
    ]


def test_what_is_still_running_is_no_hit() -> None:
    """A ticket within its time counts as pending, beside the share and not in it."""
    mails = [they("2026-03-02 09:00"), we("2026-03-02 10:00"), they("2026-03-30 09:00", thread="u")]
    found = row(desk(mails, "2026-03-30 10:00"), "first_response")
    assert (found["met"], found["breached"], found["pending"], found["compliance"]) == (1, 0, 1, 1.0)


def test_a_ticket_that_runs_late_is_a_breach_before_it_is_answered() -> None:
    """Open and due is breached at once, at the due time itself, and not only when somebody answers."""
    mails = [they("2026-03-02 09:00")]
    assert verdicts(desk(mails, "2026-03-02 13:59:59"))[0][1] == "pending"
    assert verdicts(desk(mails, "2026-03-02 14:00"))[0][1] == "breached"


def test_closing_without_an_answer_is_no_hit() -> None:
    """Nobody answered, so nothing was kept, whatever a status says."""
    company = desk([they("2026-03-02 09:00")], "2026-03-31 00:00")
    assert verdicts(company) == [("first_response", "breached"), ("resolution", "breached")]


def test_lunch_breaks_do_not_count() -> None:
    """Half an hour before lunch and a quarter of one after it make three quarters."""
    found = row(
        desk([they("2026-03-02 11:30"), we("2026-03-02 13:15")], "2026-03-03 00:00"), "first_response"
    )
    assert (found["median_business_hours"], found["median_hours"]) == (0.75, 1.75)


def test_holidays_do_not_count() -> None:
    """Asked on Tuesday at 17:00 and answered on Thursday at 9:30, over a holiday: an hour."""
    found = row(
        desk([they("2026-03-03 17:00"), we("2026-03-05 09:30")], "2026-03-06 00:00"), "first_response"
    )
    assert found["median_business_hours"] == 1.0
    assert found["met"] == 1


def test_nothing_falls_due_at_midnight() -> None:
    """Whatever is due is due within open hours, so nobody is woken."""
    asked = [
        "2026-03-02 17:29",
        "2026-03-03 23:59",
        "2026-03-04 12:00",
        "2026-03-06 16:00",
        "2026-03-07 03:00",
    ]
    company = desk([they(one, thread=one) for one in asked], "2026-03-20 00:00")
    local = company.desk.cases["due_at"].dt.convert_time_zone(BERLIN)
    assert local.dt.time().is_between(dt.time(9), dt.time(17, 30)).all()
    assert local.dt.weekday().is_in([1, 2, 4, 5]).all()  # no Wednesday: the only one is a holiday or far off


def test_an_answer_off_hours_is_neither_a_zero_nor_left_out() -> None:
    """Asked and answered at night is kept, counted as off hours, and no zero in the median of open hours."""
    mails = [
        *(they("2026-03-02 20:00"), we("2026-03-02 21:00")),
        *(they("2026-03-05 09:00", thread="u"), we("2026-03-05 11:00", thread="u")),
    ]
    found = row(desk(mails, "2026-03-20 00:00"), "first_response")
    assert (found["met"], found["off_hours"]) == (2, 1)
    assert (found["median_business_hours"], found["median_hours"]) == (2.0, 1.5)


def test_who_is_never_answered_is_not_invisible() -> None:
    """Of two customers one is answered within the hour: the median says so, the share says what it hides."""
    mails = [they("2026-03-02 09:00"), we("2026-03-02 10:00"), they("2026-03-02 09:00", thread="u", who=LEE)]
    found = row(desk(mails, "2026-03-20 00:00"), "first_response")
    assert (found["median_hours"], found["compliance"], found["open"]) == (1.0, 0.5, 1)


def test_an_average_does_not_hide_a_tier() -> None:
    """Nine of ten are in time; the tenth is of the tier that was promised most, and has a row of its own."""
    fast = [
        mail
        for n in range(9)
        for mail in (they(f"2026-03-02 09:0{n}", thread=f"{n}"), we("2026-03-02 10:00", thread=f"{n}"))
    ]
    slow = they("2026-03-02 09:00", thread="b", who="x@b.example")
    company = Company(
        [*fast, slow],
        rules=desk([], "2026-03-20 00:00").rules,
        as_of=at("2026-03-20 00:00"),
        promises={"gold": [GOLD], "small": [dataclasses.replace(GOLD, tier="small")]},
        tier_of={"A": "small", "B": "gold"},
    )
    found = compliance(company.desk, MARCH, by=By.TIER, timezone=BERLIN).filter(figure="first_response")
    assert dict(found.select("by", "compliance").iter_rows()) == {"gold": 0.0, "small": 1.0}


def test_three_mails_in_a_row_start_the_clock_once() -> None:
    """The customer waits from the first of them, and it is one case."""
    mails = [
        they("2026-03-02 09:00"),
        they("2026-03-02 10:00"),
        they("2026-03-02 11:00"),
        we("2026-03-02 11:30"),
    ]
    found = row(desk(mails, "2026-03-03 00:00"), "first_response")
    assert (found["cases"], found["median_business_hours"]) == (1, 2.5)


def test_a_conversation_that_we_open_is_no_fast_answer() -> None:
    """A mail of ours that nobody asked for answers nothing and opens no ticket."""
    company = desk(
        [we("2026-03-02 09:00"), they("2026-03-02 10:00"), we("2026-03-02 10:05")], "2026-03-03 00:00"
    )
    assert company.desk.tickets.is_empty()
    assert company.desk.cases.is_empty()


def test_a_ticket_that_comes_back_is_not_as_old_as_its_thread() -> None:
    """Asked again months later in the same thread: a new ticket, whose wait begins then."""
    mails = [
        they("2026-01-05 09:00"),
        we("2026-01-05 10:00"),
        they("2026-03-02 09:00"),
        we("2026-03-02 09:10"),
    ]
    company = desk(mails, "2026-03-31 00:00")
    assert row(company, "first_response")["median_business_hours"] == pytest.approx(1 / 6)
    assert ticket_rows(company.desk)["reopened"].to_list() == [True, False]


def test_every_answer_has_its_own_target() -> None:
    """A quick first answer does not excuse a slow second one, nor does the second's target hide the first's."""
    mails = [
        they("2026-03-02 09:00"),
        we("2026-03-02 09:30"),
        they("2026-03-02 10:00"),
        we("2026-03-02 14:00"),
    ]
    assert verdicts(desk(mails, "2026-03-02 15:00"))[:2] == [
        ("first_response", "met"),
        ("next_response", "breached"),
    ]


def test_the_credit_goes_to_who_wrote() -> None:
    """The sender of the answer has it; what nobody answered stays with the address that was asked."""
    mails = [they("2026-03-02 09:00"), we("2026-03-02 10:00"), they("2026-03-02 09:01", thread="u")]
    company = desk(mails, "2026-03-20 00:00")
    found = compliance(company.desk, MARCH, by=By.AGENT, timezone=BERLIN).filter(figure="first_response")
    agents = {company.people[one["by"]]: (one["met"], one["breached"]) for one in found.to_dicts()}
    assert agents == {"bea@us.example": (1, 0), DESK: (0, 1)}


def test_the_month_does_not_shift_with_the_time_zone() -> None:
    """A ticket of the last local minute of October belongs to October, also in the night of the clock change."""
    october = Period(since=at("2026-10-01 00:00"), until=at("2026-11-01 00:00"))
    november = Period(since=at("2026-11-01 00:00"), until=at("2026-12-01 00:00"))
    asked = ["2026-10-01 00:00", "2026-10-25 02:30", "2026-10-31 23:59", "2026-11-01 00:00"]
    company = desk([they(one, thread=one) for one in asked], "2026-12-01 00:00")
    counts = [row(company, "first_response", period=period)["cases"] for period in (october, november)]
    assert counts == [3, 1]
    weeks = compliance(company.desk, october, by=By.WEEK, timezone=BERLIN)["by"].unique(maintain_order=True)
    assert weeks.to_list() == ["2026-W40", "2026-W43", "2026-W44"]


def test_all_reports_agree() -> None:
    """Tiers, accounts, agents, weeks, tickets and responses add up to the same numbers."""
    mails = [
        mail
        for day in range(2, 28)
        for mail in (
            they(f"2026-03-{day:02} 09:00", thread=f"{day}", who=f"p{day % 3}@{'ab'[day % 2]}.example"),
            we(
                f"2026-03-{day:02} {10 + day % 6}:30",
                thread=f"{day}",
                to=f"p{day % 3}@{'ab'[day % 2]}.example",
            ),
            they(f"2026-03-{day:02} 16:00", thread=f"{day}", who=f"p{day % 3}@{'ab'[day % 2]}.example"),
        )
    ]
    company = desk(mails, "2026-03-28 00:00")
    totals = []
    for by in By:
        found = compliance(company.desk, MARCH, by=by, timezone=BERLIN)
        totals.append(
            found.group_by("figure")
            .agg(pl.col("met", "breached", "pending", "cases").sum())
            .sort("figure")
            .rows()
        )
    assert all(one == totals[0] for one in totals)
    tickets = ticket_rows(company.desk).filter(MARCH.holds("opened_at"))
    responses = response_rows(company.desk).filter(MARCH.holds("started_at"))
    by_figure = {figure: counts for figure, *counts in totals[0]}
    for column in ("first_response", "resolution"):
        counted = [int((tickets[column] == verdict).sum()) for verdict in ("met", "breached", "pending")]
        assert [*counted, tickets.height] == by_figure[column]
    later = responses.filter(figure="next_response")
    assert (
        later.height
        == by_figure["next_response"][3]
        == tickets.select(pl.sum_horizontal(pl.col("^next_responses_.*$").sum())).item()
    )


def test_mail_that_names_nobody_of_us_has_no_agent() -> None:
    """A blind copy in a mailbox that is not ours is nobody's to answer, and counts all the same."""
    thread = {"references": ("t",)}
    mails = [
        message(at("2026-03-02 09:00"), KIM, DESK, subject="1", **thread),
        message(at("2026-03-02 10:00"), "bea@us.example", KIM, subject="2", **thread),
        message(at("2026-03-02 11:00"), KIM, mailbox="box@journal.test", subject="3", **thread),
    ]
    company = desk(mails, "2026-03-20 00:00")
    found = compliance(company.desk, MARCH, by=By.AGENT, timezone=BERLIN).filter(figure="next_response")
    assert found.filter(pl.col("by").is_null())["breached"].to_list() == [1]
    agents = response_rows(company.desk)["agent"].to_list()
    assert [None if number is None else company.people[number] for number in agents] == [
        "bea@us.example",
        None,
    ]
