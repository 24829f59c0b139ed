"""The background service as a process: its jobs, its HTTP server and its signals."""

import contextlib
import functools
import logging
import os
import signal
import threading
from collections.abc import Callable

from mailsignals import clock
from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.files import secret
from mailsignals.jobs.health import Health, Heartbeat, JobRuns, MailboxState, Observed, health
from mailsignals.jobs.runs import SERVICE, Runs
from mailsignals.readmodel.editions import EditionStore
from mailsignals.service.http import serve_app
from mailsignals.service.metrics import ServiceMetrics, hash_label
from mailsignals.service.probes import metrics_route, probe_routes
from mailsignals.service.processes import JobProcesses
from mailsignals.service.scheduler import Scheduler, Service
from mailsignals.service.systemd import SystemdNotifier
from mailsignals.store.tables.mailbox_status import READY
from mailsignals.usecases.clock_state import ClockStates
from mailsignals.usecases.job_list import job_list
from mailsignals.web.access.check import refuse_openness
from mailsignals.web.app import application
from mailsignals.web.site import Site
from mailsignals.workspace import Workspace

log = logging.getLogger(__name__)

GLANCE_SECONDS = 30.0
"""Seconds between two checks of the clock, which the scheduler misses while the machine sleeps."""
LABELS_KEY = "labels.key"


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
        self._config_problem: str | None = None
        self._stop, self._reload, self._wake = threading.Event(), threading.Event(), threading.Event()
        self._ready = threading.Event()
        self._systemd = SystemdNotifier.of(os.environ)

    def until_stopped(self) -> None:
        """Serve until SIGTERM or Ctrl-C; SIGHUP reloads the configuration.

        Raises:
            UserError: the service is already running, or its address or store can't be used.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._heed(self._stop))
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda *_: self._heed(self._reload))
        settings = self._workspace.settings
        refuse_openness(settings, settings.service.host)
        self._workspace.prepare_store(self._stop)
        runs = Runs(settings.store.path)
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
        scheduler = Scheduler(store, now=clock.now)
        children = JobProcesses(lambda: self._workspace.settings)
        service = Service(scheduler, runs, children, store=store, now=clock.now)
        clocks = ClockStates(lambda: self._workspace.settings, elapsed=clock.elapsed)
        observe = functools.partial(self._observe, service, scheduler, runs, clocks)
        label = (
            str if settings.service.mailbox_labels == "addresses" else hash_label(secret(store / LABELS_KEY))
        )
        figures = ServiceMetrics(observe, label=label, now=clock.now)
        service.on_end = figures.ended

        def judge() -> Health:
            return health(observe(), now=clock.now())

        site = Site(
            settings=lambda: self._workspace.settings,
            now=clock.now,
            shelf=EditionStore(store),
            heartbeat=lambda: Heartbeat(at=scheduler.looked_at, config_problem=self._config_problem),
        )
        host = settings.service.host
        further = [*probe_routes(judge, self._ready.is_set), metrics_route(figures.registry)]
        app = application(site, further=further, bound=host)
        with (
            contextlib.closing(app.state.access),
            serve_app(app, host=host, port=settings.service.port) as port,
        ):
            service.start(job_list(self._workspace.settings))
            self._ready.set()
            self._systemd.ready()
            log.info("service_started", extra={"host": host, "port": port})
            _log_warnings(self._workspace.settings)
            self._watch(service, scheduler)
            log.info("service_stops")
            self._ready.clear()
            self._systemd.stopping()
            service.stop()
        log.info("service_stopped")

    def _watch(self, service: Service, scheduler: Scheduler) -> None:
        pause = self._systemd.pause_seconds(GLANCE_SECONDS)
        while not self._stop.is_set():
            self._systemd.beat(scheduler.looked_at)
            self._wake.wait(pause)
            self._wake.clear()
            if self._reload.is_set():
                self._reload.clear()
                self._systemd.reloading()
                self._load_anew(service)
                self._systemd.ready()
            scheduler.wakeup()

    def _load_anew(self, service: Service) -> None:
        """Reload the configuration; an invalid one changes nothing and is logged."""
        try:
            workspace = self._load()
            _refuse_moves(self._workspace.settings, workspace.settings)
            refuse_openness(workspace.settings, workspace.settings.service.host)
            found = job_list(workspace.settings)
        except UserError as error:
            self._config_problem = str(error)
            log.error("configuration_refused", extra={"problem": str(error)})  # noqa: TRY400  # a mistake in the file needs no traceback
            return
        self._workspace, self._config_problem = workspace, None
        service.arrange(found)
        log.info("configuration_loaded", extra={"jobs": ", ".join(job.name for job in found)})
        _log_warnings(workspace.settings)

    def _observe(self, service: Service, scheduler: Scheduler, runs: Runs, clocks: ClockStates) -> Observed:
        state = clocks.at(clock.now())
        return Observed(
            jobs=[JobRuns(job=job, history=runs.history(job.name)) for job in service.jobs],
            mailboxes=[
                MailboxState(provider=provider, mailbox=mailbox, ready=state == READY, synced_at=synced_at)
                for provider, mailbox, state, synced_at in runs.mailboxes()
            ],
            beat_at=scheduler.looked_at,
            config_problem=self._config_problem,
            clock_doubt=state.doubt,
            future=state.future,
        )


def _log_warnings(settings: Settings) -> None:
    for text in settings.warnings:
        log.warning("configuration_warning", extra={"warning": text})


def _refuse_moves(before: Settings, after: Settings) -> None:
    if (after.store, after.service) != (before.store, before.service):
        raise UserError("[store], [service]: changes need a restart. Restart the service.")
