"""The queue, the spread of work, and the period before."""

import polars as pl
import pytest

from mailsignals.sla.backlog import backlog
from mailsignals.sla.compliance import By, Period, compliance
from mailsignals.sla.report import report
from mailsignals.sla.workload import imbalance, workload
from tests.mailsignals.sla.engine import Company, promises_to
from tests.mailsignals.sla.office import BERLIN, DESK, GOLD, at, desk, they, we

MARCH = Period(since=at("2026-03-01 00:00"), until=at("2026-04-01 00:00"))


def near_misses(company: Company) -> int:
    """How many first responses of March were kept only just."""
    found = compliance(company.desk, MARCH, by=By.TIER, timezone=BERLIN)
    return int(found.filter(figure="first_response")["near_miss"].item())


def test_a_near_miss_is_seen() -> None:
    """Met with less than a fifth of the target left; exactly a fifth is none."""
    near = desk([they("2026-03-02 09:00"), we("2026-03-02 13:12:00.000001")], "2026-03-03 00:00")
    enough = desk([they("2026-03-02 09:00"), we("2026-03-02 13:12")], "2026-03-03 00:00")
    assert [near_misses(one) for one in (near, enough)] == [1, 0]


@pytest.mark.slow
def test_the_queue_warns_before_it_is_too_late() -> None:
    """Past half of its target a turn is at risk, at its due time late; nothing is due while they are to write."""
    asked = they("2026-03-02 09:00")

    def state(as_of: str) -> object:
        return backlog(desk([asked], as_of).desk)["state"].item()

    moments = ["2026-03-02 11:00", "2026-03-02 11:00:00.000001", "2026-03-02 13:59", "2026-03-02 14:00"]
    assert [state(one) for one in moments] == ["in time", "at risk", "at risk", "late"]
    (theirs,) = backlog(desk([asked, we("2026-03-02 10:00")], "2026-03-02 11:00").desk).to_dicts()
    assert (theirs["waiting_for"], theirs["due_at"], theirs["state"]) == ("them", None, None)


def test_what_is_due_first_comes_first_whichever_promise_it_is() -> None:
    """A resolution that falls due before the answer does is what the queue shows, until it is missed."""
    mails = [they("2026-03-02 09:00"), we("2026-03-02 10:00"), they("2026-03-03 09:10")]
    shown = [
        backlog(desk(mails, as_of).desk).to_dicts() for as_of in ("2026-03-03 09:20", "2026-03-03 09:40")
    ]
    assert [(one["figure"], one["due_at"]) for (one,) in shown] == [
        ("resolution", at("2026-03-03 09:30")),
        ("next_response", at("2026-03-03 11:10")),
    ]


def test_work_is_shared_as_it_was_done() -> None:
    """By agent: tickets answered first, mails, and the share of all mails."""
    mails = [
        *(they("2026-03-02 09:00"), we("2026-03-02 10:00"), we("2026-03-02 11:00", who=DESK)),
        *(
            they("2026-03-03 09:00", thread="u"),
            we("2026-03-03 10:00", thread="u"),
            we("2026-03-03 11:00", thread="u"),
        ),
    ]
    company = desk(mails, "2026-03-20 00:00")
    rows = [
        (company.people[one["agent"]], *list(one.values())[1:])
        for one in workload(company.desk, MARCH).to_dicts()
    ]
    assert rows == [("bea@us.example", 2, 3, 0.75), (DESK, 0, 1, 0.25)]


def test_the_period_before_is_as_long_and_ends_where_this_begins() -> None:
    """The change is against as many days before, judged at the same instant."""
    asked = ["2026-03-03 08:59", "2026-03-03 09:00", "2026-03-06 09:00", "2026-03-09 09:00"]
    answered = [we(f"{one[:10]} 09:30", thread=one) for one in asked[2:]]
    company = desk([*(they(one, thread=one) for one in asked), *answered], "2026-04-01 00:00")
    period = Period(since=at("2026-03-09 09:00"), until=at("2026-03-15 09:00"))
    assert period.before == Period(since=at("2026-03-03 09:00"), until=at("2026-03-09 09:00"))
    promises = promises_to(["A"], {"gold": [GOLD]}, {"A": "gold"})
    found = report(company.desk, period, by=By.TIER, timezone=BERLIN, promises=promises)
    (first,) = found.filter(figure="first_response").to_dicts()
    assert (first["compliance"], first["compliance_before"]) == (1.0, 0.5)


def test_imbalance_is_the_largest_share_over_the_mean() -> None:
    """1 where all do the same; nothing where nobody does anything."""
    assert imbalance(pl.Series([0.25, 0.25, 0.25, 0.25])) == 1.0
    assert imbalance(pl.Series([0.75, 0.25])) == 1.5
    assert imbalance(pl.Series([], dtype=pl.Float64)) is None
