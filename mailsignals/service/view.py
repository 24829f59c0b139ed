"""The state of the running service, as probes, metrics and the page System show it; reading it never fails."""

import datetime as dt
import logging
import threading
from collections.abc import Callable, Mapping

from mailsignals import clock
from mailsignals.jobs.clock_watch import ClockJump, ClockWatch
from mailsignals.jobs.health import (
    Fault,
    Health,
    HealthProblem,
    Heartbeat,
    JobRuns,
    MailboxState,
    Observed,
    State,
    health,
)
from mailsignals.jobs.runs import Runs
from mailsignals.service.faults import LOOK, READ, reason_of
from mailsignals.service.scheduler import Scheduler, Service
from mailsignals.store.tables.mailbox_status import READY
from mailsignals.usecases.clock_state import ClockState, ClockStates

log = logging.getLogger(__name__)


class ServiceView:
    """Observes a service; where its store can't be read, the last observation counts, with the reason."""

    def __init__(
        self,
        service: Service,
        scheduler: Scheduler,
        runs: Runs,
        clocks: ClockStates,
        *,
        refusals: Callable[[], Mapping[str, int]],
    ) -> None:
        """Observe a service.

        Args:
            service: the scheduled jobs.
            scheduler: their scheduler.
            runs: the table of runs.
            clocks: what contradicts the system's clock.
            refusals: returns the number of refused requests of the last day by person.
        """
        self._service, self._scheduler, self._runs, self._clock_states = service, scheduler, runs, clocks
        self._read_refusals = refusals
        self._refusals: Mapping[str, int] = {}
        self._turn = threading.Lock()
        self._jobs: list[JobRuns] = []
        self._mailboxes: list[MailboxState] = []
        self._clock = ClockState()
        self._unread_since: dt.datetime | None = None
        self._clocks = ClockWatch(clock.read_clocks())
        self._looks, self._looked_at = 0, clock.elapsed()
        self.config_problem: str | None = None
        """The reason why the newest configuration is not in use; None if it is."""

    def glance(self) -> ClockJump | None:
        """Note the progress of the scheduler, and return the jump of the system's clock since the last call, if any."""
        self._idle()
        return self._clocks.look(clock.read_clocks())

    def heartbeat(self) -> Heartbeat:
        """Return the heartbeat of the service."""
        return Heartbeat(
            at=clock.now() - self._idle(),
            config_problem=self.config_problem,
            clock_jump=self._clocks.recent(clock.elapsed()),
            faults=self._service.faults.current,
        )

    def observed(self) -> Observed:
        """Return what is observed of the service now."""
        sign, unread = self.heartbeat(), self._read()
        faults = list(sign.faults)
        if unread is not None and all(fault.doing != LOOK for fault in faults):
            faults.append(unread)
        with self._turn:
            return Observed(
                jobs=self._jobs,
                mailboxes=self._mailboxes,
                beat_at=sign.at,
                config_problem=sign.config_problem,
                clock_jump=sign.clock_jump,
                clock_doubt=self._clock.doubt,
                future=self._clock.future,
                faults=faults,
                refusals=self._refusals,
            )

    def health(self) -> Health:
        """Return the health of the service; an error while it is determined is a problem itself."""
        try:
            return health(self.observed(), now=clock.now())
        except Exception as error:
            log.exception("health_unknown")
            text = f"The health of the service is unknown: {reason_of(error)}."
            return Health(state=State.FAILING, problems=[HealthProblem(state=State.FAILING, text=text)])

    def _read(self) -> Fault | None:
        """Read the runs of all jobs and the mailboxes, and return the reason if that fails."""
        listed = self._service.jobs
        try:
            histories = self._runs.histories([job.name for job in listed])
            mailboxes = self._runs.mailboxes()
            clock_state = self._clock_states.at(clock.now())
            refusals = self._read_refusals()
        except Exception as error:  # noqa: BLE001  # health has the reason
            with self._turn:
                self._unread_since = self._unread_since or clock.now()
                return Fault(doing=READ, since=self._unread_since, reason=reason_of(error))
        with self._turn:
            self._unread_since, self._clock, self._refusals = None, clock_state, refusals
            self._jobs = [JobRuns(job=job, history=histories[job.name]) for job in listed]
            self._mailboxes = [
                MailboxState(provider=provider, mailbox=mailbox, ready=state == READY, synced_at=synced_at)
                for provider, mailbox, state, synced_at in mailboxes
            ]
        return None

    def _idle(self) -> dt.timedelta:
        """Return the time since the scheduler was last seen to make progress, by the clock that can't be set."""
        with self._turn:
            if self._scheduler.looks != self._looks:
                self._looks, self._looked_at = self._scheduler.looks, clock.elapsed()
            return clock.elapsed() - self._looked_at
