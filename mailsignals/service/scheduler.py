"""Run each job once per due time, and catch up after a crash, sleep or a fault of the machine.

The table of runs says what is owed. At each look the service reads it, and sets the next time of every job; APScheduler
keeps these times in memory, and starts each job at its time.
"""

import contextlib
import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import STATE_RUNNING, BaseScheduler
from apscheduler.triggers.base import BaseTrigger

from mailsignals.errors import UserError
from mailsignals.jobs.due import owed_run
from mailsignals.jobs.job import Job
from mailsignals.jobs.runs import LOST, How, RunEnd, RunRow, Runs
from mailsignals.jobs.schedule import Trigger
from mailsignals.service.faults import LAST_SECONDS, LOOK, RECORD, START, FaultWatch, growing_pause

log = logging.getLogger(__name__)

STOPPED = "stopped with the service; it continues when the service starts"
DIED_OF_FAULT = "the process ended while the machine failed; finished work is kept"
LOOK_SECONDS = 30.0
"""Seconds between two looks at the table of runs, while nothing else causes one."""
LONGEST_HOLD = dt.timedelta(seconds=LAST_SECONDS)
"""The longest time for which a job that left no run is held back."""
MOST_AT_ONCE = 32
"""Jobs that may run at the same time, more than there are."""


class Launch(Protocol):
    """Runs jobs in processes of their own."""

    def __call__(self, job: Job, due_at: dt.datetime) -> RunEnd | None:
        """Run a job for a due time, and return when it has ended; with its end if that could not be recorded.

        Raises:
            OSError: the process could not be started.
            UserError: the run could not be claimed.
        """

    def stop(self) -> None:
        """Stop running jobs within seconds, and start no more."""


