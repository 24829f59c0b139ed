"""The dashboard without the other jobs of the background service."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.service.http import serve_app
from mailsignals.service.opening import OpeningApp
from mailsignals.service.probe_access import ProbeAccess
from mailsignals.web.access.check import refuse_openness
from mailsignals.web.access.proxy import is_proxy

if TYPE_CHECKING:  # at run time these are imported once the dashboard listens, because that takes seconds
    from mailsignals.readmodel.editions import EditionStore, PreparationStep
    from mailsignals.workspace import Workspace

LOOK_SECONDS = 0.5
"""Seconds between two looks at the step of a preparation."""


class Dashboard:
    """The pages of a company, refreshed by a process of their own.

    It listens at once: requests are answered with the page "Preparing" until the program is loaded and the first
    edition is written.
    """

    def __init__(self, settings: Settings, *, host: str) -> None:
        """Check that the dashboard may be served at an address.

        Raises:
            UserError: others could read the pages without signing in, the pages are switched off, or the store does
                not exist.
        """
        refuse_openness(settings, host)
        if settings.dashboard.access == "off":
            raise UserError(
                'dashboard.access is "off", so there are no pages. Set it to "open", "oidc" or "proxy".'
            )
        if not settings.store.path.exists():
            from mailsignals.store.messages.errors import missing_store  # noqa: PLC0415  # on an error alone

            raise missing_store(settings.store.path)
        self._settings, self._host = settings, host
        self._loaded, self._stop = threading.Event(), threading.Event()
        self._opening = OpeningApp(ProbeAccess(bound=host, dashboard=lambda: settings.dashboard))
        self._problem: Exception | None = None
        self._closing = contextlib.ExitStack()

    @contextlib.contextmanager
    def served(self, port: int) -> Iterator[int]:
        """Listen at a port for as long as the block runs, and yield the port; 0 lets the system choose one.

        Raises:
            UserError: the address cannot be used.
        """
        proxy = self._settings.dashboard.proxy
        with (
            self._closing,
            serve_app(
                self._opening, host=self._host, port=port, is_proxy=lambda peer: is_proxy(peer, proxy)
            ) as found,
        ):
            yield found

    def run(
        self,
        load: Callable[[], "Workspace"],
        *,
        watch: "Callable[[PreparationStep | None], None]" = lambda _: None,
    ) -> None:
        """Load the pages, prepare them, and keep them fresh until ``stop`` is called.

        Args:
            load: returns the company.
            watch: receives each step of the first preparation, and None once the pages are there.

        Raises:
            UserError: the company cannot be loaded, or the first edition cannot be prepared.
        """
        from mailsignals.readmodel.editions import EditionStore  # noqa: PLC0415  # see above

        editions = EditionStore(self._settings.store.path)
        threading.Thread(target=self._work, args=(load, editions), daemon=True).start()
        seen: PreparationStep | None = None
        while not (self._loaded.is_set() and editions.newest()) and not self._stop.wait(LOOK_SECONDS):
            step = editions.step()
            if self._loaded.is_set() and step is not None and step != seen:
                seen = step
                watch(step)
        if not self._stop.is_set():
            watch(None)
        self._stop.wait()
        self._closing.close()
        if self._problem is not None:
            raise self._problem

    def stop(self) -> None:
        """Make ``run`` return."""
        self._stop.set()

    def _work(self, load: Callable[[], "Workspace"], editions: "EditionStore") -> None:
        try:
            self._load_and_refresh(load(), editions)
        except Exception as error:  # noqa: BLE001  # the main thread raises it
            if not self._stop.is_set():
                self._problem = error
            self.stop()

    def _load_and_refresh(self, workspace: "Workspace", editions: "EditionStore") -> None:
        from mailsignals.service.pages import Pages  # noqa: PLC0415  # see above

        with workspace.reading():
            pass  # raises the reason if the store does not exist
        workspace.prepare_store(self._stop)  # an older store has no table for the audit log
        pages = Pages(workspace, editions, host=self._host)
        self._closing.callback(pages.close)
        self._opening.become(pages.app)
        self._loaded.set()
        pages.keep_fresh(self._stop)
