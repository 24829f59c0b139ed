"""What all pages share: the configuration, the clock, the prepared tables, and who is asking."""

import dataclasses
import datetime as dt
from collections.abc import Callable

from starlette.requests import Request

from mailsignals.config import Settings
from mailsignals.prepared.shelf import Edition, Shelf
from mailsignals.prepared.system import System
from mailsignals.web.roles import EVERYBODY, Viewer


@dataclasses.dataclass(frozen=True, kw_only=True)
class Site:
    """The dashboard of one company."""

    settings: Callable[[], Settings]
    """As they are now; a running service loads them anew."""
    now: Callable[[], dt.datetime]
    shelf: Shelf
    system: Callable[[Edition | None, dt.datetime, str], System]
    """How mailsignals is: with what an edition has counted, at an instant, in the words of a time zone."""

    def viewer(self, request: Request) -> Viewer:  # noqa: ARG002  # who signs in will be known by it
        """Who asks; on a dashboard without sign-in, somebody who may see all."""
        return Viewer(address=None, roles=EVERYBODY, timezone=self.settings().company.timezone)

    def stranger(self) -> Viewer:
        """Who comes to a page that asks nobody to sign in."""
        return Viewer(address=None, roles=frozenset(), timezone=self.settings().company.timezone)