class When(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """A trigger as APScheduler requires it."""

    def __init__(self, rule: Trigger) -> None:
        self.rule = rule

    def get_next_fire_time(self, previous: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
        """Return the due time after the previous one."""
        return self.rule.next_after(previous or now)

    def __str__(self) -> str:
        return str(self.rule)


class Scheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler has no types
    """APScheduler in a thread, which can't be ended by an error.

    Call ``wakeup`` regularly, because its own timer stops while the machine sleeps.
    """

    def __init__(self) -> None:
        pool = ThreadPoolExecutor(MOST_AT_ONCE)
        super().__init__(
            timezone=dt.UTC, jobstores={"default": MemoryJobStore()}, executors={"default": pool}
        )
        self.looks = 0
        """The number of looks so far, failed ones included: it grows as long as the thread is alive."""
        self.step: Callable[[Callable[[], float | None]], float | None] = lambda fire_due: fire_due()
        """Looks for due jobs, calls its argument to start them, and returns the seconds until the next look."""

    @property
    def is_alive(self) -> bool:
        """True while the thread runs."""
        thread: threading.Thread | None = self._thread
        return thread is not None and thread.is_alive()

    def _process_jobs(self) -> float | None:
        if self.state != STATE_RUNNING:
            return None
        pause = self.step(super()._process_jobs)
        self.looks += 1
        return pause

    def wakeup(self) -> None:
        """Look for due jobs at once; a change that a look makes itself causes no other one."""
        if threading.current_thread() is not self._thread:
            super().wakeup()


class Service:
    """The scheduled jobs of one store."""

    def __init__(
        self, scheduler: BaseScheduler, runs: Runs, launch: Launch, *, now: Callable[[], dt.datetime]
    ) -> None:
        self._scheduler = scheduler
        self._runs = runs
        self._launch = launch
        self._now = now
        self._jobs: dict[str, Job] = {}
        self._turn = threading.Lock()
        self._busy: set[str] = set()
        self._new_at: dict[str, dt.datetime] = {}
        self._since: dict[str, dt.datetime] = {}
        self._unrecorded: list[tuple[str, RunEnd]] = []
        self._vain_tries: dict[str, int] = {}
        self._not_before: dict[str, dt.datetime] = {}
        self.faults = FaultWatch(now)
        self.stopping = threading.Event()
        """Set when the service stops."""
        self.on_end: Callable[[RunRow], None] = lambda _: None
        """Called with every finished run."""

    @property
    def jobs(self) -> Sequence[Job]:
        """The scheduled jobs."""
        return list(self._jobs.values())

    def start(self, jobs: Iterable[Job]) -> None:
        """Start the schedule; overdue jobs start at once."""
        self._scheduler.step = self.step
        self._scheduler.start(paused=True)
        self.arrange(jobs)
        self._scheduler.resume()

    def arrange(self, jobs: Iterable[Job]) -> None:
        """Schedule these jobs and remove all others; the next look sets the time of each."""
        now = self._now()
        self._jobs = {job.name: job for job in jobs}
        self._new_at = {name: self._new_at.get(name, now) for name in self._jobs}
        self._since = {}
        for scheduled in self._scheduler.get_jobs():
            if scheduled.id not in self._jobs:
                scheduled.remove()
        for job in self._jobs.values():
            self._scheduler.add_job(
                self.fire,
                When(job.trigger),
                args=(job.name,),
                id=job.name,
                replace_existing=True,
                coalesce=True,
                misfire_grace_time=None,  # the table of runs decides what is too late
                max_instances=MOST_AT_ONCE,  # ``fire`` lets none run twice at once
            )
        self._scheduler.wakeup()

    def step(self, fire_due: Callable[[], float | None]) -> float:
        """Look for due jobs, start them, and return the seconds until the next look.

        While the table of runs can't be read or changed, nothing is started; the pauses between looks grow.

        Args:
            fire_due: starts the jobs whose time has come, and returns the seconds until the next one.
        """
        doing = RECORD
        try:
            self._record_ends()
            doing = LOOK
            histories = self._runs.histories(list(self._jobs))
            self.faults.clear(LOOK)
            doing = RECORD
            is_due = self._set_times(histories, self._now())
            if is_due or RECORD in self.faults:
                self._runs.check_recording()
                self.faults.clear(RECORD)
            doing = START
            pause = fire_due()
        except Exception as error:  # noqa: BLE001  # nothing may end the scheduler's thread
            self.faults.note(doing, error)
            return self.faults.pause_seconds(doing)
        return LOOK_SECONDS if pause is None else min(pause, LOOK_SECONDS)

    def _set_times(self, histories: Mapping[str, Sequence[RunRow]], now: dt.datetime) -> bool:
        """Set the next time of each job from its runs, and return whether any is due now."""
        if not self._since:
            self._since = self._runs.scheduled_since(self._new_at)
        # A time after now is of a clock that was ahead.
        self._since = {name: min(at, now) for name, at in self._since.items()}
        is_due = False
        for name, read in histories.items():
            job = self._jobs.get(name)
            if job is None or name in self._busy:
                continue
            is_open = any(run.how is None and run.due_at is not None for run in read)
            is_lost = is_open and self._settle(job)
            if is_lost:
                log.warning("run_lost", extra={"job": name})
            run_at = self._next_time(job, self._runs.history(name) if is_lost else read, now)
            self._set_time(name, run_at, now)
            is_due = is_due or (run_at is not None and run_at <= now)
        return is_due

    def _next_time(self, job: Job, history: Sequence[RunRow], now: dt.datetime) -> dt.datetime | None:
        """Return the time at which a job should run next; a due time that is too long ago is recorded as missed."""
        owed = owed_run(job, history, now=now, since=self._since.get(job.name))
        if owed is not None and owed.late:
            self._miss(job, owed.due_at)
        if owed is None or owed.late:
            return job.trigger.next_after(now)
        held_back = min(
            self._not_before.get(job.name, now), now + LONGEST_HOLD
        )  # the clock may have been ahead
        return max(owed.run_at, held_back, now)

    def _set_time(self, name: str, run_at: dt.datetime | None, now: dt.datetime) -> None:
        scheduled = self._scheduler.get_job(name)
        if scheduled is None or scheduled.next_run_time == run_at:
            return
        is_due = scheduled.next_run_time is not None and scheduled.next_run_time <= now
        if not (is_due and run_at is not None and run_at <= now):
            scheduled.modify(next_run_time=run_at)

    def _miss(self, job: Job, due_at: dt.datetime) -> None:
        self._runs.missed(job.name, due_at=due_at, at=self._now())
        log.warning("run_missed", extra={"job": job.name, "due_at": due_at.isoformat()})

    def fire(self, name: str) -> None:
        """Run a job for its last due time, unless that is done; APScheduler calls this when it is due."""
        job = self._jobs.get(name)
        with self._turn:
            if job is None or self.stopping.is_set() or name in self._busy:
                return
            self._busy.add(name)
        try:
            self._run(job)
        except Exception as error:  # noqa: BLE001  # it is logged, and the next look finds the job again
            self.faults.note(START, error)
            self._hold_back(name)
        finally:
            with self._turn:
                self._busy.discard(name)
            self._scheduler.wakeup()

    def _run(self, job: Job) -> None:
        now, history = self._now(), self._runs.history(job.name)
        owed = owed_run(job, history, now=now, since=self._since.get(job.name))
        if owed is None or owed.run_at > now:
            return
        if owed.late:
            self._miss(job, owed.due_at)
            return
        if not any(run.due_at == owed.due_at for run in history) and job.name not in self._vain_tries:
            log.info("run_begins", extra={"job": job.name, "due_at": owed.due_at.isoformat()})
        try:
            end = self._launch(job, owed.due_at)
            if end is not None:
                self._unrecorded.append((job.name, end))
                self._record_ends()
            else:
                self._settle(job)
                self._report(job, history)
        except UserError as error:  # the run could not be claimed or ended; the next look tries again
            self.faults.note(RECORD, error)
            self._hold_back(job.name)

    def _settle(self, job: Job) -> bool:
        """Record the end of a run whose process died, and return whether there was one."""
        how, outcome = How.LOST, LOST
        if self.stopping.is_set():
            how, outcome = How.GIVEN_BACK, STOPPED
        elif RECORD in self.faults:
            how, outcome = How.BLOCKED, DIED_OF_FAULT
        return self._runs.settle(job.name, how=how, outcome=outcome, at=self._now())

    def _record_ends(self) -> None:
        """Record the ends of runs that could not be recorded before."""
        while self._unrecorded:
            name, end = self._unrecorded[0]
            self._runs.end(end.number, end.how, end.outcome, at=end.ended_at)
            self._unrecorded.pop(0)
            if name in self._jobs:
                self._report(self._jobs[name], ())

    def _report(self, job: Job, before: Sequence[RunRow]) -> None:
        """Report the newest run of a job, unless it is one from before: then its process did not begin a run."""
        newest = self._runs.history(job.name, limit=1)
        if newest and newest[0].how is None:
            return  # it runs by hand
        if newest[:1] == list(before[:1]):
            self.faults.note(START, UserError(f"{job.name}: its process ended before it began. See the log."))
            self._hold_back(job.name)
            return
        self.faults.clear(START)
        self._vain_tries.pop(job.name, None)
        self._not_before.pop(job.name, None)
        try:
            self.on_end(newest[0])
        except Exception:
            log.exception("run_not_counted", extra={"job": job.name})
        _log_end(newest[0], before)

    def _hold_back(self, name: str) -> None:
        """Let a job wait that left no run; each time twice as long, up to a minute."""
        tries = self._vain_tries.get(name, 0) + 1
        self._vain_tries[name] = tries
        self._not_before[name] = self._now() + dt.timedelta(seconds=growing_pause(tries))

    def stop(self) -> None:
        """Start no more jobs, and stop the running ones."""
        self.stopping.set()
        self._scheduler.pause()
        self._launch.stop()
        self._scheduler.shutdown(wait=True)
        with contextlib.suppress(UserError):  # such runs are found as lost at the next start
            self._record_ends()


def _log_end(run: RunRow, before: Sequence[RunRow]) -> None:
    """Log the end of a run; of tries that the machine blocked for the same reason only the first."""
    is_known = any(
        (last.due_at, last.how, last.outcome) == (run.due_at, run.how, run.outcome) for last in before[:1]
    )
    if run.how is How.BLOCKED and is_known:
        return
    level = logging.INFO if run.how in {How.DONE, How.GIVEN_BACK} else logging.ERROR
    seconds = (run.ended_at - run.started_at).total_seconds() if run.ended_at else 0.0
    fields = {"job": run.kind, "how": str(run.how), "seconds": round(seconds, 1), "outcome": run.outcome}
    log.log(level, "run_ended", extra=fields)
