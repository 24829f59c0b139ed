"""Signals and marks count targets in the calendar of the tier."""

import datetime as dt

import polars as pl
import pytest

from mailsignals.config import Settings
from mailsignals.signals.facts import facts
from mailsignals.signals.pipeline import signals
from mailsignals.turns import ConversationRules
from tests.mailsignals.engine import touches_of
from tests.mailsignals.oracle import Row
from tests.mailsignals.risk.office import AT, SETTINGS, Mailbox, assessed
from tests.mailsignals.sla.engine import promises_to
from tests.mailsignals.sla.office import GOLD, RULES, at, they, we


def figures(as_of: str) -> Row:
    """The signals of 30 days after a question of Friday, 16:00, in an office that is closed at weekends."""
    mails = [
        they("2026-03-06 16:00"),
        they("2026-03-06 09:00", thread="u"),
        we("2026-03-06 10:00", thread="u"),
    ]
    touches = touches_of(mails, RULES)
    found = facts(
        touches.frame.lazy(),
        touches.links.lazy(),
        touches.programs.lazy(),
        accounts=pl.Series([0], dtype=pl.UInt32),
        rules=ConversationRules(),
        promises=promises_to(["A"], {"gold": [GOLD]}, {"A": "gold"}),
    )
    rows = signals(found, [at(as_of)], reply_horizon=dt.timedelta(days=7))
    return rows.row(by_predicate=pl.col("window_days") == 30, named=True)


@pytest.mark.parametrize(
    ("as_of", "rate"),
    [
        ("2026-03-08 12:00", 0.0),  # the answered one was due on Friday at 14:00
        ("2026-03-09 11:29", 0.0),
        ("2026-03-09 11:30", 0.5),  # an hour and a half of Friday, two and a half of Monday
    ],
)
def test_unreplied_waits_until_the_calendar_says_that_it_is_due(as_of: str, rate: float) -> None:
    """A weekend is no delay."""
    assert figures(as_of)["unreplied_rate"] == rate


OFFICE = Settings.model_validate(
    {
        **SETTINGS.model_dump(by_alias=True, exclude_unset=True),
        "tiers": [{"name": "enterprise", "first_response_hours": 2.0, "calendar": "office"}],
        "calendars": {"office": {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}},
    }
)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.mark.slow
def test_our_median_counts_in_open_hours() -> None:
    """Answers over night take an hour each of an office day, which is no longer than was promised."""
    box = Mailbox("a")
    for week in range(1, 4):
        asked = AT - week * 7 * DAY + 2 * HOUR  # a Monday at 16:00 in Berlin
        box.they(AT - asked, thread=f"{week}").we(AT - asked - 17 * HOUR, thread=f"{week}")
    marks = {reason["mark"] for reason in assessed({"a": box}, settings=OFFICE)["a"]["also"]}
    assert "we_are_slow" not in marks
    round_the_clock = {reason["mark"] for reason in assessed({"a": box})["a"]["also"]}
    assert "we_are_slow" in round_the_clock


@pytest.mark.slow
def test_open_hours_are_called_so() -> None:
    """Two days of eight hours are 16 open hours, not two thirds of a day."""
    box = Mailbox("a")
    asked = AT - 14 * DAY + 2 * HOUR
    box.they(AT - asked, thread="1").we(AT - asked - 48 * HOUR, thread="1")
    (reason,) = [
        one for one in assessed({"a": box}, settings=OFFICE)["a"]["also"] if one["mark"] == "we_are_slow"
    ]
    assert reason["value"] == 16.0
    assert (
        reason["text"]
        == "Our response time was 16 business hours in the last 30 days; the SLA target is 2 business hours."
    )
