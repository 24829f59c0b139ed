"""Addresses at which the dashboard may be served, and host names that it answers to."""

from urllib.parse import urlsplit

from connectors.transport.roots import is_loopback
from mailsignals.config.dashboard import DashboardSection


def openness_problem(dashboard: DashboardSection, host: str) -> str | None:
    """Return the reason why a dashboard may not be served at an address; None if it may.

    A dashboard without sign-in may only be served on this machine.
    """
    remedy = (
        'Set dashboard.access to "oidc" (sign-in) or "proxy" (a reverse proxy signs people in); '
        'docs/operate/dashboard-access.md explains both. Or set it to "off".'
    )
    if dashboard.access != "open":
        return None
    if not is_loopback(host):
        return (
            f'{host}: with dashboard.access = "open", everybody who reaches this address could read everything. '
            f"{remedy} Or serve on 127.0.0.1."
        )
    if dashboard.host and not is_loopback(dashboard.host):
        return (
            f'dashboard.url: {dashboard.host} is not this machine, and dashboard.access = "open" would show everything '
            f"to everybody there. {remedy}"
        )
    return None


def host_named(header: str) -> str | None:
    """Return the host in a Host header without its port; None if the header is invalid."""
    try:
        parts = urlsplit(f"//{header}")
        _ = parts.port
    except ValueError:
        return None
    if parts.netloc != header or parts.username is not None or parts.path:
        return None
    return parts.hostname


def answers_to(header: str, dashboard: DashboardSection, *, bound: str | None) -> bool:
    """Return whether a Host header names this dashboard: this machine, ``dashboard.url`` or the bound address.

    This prevents DNS rebinding: a foreign page can make its own name resolve to this machine, but the browser still
    sends that name.
    """
    host = host_named(header)
    return host is not None and (is_loopback(host) or host in {dashboard.host, bound})


def own_origins(header: str, dashboard: DashboardSection) -> frozenset[str]:
    """Return the origins of the dashboard's own pages for a request with this Host header."""
    found = {_origin(dashboard.url)} if dashboard.url else set()
    encrypted = dashboard.url.startswith("https://") and host_named(header) == dashboard.host
    return frozenset(found if encrypted else found | {_origin(f"http://{header}")})


def _origin(url: str) -> str:
    """Return the origin of a URL as browsers write it, without the default port."""
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in {None, usual} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
