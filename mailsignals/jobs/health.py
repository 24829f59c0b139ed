"""The health of the background service: a state and problems, from the runs of jobs and the mailboxes."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from mailsignals.jobs.clock_watch import ClockJump
from mailsignals.jobs.due import credible_runs, owed_run
from mailsignals.jobs.job import Job
from mailsignals.jobs.runs import How, RunRow
from mailsignals.store.tables.row_times import FutureDates

FAILING_AFTER = 3
"""The number of failed runs in a row from which a job is failing."""
STUCK = dt.timedelta(minutes=3)
"""The longest time between heartbeats of a running scheduler, which sends one every half minute."""
STALE = dt.timedelta(days=1)
"""The age of a mailbox's last sync from which that is a problem."""
REFUSALS_PER_DAY = 20
"""The most refused requests of a person in a day that are no problem, such as those for accounts handed over."""


class State(StrEnum):
    """The states of the service."""

    OK = "ok"
    DEGRADED = "degraded"
    """A part does not work and needs attention; the rest works."""
    FAILING = "failing"
    """The service or an essential part of it does not work."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class JobRuns:
    """A job with its newest runs first."""

    job: Job
    history: Sequence[RunRow]


@dataclasses.dataclass(frozen=True, kw_only=True)
class MailboxState:
    """The state of one mailbox: whether it is ready, and when it was last synced."""

    provider: str
    mailbox: str
    ready: bool
    synced_at: dt.datetime | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that the running service can't do now, and tries again until it can."""

    doing: str
    """What it can't do, as a verb and its object: ``start jobs``."""
    since: dt.datetime
    """The time at which it failed first."""
    reason: str
    """A sentence: what is wrong, and what to do."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Heartbeat:
    """The last heartbeat of the running service."""

    at: dt.datetime | None = None
    """The time of the scheduler's last heartbeat."""
    config_problem: str | None = None
    """The reason why the newest configuration is not in use; None if it is."""
    clock_jump: ClockJump | None = None
    """The last jump of the system's clock, for the time that health reports it."""
    faults: Sequence[Fault] = ()
    """Everything that the service can't do now."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Observed:
    """The observations from which the service's health is determined."""

    jobs: Sequence[JobRuns]
    mailboxes: Sequence[MailboxState]
    beat_at: dt.datetime | None
    """The time of the scheduler's last heartbeat; None where no running service was queried."""
    config_problem: str | None = None
    """The reason why the newest configuration is not in use; None if it is."""
    refusals: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """The number of requests to the dashboard that were refused in the last day, by person or token."""
    clock_jump: ClockJump | None = None
    """The last jump of the system's clock, for the time that health reports it."""
    clock_doubt: str | None = None
    """The reason why the system's clock must be wrong, in words; None if nothing contradicts it."""
    future: Sequence[FutureDates] = ()
    """Everything in the store that is dated in the future."""
    faults: Sequence[Fault] = ()
    """Everything that the service can't do now."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class HealthProblem:
    """One problem of the service, with its severity and a sentence for the operator."""

    state: State
    text: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Health:
    """The health of the service: its state and its problems."""

    state: State
    problems: Sequence[HealthProblem]


def health(seen: Observed, *, now: dt.datetime) -> Health:
    """Return the health of the service from observations, the most severe problems first."""
    problems = [
        *_service(seen, now),
        *_clock(seen),
        *(found for each in seen.jobs for found in _job(each, now)),
        *_mailboxes(seen, now),
        *_refusals(seen),
    ]
    order = list(State)
    problems.sort(key=lambda problem: -order.index(problem.state))
    return Health(state=problems[0].state if problems else State.OK, problems=problems)


def _service(seen: Observed, now: dt.datetime) -> Iterator[HealthProblem]:
    if seen.beat_at is not None and now - seen.beat_at > STUCK:
        yield HealthProblem(state=State.FAILING, text="The scheduler does not run. Restart the service.")
    for fault in seen.faults:
        yield HealthProblem(
            state=State.FAILING,
            text=f"The service can't {fault.doing} since {fault.since:%Y-%m-%d %H:%M} UTC: "
            f"{fault.reason.rstrip('.')}. It tries again every minute.",
        )
    if seen.config_problem is not None:
        yield HealthProblem(
            state=State.DEGRADED,
            text=f"The new configuration is invalid, so the previous one is in use: {seen.config_problem}"
            " Correct it and reload the service.",
        )


def _clock(seen: Observed) -> Iterator[HealthProblem]:
    if seen.clock_doubt is not None:
        yield HealthProblem(
            state=State.FAILING,
            text=f"{seen.clock_doubt} Until then no risk is recorded, nothing is sent, and nothing is deleted.",
        )
    if seen.clock_jump is not None:
        yield HealthProblem(
            state=State.DEGRADED,
            text=f"The system's clock {seen.clock_jump.text}; jobs were scheduled again. Check the system's time "
            "synchronisation.",
        )
    if seen.future:
        yield HealthProblem(state=State.DEGRADED, text=future_text(seen.future))


def future_text(future: Sequence[FutureDates]) -> str:
    """Return one sentence on everything that is dated in the future, and one with the remedy."""
    what = [each.text for each in future]
    listed = f"{', '.join(what[:-1])} and {what[-1]}" if len(what) > 1 else what[0]
    last = max(each.last_at for each in future)
    return (
        f"Dated in the future, up to {last:%Y-%m-%d %H:%M} UTC, and not used: {listed}. The system's clock was ahead "
        "when they were stored, or is behind now. Check the system's time; if it is right, `mailsignals repair` sets "
        "them aside."
    )


def _job(each: JobRuns, now: dt.datetime) -> Iterator[HealthProblem]:
    history = credible_runs(each.history, now=now)
    ended = [run for run in history if run.how is not None and run.how is not How.GIVEN_BACK]
    if not ended or ended[0].how is How.DONE:
        return
    last, name = ended[0], each.job.name
    bad = (
        len(ended)
        if all(run.how is not How.DONE for run in ended)
        else [run.how for run in ended].index(How.DONE)
    )
    state = State.FAILING if bad >= FAILING_AFTER else State.DEGRADED
    found = owed_run(each.job, each.history, now=now)
    ahead = f"It is retried automatically; to run it now: `mailsignals run --once {name}`."
    if last.how is How.BLOCKED:
        ahead = f"It is retried every minute; to run it now: `mailsignals run --once {name}`."
    if found is None or found.late:
        ahead = f"It runs again when it is next due; to run it now: `mailsignals run --once {name}`."
    times = f" {bad} times in a row" if bad > 1 else ""
    word = {
        How.FAILED: "failed",
        How.LOST: "was interrupted",
        How.MISSED: "was missed",
        How.BLOCKED: "can't run",
    }.get(last.how or How.FAILED)
    yield HealthProblem(state=state, text=f"{name} {word}{times}: {last.outcome.rstrip('.')}. {ahead}")


def _mailboxes(seen: Observed, now: dt.datetime) -> Iterator[HealthProblem]:
    unread = sum(not box.ready for box in seen.mailboxes)
    if unread:
        yield HealthProblem(
            state=State.FAILING if unread == len(seen.mailboxes) else State.DEGRADED,
            text=f"{unread} of {len(seen.mailboxes)} mailboxes can't be read. `mailsignals status` shows which, why "
            "and what to do.",
        )
    stale = sum(
        box.ready and box.synced_at is not None and now - box.synced_at > STALE for box in seen.mailboxes
    )
    if stale:
        yield HealthProblem(
            state=State.DEGRADED,
            text=f"{stale} of {len(seen.mailboxes)} mailboxes were last synced more than a day ago. Check the "
            "sync jobs with `mailsignals status`.",
        )


def _refusals(seen: Observed) -> Iterator[HealthProblem]:
    for who, number in seen.refusals.items():
        if number > REFUSALS_PER_DAY:
            yield HealthProblem(
                state=State.DEGRADED,
                text=f"{who} was refused {number} requests to the dashboard in the last day. "
                "`mailsignals audit --refused` shows them; ask the person, or check the token.",
            )
