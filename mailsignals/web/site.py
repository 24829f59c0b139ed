"""The state that all pages share: configuration, clock, editions, and the viewer."""

import dataclasses
import datetime as dt
from collections.abc import Callable

from starlette.requests import Request

from mailsignals.config import Settings
from mailsignals.jobs.health import Heartbeat
from mailsignals.readmodel.editions import Edition, EditionStore
from mailsignals.readmodel.roles import Viewer
from mailsignals.web.access.identity_of_request import anonymous, who_asks


@dataclasses.dataclass(frozen=True, kw_only=True)
class Site:
    """The dashboard of one company."""

    settings: Callable[[], Settings]
    """The current configuration; a running service reloads it."""
    now: Callable[[], dt.datetime]
    shelf: EditionStore
    heartbeat: Callable[[], Heartbeat | None] = lambda: None
    """The heartbeat of the service that serves the pages; None if the background service isn't running."""

    def edition(self, request: Request) -> Edition | None:
        """Return the newest edition, the same one whenever it is requested for one request; None before the first."""
        if not hasattr(request.state, "edition"):
            request.state.edition = self.shelf.newest()
        found: Edition | None = request.state.edition
        return found

    def viewer(self, request: Request) -> Viewer:
        """Return the viewer of a request; one without roles if no access check was made."""
        who = who_asks(request)
        return who.viewer if who else self.stranger()

    def stranger(self) -> Viewer:
        """Return the viewer of pages that require no sign-in, who has no roles."""
        return anonymous(self.settings().company.timezone).viewer
