"""Response times against textbook statistics."""

import datetime as dt
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Message
from tests.mailsignals.companies import DAY, HOUR, START, message
from tests.mailsignals.engine import figure, figures

CUSTOMER, US = "p@a.example", "cs@us.example"
T = START + 100 * DAY

Waits = list[tuple[int, bool]]
WAITS = st.lists(st.tuples(st.sampled_from((0, 1, 2, 3, 24, 200)), st.booleans()), min_size=1, max_size=8)


def turns(waits: Waits, *, outbound: bool = False) -> list[Message]:
    """A conversation for each wait of so many hours: answered after it, or open for as long at ``T``."""
    asker, answerer = (US, CUSTOMER) if outbound else (CUSTOMER, US)
    found = []
    for number, (hours, answered) in enumerate(waits):
        at = T - hours * HOUR - 5 * DAY * answered
        found.append(message(at, asker, answerer, message_id=f"{number}", subject=f"{number}"))
        if answered:
            found.append(
                message(
                    at + hours * HOUR,
                    answerer,
                    asker,
                    references=(f"{number}",),
                    message_id=f"z{number}",
                    subject=f"z{number}",
                )
            )
    return found


def kaplan_meier_median(waits: Waits) -> int | None:
    """The first time at which exactly computed survival is one half or less."""
    survival = Fraction(1)
    for time in sorted({hours for hours, answered in waits if answered}):
        at_risk = sum(hours >= time for hours, _ in waits)
        survival *= 1 - Fraction(waits.count((time, True)), at_risk)
        if survival <= Fraction(1, 2):
            return time
    return None


@pytest.mark.slow
@settings(deadline=None, max_examples=15)
@given(WAITS, st.booleans())
def test_medians_and_percentiles_are_the_textbooks(waits: Waits, outbound: bool) -> None:
    """Kaplan-Meier over all turns, linear percentiles over the answered ones, for either side."""
    row = figures(turns(waits, outbound=outbound), [T]).row(0, named=True)
    ours, theirs = "response_hours", "customer_response_hours"
    timed, other = (theirs, ours) if outbound else (ours, theirs)
    assert row[f"{timed}_km_median"] == kaplan_meier_median(waits)
    answered = [hours for hours, done in waits if done]
    for name, share in (("median", 0.5), ("p90", 0.9)):
        expected = float(np.quantile(answered, share)) if answered else None
        assert row[f"{timed}_{name}"] == (None if expected is None else pytest.approx(expected))
    if not outbound:
        assert row["first_response_hours_median"] == row["response_hours_median"]
    assert row[f"{other}_median"] is None


@pytest.mark.parametrize(
    ("waits", "median"),
    [
        ([(1, True), (2, True)], 1.0),
        ([(1, True), (2, True), (3, True)], 2.0),
        ([(1, True), (5, False)], 1.0),
        ([(1, True), (5, False), (6, False)], None),
        ([(5, True), (5, False)], 5.0),
        ([(1, False), (2, True)], 2.0),
        ([(9, False)], None),
        ([(0, True)], 0.0),
    ],
)
def test_the_median_wait_counts_the_unanswered(waits: Waits, median: float | None) -> None:
    """One half is reached where exactly half are answered; at ties the answer comes first; or it is never reached."""
    assert figure("response_hours_km_median", turns(waits), T) == median


def test_percentiles_interpolate_linearly() -> None:
    """Between two values by the share of the way."""
    row = figures(turns([(0, True), (10, True)]), [T]).row(0, named=True)
    assert (row["response_hours_median"], row["response_hours_p90"]) == (5.0, pytest.approx(9.0))


def test_first_responses_are_of_turns_that_open() -> None:
    """A conversation that we open yields none, and neither do later turns."""
    answer = {"references": ("a",)}
    mails = [
        message(T - 5 * DAY, US, CUSTOMER, message_id="a"),
        message(T - 4 * DAY, CUSTOMER, US, **answer),
        message(T - 4 * DAY + HOUR, US, CUSTOMER, **answer),
    ]
    row = figures(mails, [T]).row(0, named=True)
    assert row["response_hours_median"] == 1.0
    assert row["first_response_hours_median"] is None
    assert row["customer_response_hours_median"] == 24.0


def test_a_turn_counts_where_it_starts() -> None:
    """Answered in the window, but asked before it: not of this window."""
    mails = [
        message(T - 30 * DAY, CUSTOMER, US, message_id="a"),
        message(T - 29 * DAY, US, CUSTOMER, references=("a",)),
    ]
    assert figure("response_hours_median", mails, T, days=30) is None
    assert figure("response_hours_median", mails, T, days=60) == 24.0


@pytest.mark.parametrize("days", [0.5, 80])
def test_an_open_turn_is_censored_at_the_instant(days: float) -> None:
    """An answer that comes later than the instant is unknown at it."""
    asked = message(T - days * DAY, CUSTOMER, US, message_id="a")
    answer = message(T + dt.timedelta(microseconds=1), US, CUSTOMER, references=("a",))
    row = figures([asked, answer], [T]).row(2, named=True)
    assert row["response_hours_km_median"] is None
    assert row["oldest_open_hours"] == pytest.approx(days * 24)
