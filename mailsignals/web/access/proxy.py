"""Trusted headers of a reverse proxy."""

import dataclasses
import ipaddress
from collections.abc import Sequence

from mailsignals.accounts.addresses import address_in
from mailsignals.config.dashboard import ProxySection


@dataclasses.dataclass(frozen=True, slots=True)
class ProxyIdentity:
    """The address and groups of a person in the headers of a proxy or the claims of an issuer."""

    address: str
    groups: tuple[str, ...]


def is_proxy(peer: str | None, proxy: ProxySection) -> bool:
    """Return whether a network address is in the configured networks of the proxy."""
    try:
        found = ipaddress.ip_address(peer or "")
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in network for network in proxy.networks)


def client_of(peer: str | None, forwarded: Sequence[str], proxy: ProxySection) -> str:
    """Return the network address of the client; empty if it is unknown.

    It is the last address in ``X-Forwarded-For`` if the peer is the proxy, otherwise the peer's.
    """
    if peer is None:
        return ""
    last = ",".join(forwarded).rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(last)) if is_proxy(peer, proxy) else peer
    except ValueError:
        return peer


def named_by(
    peer: str | None, names: Sequence[str], groups: Sequence[str], proxy: ProxySection
) -> ProxyIdentity | str:
    """Return the identity in the headers of the proxy, or the reason why they are not trusted."""
    if not is_proxy(peer, proxy):
        return "it didn't come from an address in dashboard.proxy.from"
    if len(names) != 1:
        count = "no" if not names else "more than one"
        return f"it has {count} header {proxy.header}"
    if len(groups) > 1:
        return f"it has more than one header {proxy.groups_header}"
    address = address_in(names[0])
    if address is None:
        return f"its header {proxy.header} has no address"
    listed = groups[0].split(",") if groups else []
    return ProxyIdentity(address, tuple(each.strip() for each in listed if each.strip()))
