"""Which occasion is still to be run, and when."""

import datetime as dt

import pytest

from mailsignals.jobs.due import OwedRun, owed_run
from mailsignals.jobs.runs import How
from mailsignals.jobs.schedule import Every
from tests.mailsignals.jobs.simple import HOUR, MORNING, NOON, a_job, a_run

YESTERDAY = a_run(How.DONE, due_at=MORNING - 24 * HOUR)
MINUTES = dt.timedelta(minutes=1)


def test_an_occasion_that_never_began_is_owed_at_once() -> None:
    """The machine slept, or the program was killed before it could note anything."""
    assert owed_run(a_job(), [YESTERDAY], now=NOON) == OwedRun(due_at=MORNING, run_at=MORNING, late=False)


@pytest.mark.parametrize("how", [How.DONE, How.MISSED, None])
def test_what_is_done_under_way_or_given_up_is_not_owed(how: How | None) -> None:
    """None is a run that has not ended."""
    assert owed_run(a_job(), [a_run(how), YESTERDAY], now=NOON) is None


def test_a_job_that_is_new_owes_nothing_of_before() -> None:
    """Unless it may be late for ever: then the sooner the better."""
    assert owed_run(a_job(), [], now=NOON) is None
    assert owed_run(a_job(grace=None), [], now=NOON) is not None
    assert owed_run(a_job(trigger=Every(minutes=60), grace=None), [], now=NOON) is not None


def test_a_job_that_was_scheduled_before_owes_its_first_occasion() -> None:
    """It was to run this morning for the first time, and the machine was off."""
    assert owed_run(a_job(), [], now=NOON, since=MORNING) is not None
    assert owed_run(a_job(), [], now=NOON, since=MORNING + MINUTES) is None


@pytest.mark.parametrize(
    ("hows", "minutes"),
    [
        ([How.GIVEN_BACK], 0),
        ([How.LOST], 5),
        ([How.FAILED], 5),
        ([How.FAILED, How.LOST, How.FAILED], 20),
        ([How.GIVEN_BACK, How.FAILED], 0),
        ([How.BLOCKED], 1),
        ([How.BLOCKED] * 30, 1),
        ([How.FAILED, How.BLOCKED], 5),
        ([How.FAILED] * 30, 60),
    ],
)
def test_what_failed_is_tried_again_later_and_later(hows: list[How], minutes: int) -> None:
    """From five minutes up to an hour; what was given back goes on at once."""
    found = owed_run(a_job(), [*map(a_run, hows), YESTERDAY], now=NOON)
    assert found is not None
    assert found.run_at - (MORNING + MINUTES) == minutes * MINUTES


def test_what_is_too_late_is_given_up() -> None:
    """After its grace an occasion is late; without a grace it never is."""
    evening = MORNING + 11 * HOUR
    late = owed_run(a_job(), [YESTERDAY], now=evening)
    assert late is not None
    assert late.late
    ever = owed_run(a_job(grace=None), [YESTERDAY], now=evening)
    assert ever is not None
    assert not ever.late
