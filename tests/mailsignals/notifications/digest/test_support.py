"""The day for a support lead."""

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl
import pytest

from mailsignals.notifications.digest.bulletin import Bulletin
from mailsignals.notifications.digest.queue import Queue, queue
from mailsignals.notifications.digest.support import SHOWN, breached_cases, support
from mailsignals.notifications.digest.text import subject, text
from mailsignals.sla.compliance import Period
from mailsignals.wording.people import PersonNames
from tests.mailsignals.notifications.digest.assessed import a_ticket
from tests.mailsignals.sla.office import at, desk, they, we

TUESDAY = dt.date(2026, 3, 3)


def kept(met: int, missed: int, before: float | None = None, **more: object) -> dict[str, object]:
    """How first responses to gold fared, unless it says otherwise."""
    judged = met + missed
    return {
        "by": "gold",
        "figure": "first_response",
        "met": met,
        "breached": missed,
        "compliance": met / judged if judged else None,
        "compliance_before": before,
        **more,
    }


def the_day(
    yesterday: Sequence[Mapping[str, object]],
    week: Sequence[Mapping[str, object]] = (),
    missed: Sequence[Mapping[str, object]] = (),
    waiting: Queue = Queue(),  # noqa: B008  # frozen
) -> Bulletin:
    """The digest of a Tuesday."""
    figures = {"by": pl.String(), "figure": pl.String(), "met": pl.Int64(), "breached": pl.Int64()}
    shares = {"compliance": pl.Float64(), "compliance_before": pl.Float64()}
    cases = dict.fromkeys(("account_id", "contact", "figure", "tier"), pl.String())
    return support(
        pl.DataFrame(yesterday, schema={**figures, **shares}),
        pl.DataFrame(week, schema={**figures, **shares}),
        pl.DataFrame(missed, schema=cases),
        waiting,
        names={"A": "Northwind"},
        people=PersonNames({"kim@a.test": "Kim Lee"}),
        company="Us",
        today=TUESDAY,
    )


def test_a_day_and_its_week_are_told_by_tier() -> None:
    """Each figure of which anything fell due, with the share and what it was; the subject has the day."""
    day = the_day(
        [
            kept(3, 1, 0.5),
            kept(0, 0, figure="next_response"),
            kept(1, 0, figure="resolution"),
            kept(0, 0, by="silver"),
        ],
        [kept(8, 2, 0.8)],
    )
    assert subject(day) == "SLA met on 4 of 5 targets on 2 Mar 2026 - Us"
    assert day.headline == "SLA met on 4 of 5 targets yesterday; 0 open tickets."
    assert day.sections == [
        (
            "Yesterday",
            [
                (
                    "gold",
                    [
                        "First response: SLA met on 3 of 4 (75%, previously 50%)",
                        "Resolution: SLA met on 1 of 1 (100%)",
                    ],
                )
            ],
        ),
        ("Last seven days", [("gold", ["First response: SLA met on 8 of 10 (80%, previously 80%)"])]),
    ]


def test_a_day_without_promises_says_so() -> None:
    """A Sunday is no failure, and has no empty parts."""
    day = the_day([kept(0, 0)])
    assert subject(day) == "No SLA target was due on 2 Mar 2026 - Us"
    assert day.sections == []


@pytest.mark.parametrize(
    ("figures", "stands_out"),
    [
        (kept(8, 2, 0.91), True),
        (kept(8, 2, 0.89), False),
        (kept(7, 2, 1.0), False),
        (kept(8, 2, None), False),
        (kept(10, 0, 0.5), False),
    ],
)
def test_what_stands_out_is_a_drop_of_many_cases(figures: dict[str, object], stands_out: bool) -> None:
    """By a tenth of all cases or more, of at least ten."""
    day = the_day([], [figures])
    assert ("Lower SLA compliance" in dict(day.sections)) == stands_out
    if stands_out:
        assert "  gold, first response: 80%, down from 91%" in text(day).splitlines()


def test_what_was_missed_and_what_waits_are_listed() -> None:
    """Ten of each, and how many more there are."""
    missed = [{"account_id": "A", "contact": "kim@a.test", "figure": "next_response", "tier": "gold"}] * (
        SHOWN + 2
    )
    waiting = queue([{**a_ticket("A", 2.0), "account": 0}] * 11, ["Northwind"], people=PersonNames())
    lines = text(the_day([], missed=missed, waiting=waiting)).splitlines()
    assert lines.count("  gold, Kim Lee: next response") == SHOWN
    assert "* 2 more" in lines
    assert lines.count("  gold, kim@a.test: response due in 2 business hours") == SHOWN
    assert "* 1 more ticket, 0 of them breached." in lines
    assert lines[0] == "No SLA target was due yesterday; 11 open tickets."


def test_missed_is_what_fell_due_in_the_period() -> None:
    """Whenever it was asked, and whether or not it was answered later; what was kept is not there."""
    found = breached_cases(
        desk(
            [
                they("2026-02-27 16:00", thread="a"),
                they("2026-03-02 09:00", thread="b"),
                we("2026-03-02 09:10", thread="b"),
                they("2026-03-02 16:00", thread="c"),
                they("2026-02-26 09:00", thread="d"),
            ],
            "2026-03-03 00:00",
        ).desk,
        Period(since=at("2026-03-02 00:00"), until=at("2026-03-03 00:00")),
    )
    assert found.select("tier", "figure").rows() == [("gold", "first_response"), ("gold", "resolution")]
