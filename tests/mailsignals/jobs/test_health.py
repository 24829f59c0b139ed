"""From runs and mailboxes to a word and sentences."""

import datetime as dt

import pytest

from mailsignals.jobs.clock_watch import ClockJump
from mailsignals.jobs.health import REFUSALS_PER_DAY, Health, JobRuns, MailboxState, Observed, State, health
from mailsignals.jobs.runs import How, RunRow
from tests.mailsignals.jobs.simple import HOUR, MORNING, NOON, a_job, a_run

YESTERDAY = MORNING - 24 * HOUR


def judged(
    *history: RunRow,
    boxes: tuple[MailboxState, ...] = (),
    beat_at: dt.datetime | None = NOON,
    config_problem: str | None = None,
) -> Health:
    """How a service with one job is at noon."""
    seen = Observed(
        jobs=[JobRuns(job=a_job(), history=history)],
        mailboxes=boxes,
        beat_at=beat_at,
        config_problem=config_problem,
    )
    return health(seen, now=NOON)


def a_box(*, ready: bool = True, hours_ago: float = 1) -> MailboxState:
    """A mailbox that was read some hours ago."""
    return MailboxState(
        provider="gmail", mailbox="bo@us.test", ready=ready, synced_at=NOON - hours_ago * HOUR
    )


def test_all_is_well() -> None:
    """Jobs that are done, running or never ran, and mailboxes that were read."""
    assert judged().state is State.OK
    assert judged(a_run(How.DONE), boxes=(a_box(),)) == Health(state=State.OK, problems=[])
    assert judged(a_run(None), a_run(How.DONE, due_at=YESTERDAY)).state is State.OK
    assert judged(a_run(How.GIVEN_BACK), a_run(How.DONE, due_at=YESTERDAY)).state is State.OK


@pytest.mark.parametrize(
    ("how", "word"), [(How.FAILED, "failed"), (How.LOST, "was interrupted"), (How.MISSED, "was missed")]
)
def test_a_run_that_went_wrong_degrades(how: How, word: str) -> None:
    """The sentence says which job, what came of it, and what to type."""
    found = judged(a_run(how), a_run(How.DONE, due_at=YESTERDAY))
    assert found.state is State.DEGRADED
    (problem,) = found.problems
    assert problem.text.startswith(f"tidy {word}: something. ")
    assert problem.text.endswith("`mailsignals run --once tidy`.")


def test_a_job_that_goes_wrong_again_and_again_fails() -> None:
    """From the third time in a row on; a run that was given back counts neither way."""
    two = [a_run(How.FAILED), a_run(How.GIVEN_BACK), a_run(How.LOST)]
    assert judged(*two, a_run(How.DONE, due_at=YESTERDAY)).state is State.DEGRADED
    found = judged(*two, a_run(How.FAILED), a_run(How.DONE, due_at=YESTERDAY))
    assert found.state is State.FAILING
    assert "tidy failed 3 times in a row" in found.problems[0].text


def test_mailboxes_that_cannot_be_read() -> None:
    """One of several degrades, all of them fail, and so many are counted without being named."""
    some = judged(boxes=(a_box(), a_box(ready=False)))
    assert some.state is State.DEGRADED
    assert some.problems[0].text.startswith("1 of 2 mailboxes can't be read")
    assert judged(boxes=(a_box(ready=False),)).state is State.FAILING
    assert judged(boxes=(a_box(hours_ago=25),)).state is State.DEGRADED


def test_a_scheduler_that_stands_still_fails() -> None:
    """It looks at the clock twice a minute."""
    assert judged(beat_at=NOON - dt.timedelta(minutes=4)).state is State.FAILING
    assert judged(beat_at=None).state is State.OK


def test_a_configuration_that_was_refused_degrades_and_the_worst_comes_first() -> None:
    """The service goes on with the one before."""
    found = judged(config_problem="config.toml, line 3: no.", boxes=(a_box(ready=False),))
    assert [problem.state for problem in found.problems] == [State.FAILING, State.DEGRADED]
    assert "config.toml, line 3: no. Correct it" in found.problems[1].text


@pytest.mark.scenario("refused-requests-audited")
def test_many_refused_requests_are_a_problem() -> None:
    """Of one person in a day; some are usual after accounts were handed over."""

    def of(**refusals: int) -> Health:
        return health(
            Observed(jobs=[], mailboxes=[], beat_at=None, refusals=refusals),
            now=NOON,
        )

    assert of(ana=REFUSALS_PER_DAY, bo=1).state is State.OK
    found = of(ana=REFUSALS_PER_DAY + 1, bo=1)
    assert found.state is State.DEGRADED
    (problem,) = found.problems
    assert problem.text.startswith("ana was refused 21 requests")


@pytest.mark.scenario("clock-jumps")
def test_a_jump_of_the_clock_degrades_for_a_while() -> None:
    """The sentence names the size and the time of the jump, and what to check."""
    jump = ClockJump(by=dt.timedelta(days=200), before=NOON, after=NOON + dt.timedelta(days=200))
    found = health(Observed(jobs=[], mailboxes=[], beat_at=NOON, clock_jump=jump), now=NOON)
    assert found.state is State.DEGRADED
    assert [problem.text for problem in found.problems] == [
        (
            "The system's clock was set forward by 200 days at 2026-03-04 12:00 UTC; jobs were scheduled again. "
            "Check the system's time synchronisation."
        )
    ]
