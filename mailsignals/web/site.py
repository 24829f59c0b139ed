"""What all pages share: the configuration, the clock, the prepared tables, and who is asking."""

import dataclasses
import datetime as dt
from collections.abc import Callable

from starlette.requests import Request

from mailsignals.config import Settings
from mailsignals.jobs.health import Heartbeat
from mailsignals.readmodel.editions import EditionStore
from mailsignals.web.access.identity_of_request import nobody, who_asks
from mailsignals.web.roles import Viewer


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
        """Who asks; somebody without any role, where nobody has looked or nobody needs to say."""
        who = who_asks(request)
        return who.viewer if who else self.stranger()

    def stranger(self) -> Viewer:
        """Who comes to a page that asks nobody to sign in."""
        return nobody(self.settings().company.timezone).viewer
