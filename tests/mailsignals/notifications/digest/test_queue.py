"""Open tickets in a digest."""

import datetime as dt

import pytest

from mailsignals.notifications.digest.queue import SHOWN, due_words, owed_to_customers, queue
from mailsignals.wording.people import PersonNames
from tests.mailsignals.notifications.digest.assessed import a_ticket
from tests.mailsignals.sla.engine import Company
from tests.mailsignals.sla.office import BERLIN, LEE, desk, they, we


@pytest.mark.parametrize(
    ("more", "open_hours", "words"),
    [
        ({}, 2.0, "response due in 2 business hours"),
        ({"figure": "next_response"}, 1.0, "next response due in 1 business hour"),
        ({}, 0.75, "response due in 45 business minutes"),
        ({"late": True}, 0.001, "response overdue by 1 business minute"),
        ({"late": True, "figure": "resolution"}, 3.5, "resolution overdue by 3.5 business hours"),
        ({"by_calendar": False}, 2.0, "response due in 2 h"),
        ({"due_on": dt.date(2026, 3, 9)}, 24.0, "response due on 9 Mar"),
        ({"late": True, "due_on": dt.date(2026, 1, 31)}, 300.0, "response was due on 31 Jan"),
    ],
)
def test_time_is_told_as_a_person_would(more: dict[str, object], open_hours: float, words: str) -> None:
    """Business hours with a calendar, else calendar hours; from 24 hours on, a date."""
    assert due_words(a_ticket("A", open_hours, **more)) == words


def test_ten_are_shown_and_the_others_counted() -> None:
    """With how many of them are breached."""
    rows = [{**a_ticket("A", float(number), late=number > 10), "account": 0} for number in range(SHOWN + 3)]
    found = queue(rows, ["A"], people=PersonNames({"kim@a.test": "Kim Lee"}))
    assert found.shown[0].contact == "Kim Lee"
    assert [ticket.due for ticket in found.shown[:2]] == [
        "response due in 1 business minute",
        "response due in 1 business hour",
    ]
    assert len(found.shown) == SHOWN
    assert (found.length, found.more) == (13, "3 more tickets, 2 of them breached.")
    assert queue(rows[:SHOWN], ["A"], people=PersonNames()).more is None


def owed_in(company: Company) -> list[tuple[object, ...]]:
    """Contact, whether it is late, and the open hours of each row."""
    found = owed_to_customers(company.desk, company.promises, company.people, timezone=BERLIN)
    return list(found.select("contact", "late", "open_hours").iter_rows())


def test_what_can_still_be_in_time_comes_first() -> None:
    """Due soonest first; then what is breached, the last one first. Nights and lunch are no open hours."""
    mails = [
        they("2026-02-26 09:00", thread="a"),
        they("2026-03-02 09:00", thread="b"),
        they("2026-03-02 16:00", thread="c", who=LEE),
        they("2026-03-02 15:00", thread="d"),
        they("2026-03-02 09:30", thread="e"),
        we("2026-03-02 09:40", thread="e"),
    ]
    assert [(late, hours) for _, late, hours in owed_in(desk(mails, "2026-03-02 17:00"))] == [
        (False, 2.0),
        (False, 3.0),
        (True, 3.0),
        (True, 18.0),
    ]
    assert owed_in(desk(mails, "2026-03-02 17:00"))[1][0] == LEE


def test_without_a_promise_nothing_is_due() -> None:
    """A tier without targets has no queue."""
    assert owed_in(desk([they("2026-03-02 09:00")], "2026-03-02 17:00", promises={})) == []
