"""An alert in words."""

import datetime as dt
from typing import Any

from mailsignals.notifications.alerts.events import AT_RISK, DUE_SOON, ESCALATED
from mailsignals.notifications.alerts.text import SHOWN, alert
from mailsignals.notifications.digest.bulletin import Bulletin
from mailsignals.notifications.digest.card import Card, CardReason
from mailsignals.notifications.digest.html import html
from mailsignals.notifications.digest.links import Links
from mailsignals.notifications.digest.text import short, subject, text
from mailsignals.wording.people import PersonNames
from tests.mailsignals.notifications.alerts.rows import BERLIN, a_matter, at

CARD = Card(
    account_id="A",
    name="Northwind",
    tier="gold",
    level="high risk",
    standing="about a 1-in-3 chance of going quiet within 90 days · risk up since 1 Mar",
    since="flagged today",
    next_step="Email Kim Lee and ask what has changed.",
    facts=(),
    reasons=[CardReason(text="They sent 12 emails.", share="62% of the risk")],
    also="A fact.",
    weeks=(),
    mail=None,
    account_url="https://signals.test/accounts/A",
    feedback_url="https://signals.test/feedback?token=t",
)
SOON = a_matter("b", "03 09:36", DUE_SOON, due_at=at("03 10:00"), open_hours=0.25)
MATTERS = [
    a_matter("a", "03 09:00", open_hours=0.75),
    SOON,
    a_matter("c", "03 08:30", ESCALATED, agent=None, due_at=None),
    a_matter("d", "03 06:00", AT_RISK, person=None, asked_at=None, due_at=None),
]

WHOLE = """\
1 ticket about to breach, 1 breached, 1 escalated, 1 new at-risk account.
Us · Tuesday, 3 Mar 2026, 09:45

ABOUT TO BREACH

* Northwind (A, gold)
  First response due in 15 business minutes (target: 2 business hours).
  Ticket 01234567, email from Kim Lee on Tuesday, 3 Mar, at 07:36; owner desk@us.test.
  Next step: reply before it is due, or find a colleague who can.

BREACHED

* Northwind (A, gold)
  First response overdue by 45 business minutes (target: 2 business hours).
  Ticket 01234567, email from Kim Lee on Tuesday, 3 Mar, at 07:00; owner desk@us.test.
  Next step: reply now with a date for the resolution.

ESCALATED

* Northwind (A, gold)
  A second colleague replied on Tuesday, 3 Mar, at 08:30.
  Ticket 01234567, email from Kim Lee on Tuesday, 3 Mar, at 06:30.
  Next step: ask the owner for the status before the customer does.

NEW AT HIGH RISK

* Northwind (A, gold)
  High risk · about a 1-in-3 chance of going quiet within 90 days · risk up since 1 Mar · flagged today
  They sent 12 emails. (62% of the risk)
  Next step: Email Kim Lee and ask what has changed.
  View account: https://signals.test/accounts/A
  Snooze, dismiss or mark as saved: https://signals.test/feedback?token=t

Each event is sent once. `mailsignals sla --open` lists all open tickets.
No reply needed? Run `mailsignals sla dismiss TICKET --note "reason"`.
Based on email metadata only; no email text was read.
"""


LINKS = Links(url="https://signals.test", secret=b"s" * 32, at=at("03 09:45"))


def told(*matters: dict[str, Any], timezone: str = BERLIN, links: Links | None = None) -> Bulletin:
    """The alert of a Tuesday."""
    return alert(
        matters,
        cards={"A": CARD},
        links=links,
        company="Us",
        names=PersonNames({"kim@a.test": "Kim Lee"}),
        at=at("03 09:45"),
        timezone=timezone,
    )


def test_an_alert_says_what_it_is_whose_it_is_and_what_to_do() -> None:
    """What can still be in time comes first; the plain text is all of it."""
    assert text(told(*MATTERS)) == WHOLE


def test_a_ticket_leads_to_its_page_where_there_is_a_dashboard() -> None:
    """In the page and in plain text; a channel's short form has no links."""
    bulletin = told(SOON, links=LINKS)
    address = f"https://signals.test/sla/tickets/{SOON['ticket']}"
    assert f"  View ticket: {address}" in text(bulletin).splitlines()
    assert f'<a href="{address}">View ticket</a>' in html(bulletin)
    assert "https://" not in short(bulletin)
    assert "https://" not in text(told(SOON))


def test_a_subject_names_no_customer() -> None:
    """It is seen on screens and on the way."""
    assert subject(told(*MATTERS[:2])) == "1 ticket about to breach, 1 breached - Us"
    assert subject(told(SOON, {**SOON, "matter": "e", "ticket": "x"})) == "2 tickets about to breach - Us"
    assert (
        subject(told(SOON, {**SOON, "matter": "e", "figure": "resolution"}))
        == "1 ticket about to breach - Us"
    )


def test_times_are_the_readers_and_hours_the_calendars() -> None:
    """In Lisbon it is an hour earlier; where a tier has no calendar, hours are calendar hours; long ones are days."""
    lines = text(told({**SOON, "by_calendar": False}, timezone="Europe/Lisbon"))
    assert "3 Mar 2026, 08:45" in lines
    assert "First response due in 15 min (target: 2 h)." in lines
    assert "on Tuesday, 3 Mar, at 06:36" in lines
    long = {**MATTERS[0], "figure": "resolution", "open_hours": 30.0, "due_at": at("01 12:00")}
    assert "Resolution was due on 1 Mar (target: 2 business hours)." in text(told(long))


def test_many_are_counted() -> None:
    """What is due first, and what was breached last, is named."""
    late = [
        {**a_matter(f"{n}", "02 09:00"), "began_at": at("02 09:00") + n * dt.timedelta(hours=1)}
        for n in range(SHOWN + 2)
    ]
    ((_, groups),) = told(*[{**row, "name": row["matter"]} for row in late]).sections
    assert [name for name, _ in groups] == [
        *(f"{n} (A, gold)" for n in range(SHOWN + 1, 1, -1)),
        "2 more tickets",
    ]


def test_a_channel_gets_a_line_for_each() -> None:
    """With its first sentence."""
    assert short(told(*MATTERS[:2])).splitlines() == [
        "1 ticket about to breach, 1 breached.",
        "About to breach:",
        "• Northwind (A, gold): First response due in 15 business minutes (target: 2 business hours).",
        "Breached:",
        "• Northwind (A, gold): First response overdue by 45 business minutes (target: 2 business hours).",
    ]


def test_names_and_addresses_are_text() -> None:
    """They make no markup, no lines, and turn nothing around."""
    hostile = {**SOON, "name": "<img src=x>\nBcc: eve\u202e", "person": "<script>@a.test"}
    page, plain = html(told(hostile)), text(told(hostile))
    assert "<img" not in page
    assert "<script>" not in page
    assert "\u202e" not in page + plain
    assert "\nBcc" not in plain
