"""The dashboard alone, without the other jobs of the service."""

import contextlib
import datetime as dt
import threading
from collections.abc import Iterator

from mailsignals import clock
from mailsignals.errors import UserError
from mailsignals.readmodel.editions import EditionStore
from mailsignals.service.http import serve_app
from mailsignals.service.processes import JobProcesses
from mailsignals.store.messages.catalogue import FILE
from mailsignals.usecases.editions import prepare_edition
from mailsignals.usecases.job_list import prepare_job
from mailsignals.web.access.check import refuse_openness
from mailsignals.web.app import application
from mailsignals.web.site import Site
from mailsignals.workspace import Workspace


class Dashboard:
    """The pages of a company, prepared anew at every occasion by a process whose memory goes back when it ends."""

    def __init__(self, workspace: Workspace, *, host: str) -> None:
        """Check that the pages may be shown at an address, and bring an older store up to date.

        Raises:
            UserError: others would get in unasked, or there are no pages.
        """
        settings = workspace.settings
        refuse_openness(settings, host)
        if settings.dashboard.access == "off":
            raise UserError('dashboard.access is "off", so there are no pages to serve.')
        self._workspace, self._host = workspace, host
        self._editions, self._stop = EditionStore(settings.store.path), threading.Event()
        self._processes, self._job = JobProcesses(lambda: settings), prepare_job(settings)
        if (settings.store.path / FILE).is_file():
            workspace.prepare_store(self._stop)  # an older store cannot hold who saw what

    def is_stale(self) -> bool:
        """Return whether no edition was made lately."""
        newest, minutes = self._editions.newest(), self._workspace.settings.dashboard.refresh_minutes
        return newest is None or clock.now() - newest.as_of > dt.timedelta(minutes=minutes)

    def prepare(self) -> None:
        """Make an edition.

        Raises:
            UserError: there is no store, or no edition can be made of it.
        """
        now = clock.now()
        with self._workspace.reading():
            self._processes(self._job, now)
        if self._editions.newest() is None:
            prepare_edition(self._workspace, now)  # which says why it cannot be made

    @contextlib.contextmanager
    def served(self, port: int) -> Iterator[int]:
        """Serve the pages, and keep them fresh; yields the port.

        Raises:
            UserError: the address cannot be used.
        """
        settings = self._workspace.settings
        site = Site(settings=lambda: settings, now=clock.now, shelf=self._editions)
        app = application(site, bound=self._host)
        with contextlib.closing(app.state.access), serve_app(app, host=self._host, port=port) as found:
            threading.Thread(target=self._refresh, daemon=True).start()
            yield found
            self._processes.stop()

    def wait(self) -> None:
        """Return once ``stop`` was called."""
        self._stop.wait()

    def stop(self) -> None:
        """Make ``wait`` return, so that the dashboard ends."""
        self._stop.set()

    def _refresh(self) -> None:
        while not self._stop.is_set():
            now = clock.now()
            due_at = self._job.trigger.next_after(now) or now
            if not self._stop.wait((due_at - now).total_seconds()):
                self._processes(self._job, due_at)
