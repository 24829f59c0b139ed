"""Addresses of servers: https anywhere, http on this machine only."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def checked_root(url: str, *, what: str) -> str:
    """Return the address of a server, with exactly one slash at its end.

    Raises:
        ValueError: the address is invalid, with a remedy; ``what`` names the address, such as "the API's address".
    """
    parts = urlsplit(url.strip())
    if not parts.hostname or parts.scheme not in {"https", "http"} or parts.query or parts.fragment:
        raise ValueError(f"{url!r} is not {what}; use one such as https://api.example.com/")
    if parts.username or parts.password:
        raise ValueError(f"{what} must not contain a user or password; remove them")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(f"{url!r} is not encrypted; use https (http is for this machine only)")
    return url.strip().rstrip("/") + "/"


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
