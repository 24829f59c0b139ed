"""Mails that need no answer: dismissed by somebody, or closed by the rule."""

import datetime as dt

import polars as pl
import pytest

from connectors.base import Message
from mailsignals.sla.backlog import backlog
from mailsignals.sla.compliance import By, Period, quality
from mailsignals.sla.dismissals import DISMISSAL_SCHEMA
from mailsignals.sla.ticket_rows import ticket_rows
from tests.mailsignals.sla.office import BERLIN, KIM, at, desk, they, verdicts, we

ASKED, ANSWERED, THANKED = "2026-03-02 09:00", "2026-03-02 10:00", "2026-03-02 11:00"
THANKS = [they(ASKED), we(ANSWERED), they(THANKED)]
"""A question, its answer, and a last word, which by the definition is a question that nobody answers."""
WEEK = dt.timedelta(days=7)


def dismissed(mails: list[Message], *when: str, opened: str = ASKED) -> pl.DataFrame:
    """What was said of the ticket that Kim opened at an instant, as the desk of these mails numbers people."""
    kim = desk(mails, "2026-12-31 00:00").people.index_of(KIM)
    rows = [(0, at(opened), kim, at(one)) for one in when]
    return pl.DataFrame(rows, schema=DISMISSAL_SCHEMA, orient="row")


def said(mails: list[Message], as_of: str, *when: str) -> list[tuple[str, str | None]]:
    """The verdicts after these dismissals."""
    return verdicts(desk(mails, as_of, dismissals=dismissed(mails, *when)))


def test_thanks_keeps_the_clock_running_until_somebody_says_that_it_needs_no_answer() -> None:
    """Undismissed it breaches, and keeps the answer from being the resolution; dismissed it does neither."""
    as_of = "2026-03-20 00:00"
    assert said(THANKS, as_of) == [
        ("first_response", "met"),
        ("next_response", "breached"),
        ("resolution", "breached"),
    ]
    assert said(THANKS, as_of, "2026-03-03 08:00") == [("first_response", "met"), ("resolution", "met")]


@pytest.mark.slow
def test_a_dismissal_is_not_known_before_it_is_made() -> None:
    """Judged at an instant before it, nothing has changed."""
    assert said(THANKS, "2026-03-03 09:00", "2026-03-03 09:00:00.000001") == said(THANKS, "2026-03-03 09:00")
    assert said(THANKS, "2026-03-03 09:00", "2026-03-03 09:00") != said(THANKS, "2026-03-03 09:00")


def test_a_dismissed_mail_leaves_the_queue_and_is_counted() -> None:
    """The ticket no longer waits for us, and the report says how many mails were dismissed."""
    company = desk(THANKS, "2026-03-03 12:00", dismissals=dismissed(THANKS, "2026-03-03 08:00"))
    assert backlog(company.desk)["waiting_for"].to_list() == ["them"]
    march = Period(since=at("2026-03-01 00:00"), until=at("2026-04-01 00:00"))
    (row,) = quality(company.desk, march, by=By.TIER, timezone=BERLIN).to_dicts()
    assert (row["tickets"], row["dismissed"], row["closed"]) == (1, 1, 0)


@pytest.mark.slow
def test_who_writes_again_waits_again_from_then_on() -> None:
    """The clock of the new mail starts with it, not with the thanks that was dismissed."""
    again = [*THANKS, they("2026-03-05 09:00"), we("2026-03-05 10:30")]
    assert ("next_response", "met") in said(again, "2026-03-20 00:00", "2026-03-03 08:00")
    assert ("next_response", "breached") in said(again, "2026-03-20 00:00")
    open_again = backlog(
        desk(again[:4], "2026-03-05 09:30", dismissals=dismissed(again[:4], "2026-03-03 08:00")).desk
    )
    assert open_again["due_at"].to_list() == [at("2026-03-05 11:00")]


def test_what_was_answered_before_cannot_be_dismissed_after() -> None:
    """A dismissal takes out what waits at its instant, and no wait that an answer of ours has ended."""
    late = [they(ASKED), we("2026-03-05 09:00"), they("2026-03-05 10:00")]
    got = said(late, "2026-03-20 00:00", "2026-03-05 11:00")
    assert got == [("first_response", "breached"), ("resolution", "breached")]


def test_a_ticket_can_be_dismissed_before_anybody_answered() -> None:
    """Settled by telephone, or nonsense: it calls for nothing and is still counted as a ticket."""
    company = desk([they(ASKED)], "2026-03-20 00:00", dismissals=dismissed([they(ASKED)], "2026-03-02 09:30"))
    assert verdicts(company) == []
    assert ticket_rows(company.desk).select("first_response", "resolution", "dismissed").rows() == [
        (None, None, 1)
    ]
    assert backlog(company.desk).is_empty()


def test_several_dismissals_of_one_ticket_each_hold() -> None:
    """Each takes out what waited then."""
    mails = [*THANKS, they("2026-03-05 09:00"), they("2026-03-09 09:00")]
    assert said(mails, "2026-03-20 00:00", "2026-03-03 08:00", "2026-03-06 09:00", "2026-03-09 10:00") == [
        ("first_response", "met"),
        ("resolution", "met"),
    ]


@pytest.mark.slow
def test_other_tickets_are_not_touched() -> None:
    """A dismissal concerns its own ticket, and one of a mail that is not there concerns none."""
    other = [they(ASKED, thread="u", who="lee@a.example")]
    assert ("first_response", "breached") in said([*THANKS, *other], "2026-03-20 00:00", "2026-03-03 08:00")
    unknown = dismissed(THANKS, "2026-03-03 08:00", opened="2026-03-01 00:00")
    assert verdicts(desk(THANKS, "2026-03-20 00:00", dismissals=unknown)) == said(THANKS, "2026-03-20 00:00")


@pytest.mark.parametrize(
    ("mails", "closed"),
    [
        (THANKS, 1),
        ([they(ASKED)], 0),  # nobody has answered yet
        ([*THANKS, they("2026-03-02 15:00")], 0),  # who writes twice wants something
        ([*THANKS[:2], they(THANKED, importance="high")], 0),  # urgent
        ([*THANKS, we("2026-03-12 10:00")], 0),  # answered, if late
        ([they(ASKED), we(ANSWERED)], 0),
    ],
)
def test_the_rule_closes_only_a_lone_last_word(mails: list[Message], closed: int) -> None:
    """One mail after our answer, not urgent, to which neither side adds anything for a week."""
    company = desk(mails, "2026-03-20 00:00", closing_after=WEEK)
    assert company.desk.tickets["closed"].to_list() == [closed]


def test_the_rule_closes_at_its_time_and_is_off_without_one() -> None:
    """At the end of the week, not before it."""
    for as_of, closed in (("2026-03-09 10:59:59", 0), ("2026-03-09 11:00", 1)):
        assert desk(THANKS, as_of, closing_after=WEEK).desk.tickets["closed"].to_list() == [closed]
    assert desk(THANKS, "2026-03-20 00:00").desk.tickets["closed"].to_list() == [0]


def test_what_the_rule_closes_is_judged_as_if_it_were_not_there() -> None:
    """The answer before it is the resolution."""
    company = desk(THANKS, "2026-03-20 00:00", closing_after=WEEK)
    assert verdicts(company) == [("first_response", "met"), ("resolution", "met")]
