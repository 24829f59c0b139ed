"""Where the dashboard may be served, and under which names browsers may ask for it."""

from urllib.parse import urlsplit

from connectors.transport.roots import is_loopback
from mailsignals.config.dashboard import DashboardSection


def openness_problem(dashboard: DashboardSection, host: str) -> str | None:
    """Return the reason why a dashboard may not be served at an address; None if it may.

    A dashboard without sign-in may only be served on this machine.
    """
    remedy = (
        'Let people sign in with dashboard.access = "oidc", or let a reverse proxy say who they are with "proxy"; '
        'docs/operate/dashboard-access.md leads through both. Or show no pages with "off".'
    )
    if dashboard.access != "open":
        return None
    if not is_loopback(host):
        return (
            f'{host}: with dashboard.access = "open" everybody who reaches this address would see everything. '
            f"{remedy} Or serve on 127.0.0.1."
        )
    if dashboard.host and not is_loopback(dashboard.host):
        return (
            f'dashboard.url says that people reach the dashboard at {dashboard.host}, and dashboard.access = "open" '
            f"would show everything to whoever does. {remedy}"
        )
    return None


def host_named(header: str) -> str | None:
    """The host in a Host header, without its port; None if it names none."""
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

    Any web page can have its own name resolve to this machine, and would then be the same origin as we are; but it
    cannot make a browser send another name than that.
    """
    host = host_named(header)
    return host is not None and (is_loopback(host) or host in {dashboard.host, bound})


def own_origins(header: str, dashboard: DashboardSection) -> frozenset[str]:
    """The origins of our own pages, as a request with this Host header may name them."""
    found = {_origin(dashboard.url)} if dashboard.url else set()
    encrypted = dashboard.url.startswith("https://") and host_named(header) == dashboard.host
    return frozenset(found if encrypted else found | {_origin(f"http://{header}")})


def _origin(url: str) -> str:
    """As browsers write it: without the port that the scheme has anyway."""
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in {None, usual} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
