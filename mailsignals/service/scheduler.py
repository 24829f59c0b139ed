"""Run each job once per due time, and catch up after a crash or sleep."""

import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from apscheduler.events import EVENT_JOB_EXECUTED, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.base import BaseTrigger

from mailsignals.jobs.due import owed_run
from mailsignals.jobs.job import Job
from mailsignals.jobs.runs import LOST, How, RunRow, Runs
from mailsignals.jobs.schedule import Trigger

log = logging.getLogger(__name__)

SCHEDULE_FILE = "schedule.sqlite"
STOPPED = "stopped with the service; it continues when the service starts"


class Launch(Protocol):
    """Runs jobs in processes of their own."""

    def __call__(self, job: Job, due_at: dt.datetime) -> None:
        """Run a job for a due time, and return when it has ended."""

    def stop(self) -> None:
        """Stop running jobs within seconds, and start no more."""


class When(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """A trigger as APScheduler requires it, which its job store keeps."""

    def __init__(self, rule: Trigger) -> None:
        self.rule = rule

    def get_next_fire_time(self, previous: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
        """Return the due time after the previous one."""
        return self.rule.next_after(previous or now)

    def __str__(self) -> str:
        return str(self.rule)


def job_store(folder: Path) -> SQLAlchemyJobStore:
    """Return the job store in which APScheduler keeps each job's next time across restarts."""
    return SQLAlchemyJobStore(url=f"sqlite:///{folder / SCHEDULE_FILE}")


class Scheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler has no types
    """APScheduler in a thread, with the time at which it last checked the clock (``looked_at``).

    Call ``wakeup`` regularly, because its own timer stops while the machine sleeps.
    """

    def __init__(self, folder: Path, *, now: Callable[[], dt.datetime]) -> None:
        super().__init__(timezone=dt.UTC, jobstores={"default": job_store(folder)})
        self._now = now
        self.looked_at = now()

    def _process_jobs(self) -> float | None:
        self.looked_at = self._now()
        pause: float | None = super()._process_jobs()
        return pause


_FIRING: dict[str, Callable[[str], None]] = {}
"""The running service of each store. A persistent job store can only hold names of functions and texts."""


def fire(store: str, name: str) -> None:
    """Run the named job of a store; APScheduler calls this when it is due."""
    _FIRING[store](name)


class Service:
    """The scheduled jobs of one store."""

    def __init__(
        self,
        scheduler: BaseScheduler,
        runs: Runs,
        launch: Launch,
        *,
        store: Path,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._scheduler = scheduler
        self._runs = runs
        self._launch = launch
        self._store = str(store)
        self._now = now
        self._jobs: dict[str, Job] = {}
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
        _FIRING[self._store] = self.fire
        self._scheduler.add_listener(self._missed, EVENT_JOB_MISSED)
        self._scheduler.add_listener(self._executed, EVENT_JOB_EXECUTED)
        self._scheduler.start(paused=True)
        self.arrange(jobs)
        self._scheduler.resume()

    def arrange(self, jobs: Iterable[Job]) -> None:
        """Schedule these jobs and remove all others; unchanged jobs keep their next run."""
        self._jobs = {job.name: job for job in jobs}
        for stored in self._scheduler.get_jobs():
            if stored.id not in self._jobs:
                stored.remove()
        for job in self._jobs.values():
            stored = self._scheduler.get_job(job.name)
            if stored is None or stored.trigger.rule != job.trigger:
                self._scheduler.add_job(
                    fire, When(job.trigger), id=job.name, replace_existing=True, **self._rules(job)
                )
            else:
                stored.modify(**self._rules(job))
            if self._runs.settle(job.name, how=How.LOST, outcome=LOST, at=self._now()):
                log.warning("run_lost", extra={"job": job.name})
            self._catch_up(job)

    def _rules(self, job: Job) -> dict[str, Any]:
        """Return the options of a job: no overlap, one run for all missed due times, and its grace period."""
        grace = None if job.grace is None else int(job.grace.total_seconds())
        return {
            "args": (self._store, job.name),
            "max_instances": 1,
            "coalesce": True,
            "misfire_grace_time": grace,
        }

    def _catch_up(self, job: Job) -> None:
        """Schedule a job earlier if it missed a due time that the job store has lost."""
        now = self._now()
        found = owed_run(job, self._runs.history(job.name), now=now)
        if found is None:
            return
        if found.late:
            self._runs.missed(job.name, due_at=found.due_at, at=now)
            log.warning("run_missed", extra={"job": job.name, "due_at": found.due_at.isoformat()})
            return
        run_at = max(found.run_at, now)
        stored = self._scheduler.get_job(job.name)
        if stored is not None and (stored.next_run_time is None or run_at < stored.next_run_time):
            stored.modify(next_run_time=run_at)

    def fire(self, name: str) -> None:
        """Run a job for its last due time, unless that is done."""
        job, due_at = self._jobs.get(name), None
        if job is not None:
            due_at = job.trigger.last_until(self._now())
        if job is None or due_at is None or self.stopping.is_set() or self._is_done(name, due_at):
            return
        log.info("run_begins", extra={"job": name, "due_at": due_at.isoformat()})
        self._launch(job, due_at)
        self._ended(job)

    def _is_done(self, name: str, due_at: dt.datetime) -> bool:
        """Return true if a due time is done; after a crash the job store may not know it."""
        return any(run.due_at == due_at and run.how is How.DONE for run in self._runs.history(name))

    def _ended(self, job: Job) -> None:
        how, outcome = (How.GIVEN_BACK, STOPPED) if self.stopping.is_set() else (How.LOST, LOST)
        self._runs.settle(job.name, how=how, outcome=outcome, at=self._now())
        for run in self._runs.history(job.name, limit=1):
            if run.how is not None:
                self.on_end(run)
                _log_end(run)

    def _executed(self, event: JobExecutionEvent) -> None:
        """Catch up on missed due times; only now does APScheduler let the job run again."""
        job = self._jobs.get(event.job_id)
        if job is not None and not self.stopping.is_set():
            self._catch_up(job)

    def _missed(self, event: JobExecutionEvent) -> None:
        """Record a due time that was too long ago when the machine woke up."""
        job = self._jobs.get(event.job_id)
        due_at = None if job is None else job.trigger.last_until(event.scheduled_run_time)
        if due_at is not None:
            self._runs.missed(event.job_id, due_at=due_at, at=self._now())
            log.warning("run_missed", extra={"job": event.job_id, "due_at": due_at.isoformat()})

    def stop(self) -> None:
        """Start no more jobs, and stop the running ones."""
        self.stopping.set()
        self._scheduler.pause()
        self._launch.stop()
        self._scheduler.shutdown(wait=True)
        _FIRING.pop(self._store, None)


def _log_end(run: RunRow) -> None:
    level = logging.INFO if run.how in {How.DONE, How.GIVEN_BACK} else logging.ERROR
    seconds = (run.ended_at - run.started_at).total_seconds() if run.ended_at else 0.0
    fields = {"job": run.kind, "how": str(run.how), "seconds": round(seconds, 1), "outcome": run.outcome}
    log.log(level, "run_ended", extra=fields)
