"""The background service as a process: its jobs, its HTTP server and its signals."""

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from starlette.routing import Route

from mailsignals import clock
from mailsignals.config import Settings
from mailsignals.config.dashboard import DashboardSection
from mailsignals.errors import ServiceEndedError, UserError
from mailsignals.jobs.runs import SERVICE, Runs
from mailsignals.readmodel.editions import EditionStore
from mailsignals.secret_files import SecretFile, secret
from mailsignals.service.http import serve_app
from mailsignals.service.metrics import ServiceMetrics, hash_label
from mailsignals.service.probe_access import ProbeAccess, probe_access
from mailsignals.service.probes import metrics_route, probe_routes, serve_probes
from mailsignals.service.processes import JobProcesses
from mailsignals.service.scheduler import Scheduler, Service
from mailsignals.service.systemd import SystemdNotifier
from mailsignals.service.view import ServiceView
from mailsignals.store.messages.errors import store_errors
from mailsignals.usecases.clock_state import ClockStates
from mailsignals.usecases.job_list import job_list
from mailsignals.usecases.refusals import refusals_of_the_day
from mailsignals.web.access.check import refuse_openness
from mailsignals.web.access.proxy import is_proxy
from mailsignals.web.app import application
from mailsignals.web.site import Site
from mailsignals.workspace import Workspace

log = logging.getLogger(__name__)

GLANCE_SECONDS = 30.0
"""Seconds between two checks of the clock, which the scheduler misses while the machine sleeps."""
PATIENCE_SECONDS, GLANCE_PATIENCE_SECONDS = 5.0, 2.0
"""Seconds to wait for a locked store: before a run, and to answer a probe."""
OLD_SCHEDULE = "schedule.sqlite"


class Server:
    """One running service."""

    def __init__(self, workspace: Workspace, *, reload: Callable[[], Workspace]) -> None:
        """Serve a company.

        Args:
            workspace: the company.
            reload: loads the company again; raises UserError if its configuration is invalid.
        """
        self._load = reload
        self._workspace = workspace
        self._stop, self._reload, self._wake = threading.Event(), threading.Event(), threading.Event()
        self._ready = threading.Event()
        self._systemd = SystemdNotifier.of(os.environ)

    def until_stopped(self) -> None:
        """Serve until SIGTERM or Ctrl-C; SIGHUP reloads the configuration.

        Raises:
            UserError: the service is already running, or its address or store can't be used.
            ServiceEndedError: its scheduler ended, so it must be started again.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._heed(self._stop))
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda *_: self._heed(self._reload))
        settings = self._workspace.settings
        refuse_openness(settings, settings.service.host)
        self._workspace.prepare_store(self._stop)
        runs = Runs(settings.store.path, patience_seconds=PATIENCE_SECONDS)
        held = runs.lock(SERVICE)
        if held is None:
            raise UserError(
                f"{settings.store.path}: the service is running already. Stop it before you start another one."
            )
        with held:
            self._serve(runs)

    def _heed(self, what: threading.Event) -> None:
        what.set()
        self._wake.set()

    def _serve(self, runs: Runs) -> None:
        settings = self._workspace.settings
        store = settings.store.path
        _remove_old_schedule(store)
        scheduler = Scheduler()
        children = JobProcesses(lambda: self._workspace.settings)
        service = Service(scheduler, runs, children, now=clock.now)
        clocks = ClockStates(lambda: self._workspace.settings, elapsed=clock.elapsed)
        glances = Runs(store, patience_seconds=GLANCE_PATIENCE_SECONDS)
        view = ServiceView(
            service,
            scheduler,
            glances,
            clocks,
            refusals=lambda: refusals_of_the_day(self._workspace.settings, now=clock.now()),
        )
        with store_errors(store):
            key = secret(store, SecretFile.LABELS)
        label = str if settings.service.mailbox_labels == "addresses" else hash_label(key)
        figures = ServiceMetrics(view.observed, label=label, now=clock.now)
        service.on_end = figures.ended
        site = Site(
            settings=lambda: self._workspace.settings,
            now=clock.now,
            shelf=EditionStore(store),
            heartbeat=view.heartbeat,
        )
        host = settings.service.host

        def probes(access: ProbeAccess) -> list[Route]:
            return [
                *probe_routes(view.health, self._ready.is_set, access),
                metrics_route(figures.registry, access),
            ]

        with store_errors(store):
            further = probes(probe_access(settings, self._dashboard, bound=host))
            app = application(site, further=further, bound=host)
        with (
            contextlib.closing(app.state.access),
            contextlib.closing(self._systemd),
            serve_app(app, host=host, port=settings.service.port, is_proxy=self._is_proxy) as port,
            serve_probes(settings.service, probes, self._dashboard),
        ):
            service.start(job_list(self._workspace.settings))
            self._ready.set()
            self._systemd.ready()
            log.info("service_started", extra={"host": host, "port": port})
            _log_warnings(self._workspace.settings)
            self._watch(service, scheduler, view)
            log.info("service_stops")
            self._ready.clear()
            self._systemd.stopping()
            service.stop()
        log.info("service_stopped")
        if not self._stop.is_set():
            raise ServiceEndedError(
                "The scheduler of the background service ended. The log has the reason; start the service again."
            )

    def _dashboard(self) -> DashboardSection:
        return self._workspace.settings.dashboard

    def _is_proxy(self, peer: str) -> bool:
        return is_proxy(peer, self._dashboard().proxy)

    def _watch(self, service: Service, scheduler: Scheduler, view: ServiceView) -> None:
        """Feed the watchdog, compare the clocks and reload, until the service is stopped or its scheduler ends."""
        pause = self._systemd.pause_seconds(GLANCE_SECONDS)
        while not self._stop.is_set() and scheduler.is_alive:
            self._systemd.beat(scheduler.looks)
            self._wake.wait(pause)
            self._wake.clear()
            if self._reload.is_set():
                self._reload.clear()
                self._systemd.reloading()
                self._load_anew(service, view)
                self._systemd.ready()
            if (jump := view.glance()) is not None:
                log.warning("clock_jumped", extra={"clock": jump.text})
                service.arrange(service.jobs)
            scheduler.wakeup()

    def _load_anew(self, service: Service, view: ServiceView) -> None:
        """Reload the configuration; an invalid one changes nothing and is logged."""
        try:
            workspace = self._load()
            _refuse_moves(self._workspace.settings, workspace.settings)
            refuse_openness(workspace.settings, workspace.settings.service.host)
            found = job_list(workspace.settings)
        except (UserError, OSError) as error:
            view.config_problem = str(error)
            log.error("configuration_refused", extra={"problem": str(error)})  # noqa: TRY400  # a mistake in the file needs no traceback
            return
        self._workspace, view.config_problem = workspace, None
        service.arrange(found)
        log.info("configuration_loaded", extra={"jobs": ", ".join(job.name for job in found)})
        _log_warnings(workspace.settings)


def _remove_old_schedule(store: Path) -> None:
    """Remove the schedule of earlier versions; the table of runs has replaced it."""
    with contextlib.suppress(OSError):
        (store / OLD_SCHEDULE).unlink(missing_ok=True)


def _log_warnings(settings: Settings) -> None:
    for text in settings.warnings:
        log.warning("configuration_warning", extra={"warning": text})


def _refuse_moves(before: Settings, after: Settings) -> None:
    if (after.store, after.service) != (before.store, before.service):
        raise UserError("[store], [service]: changes need a restart. Restart the service.")
