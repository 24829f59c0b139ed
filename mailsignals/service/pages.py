"""The loaded pages of ``mailsignals serve``, and the process that keeps them fresh."""

import datetime as dt
import logging
import threading

from starlette.applications import Starlette

from mailsignals import clock
from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.jobs.health import Health, State
from mailsignals.readmodel.editions import EditionStore
from mailsignals.service.probe_access import ProbeAccess
from mailsignals.service.probes import probe_routes
from mailsignals.service.processes import JobProcesses
from mailsignals.usecases.editions import prepare_edition
from mailsignals.usecases.job_list import prepare_job
from mailsignals.web.app import application
from mailsignals.web.site import Site
from mailsignals.workspace import Workspace

log = logging.getLogger(__name__)


class Pages:
    """The pages of a company."""

    def __init__(self, workspace: Workspace, editions: EditionStore, *, host: str) -> None:
        """Load the pages.

        Args:
            workspace: the company.
            editions: those that the pages show.
            host: the address that the pages are served at.
        """
        settings = workspace.settings
        self._workspace, self._editions, self._job = workspace, editions, prepare_job(settings)
        self._processes = JobProcesses(lambda: settings)
        self.app = _dashboard_app(settings, editions, host=host)

    def keep_fresh(self, stop: threading.Event) -> None:
        """Prepare an edition if the newest is too old, and then one at each due time until ``stop`` is set.

        Raises:
            UserError: the first edition cannot be prepared.
        """
        self._editions.forget_step()  # that of a preparation that was killed
        if is_stale(self._editions, minutes=self._workspace.settings.dashboard.refresh_minutes):
            now = clock.now()
            self._prepare(now)
            if self._editions.newest() is None and not stop.is_set():
                prepare_edition(self._workspace, now)  # raises the reason
        while not stop.is_set():
            now = clock.now()
            due_at = self._job.trigger.next_after(now) or now
            if not stop.wait((due_at - now).total_seconds()):
                self._prepare(due_at)

    def _prepare(self, due_at: dt.datetime) -> None:
        """Prepare an edition in a process; where that can't be started, the last edition stays until the next one."""
        try:
            self._processes(self._job, due_at)
        except (OSError, UserError) as error:
            log.warning("edition_not_prepared", extra={"problem": str(error)})

    def close(self) -> None:
        """Stop a running preparation, and write the pending audit entries."""
        self._processes.stop()
        self.app.state.access.close()


def is_stale(editions: EditionStore, *, minutes: int) -> bool:
    """Return true if the newest edition is older than some minutes, or there is none."""
    newest = editions.newest()
    return newest is None or clock.now() - newest.as_of > dt.timedelta(minutes=minutes)


def _dashboard_app(settings: Settings, editions: EditionStore, *, host: str) -> Starlette:
    """Return the dashboard; ``/readyz`` answers 503 until the first edition is there."""
    site = Site(settings=lambda: settings, now=clock.now, shelf=editions)

    def judge() -> Health:
        return Health(state=State.OK, problems=[])

    access = ProbeAccess(bound=host, dashboard=lambda: settings.dashboard)
    probes = probe_routes(judge, lambda: editions.newest() is not None, access)
    return application(site, further=probes, bound=host)
