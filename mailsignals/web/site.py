"""What all pages share: the configuration, the clock, the prepared tables, and who is asking."""

import dataclasses
import datetime as dt
from collections.abc import Callable

from starlette.requests import Request

from mailsignals.config import Settings
from mailsignals.jobs.health import Heartbeat
from mailsignals.readmodel.editions import EditionStore
from mailsignals.readmodel.roles import Viewer
from mailsignals.web.access.identity_of_request import anonymous, who_asks


@dataclasses.dataclass(frozen=True, kw_only=True)
class Site:
    """The dashboard of one company."""

    settings: Callable[[], Settings]
    """As they are now; a running service loads them anew."""
    now: Callable[[], dt.datetime]
    shelf: EditionStore
    heartbeat: Callable[[], Heartbeat | None] = lambda: None
    """A sign of life of the service that shows the pages; None where they are shown by themselves."""

    def viewer(self, request: Request) -> Viewer:
        """Return the viewer of a request; one without roles if no access check was made."""
        who = who_asks(request)
        return who.viewer if who else self.stranger()

    def stranger(self) -> Viewer:
        """Return the viewer of pages that require no sign-in, who has no roles."""
        return anonymous(self.settings().company.timezone).viewer
