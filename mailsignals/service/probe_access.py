"""Access to the routes for monitoring: who may read the details of health, and metrics."""

import dataclasses
import ipaddress
import platform
from collections.abc import Callable
from enum import Enum

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from connectors.transport.roots import is_loopback
from mailsignals.config import Settings
from mailsignals.config.dashboard import DashboardSection
from mailsignals.web.access.hosts import host_named

FORWARDED = frozenset({"forwarded", "via", "x-real-ip", "x-original-host", "cf-connecting-ip"})
"""Headers that reverse proxies add, beside those that begin with ``X-Forwarded-``."""


class ProbeAnswer(Enum):
    """The parts of the state that a request for monitoring gets."""

    NOTHING = "nothing"
    """Its host name is a foreign one: a web page may have made it lead here."""
    STATE = "state"
    """One word, which everybody may read."""
    DETAILS = "details"
    """Problems and metrics."""


def names_this(header: str, dashboard: DashboardSection, *, bound: str) -> bool:
    """Return whether a Host header can be a name that monitoring uses for this program.

    A foreign web page can make a name of its own lead here (DNS rebinding), but no network address, no name without
    a dot, and not the name of this machine. Clients that send no Host are not browsers.
    """
    if not header:
        return True
    host = host_named(header)
    if host is None:
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        own = {dashboard.host, bound.lower(), platform.node().lower()}
        return is_loopback(host) or "." not in host or host in own
    return True


def is_forwarded(request: Request) -> bool:
    """Return whether a reverse proxy has passed on a request."""
    return any(name in FORWARDED or name.startswith("x-forwarded-") for name in request.headers)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProbeAccess:
    """The rules at one address."""

    bound: str
    """The address that the program listens on."""
    dashboard: Callable[[], DashboardSection]
    """The current configuration of the dashboard."""
    own_address: bool = False
    """True at ``service.probe_host``, which the operator has opened to monitoring."""
    elsewhere: bool = False
    """True at the dashboard's address if monitoring has an address of its own."""

    def answer(self, request: Request) -> ProbeAnswer:
        """Return the parts that a request gets.

        At the dashboard's address, details are for this machine alone: not if it listens to other machines, and not
        for requests that a reverse proxy passes on from them.
        """
        dashboard, header = self.dashboard(), request.headers.get("host", "")
        if not names_this(header, dashboard, bound=self.bound):
            return ProbeAnswer.NOTHING
        if self.own_address:
            return ProbeAnswer.DETAILS
        published = dashboard.host is not None and not is_loopback(dashboard.host)
        local = (
            is_loopback(self.bound)
            and not is_forwarded(request)
            and not (published and host_named(header) == dashboard.host)
        )
        return ProbeAnswer.DETAILS if local and not self.elsewhere else ProbeAnswer.STATE


def probe_access(settings: Settings, dashboard: Callable[[], DashboardSection], *, bound: str) -> ProbeAccess:
    """Return the rules at the dashboard's address, given the settings at the start and the current dashboard."""
    return ProbeAccess(bound=bound, dashboard=dashboard, elsewhere=bool(settings.service.probe_host))


def unknown_host() -> Response:
    """Return the refusal of a request under a foreign host name."""
    return PlainTextResponse(
        "Unknown host name. Use the network address or the name of this machine.\n", status_code=400
    )
