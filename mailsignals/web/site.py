"""What all pages share: the configuration, the clock, the prepared tables, and who is asking."""

import dataclasses
import datetime as dt
from collections.abc import Callable

from starlette.requests import Request

from mailsignals.config import Settings
from mailsignals.prepared.shelf import Shelf
from mailsignals.web.access.who import nobody, who_asks
from mailsignals.web.roles import Viewer


@dataclasses.dataclass(frozen=True, kw_only=True)
class Site:
    """The dashboard of one company."""

    settings: Callable[[], Settings]
    """As they are now; a running service loads them anew."""
    now: Callable[[], dt.datetime]
    shelf: Shelf

    def viewer(self, request: Request) -> Viewer:
        """Who asks; somebody without any role, where nobody has looked or nobody needs to say."""
        who = who_asks(request)
        return who.viewer if who else nobody(self.settings().company.timezone).viewer
