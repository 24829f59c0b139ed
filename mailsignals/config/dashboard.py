"""The dashboard's address, access, roles and freshness: ``[dashboard]``."""

import ipaddress
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from connectors.transport.roots import checked_root, is_loopback
from mailsignals.accounts.addresses import address_in
from mailsignals.config.paths import File
from mailsignals.config.secrets import SecretPlace
from mailsignals.config.section import Domain, Name, Section

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

MICROSOFT = "login.microsoftonline.com"
ANY_TENANT = frozenset({"common", "organizations", "consumers"})
"""Names in place of a tenant in Microsoft's issuers that accept users of any tenant."""


_LIKE_AN_ADDRESS = re.compile(r"\S+@\S+")


def _address(url: str) -> str:
    if url and not url.startswith(("https://", "http://")):
        raise ValueError(f"{url!r} is not an address; use one such as 'https://mailsignals.example.com'")
    if urlsplit(url).path.rstrip("/"):
        raise ValueError(f"{url!r} has a path; use a host name of its own for the dashboard")
    return url.rstrip("/")


def _issuer(url: str) -> str:
    if url:
        checked_root(url, what="the address of an issuer")
    return url.strip()


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is not an address or network; use one such as 10.0.0.5 or 10.0.0.0/24"
        ) from None
    return text


class OidcSection(Section):
    """``[dashboard.oidc]``: the OpenID Connect provider, for access = "oidc"."""

    issuer: Annotated[str, AfterValidator(_issuer)] = ""
    """The issuer's address, exactly as in its discovery document."""
    client_id: str = ""
    """The client id of this dashboard at the issuer."""
    client_secret_file: File = None
    """The file with the client secret."""
    client_secret_env: str = ""
    """The environment variable with the client secret, instead of a file."""
    client_secret_keyring: str = ""
    """The keyring entry with the client secret, as service/user, instead of a file."""
    address_claim: str = ""
    """The claim with a person's address; empty: email, if verified, or preferred_username for Microsoft."""
    groups_claim: Name = "groups"
    """The claim with a person's groups."""

    @property
    def secret(self) -> SecretPlace:
        """The place of the client secret: a file, an environment variable or a keyring entry."""
        return SecretPlace(
            key="dashboard.oidc.client_secret",
            what="the client secret",
            file=self.client_secret_file,
            variable=self.client_secret_env,
            entry=self.client_secret_keyring,
        )

    @property
    def has_secret(self) -> bool:
        """Return whether a client secret is configured.

        Without one, only PKCE proves that the person who returns from the issuer is the one who started to sign in.
        """
        return bool(self.client_secret_file or self.client_secret_env or self.client_secret_keyring)

    @property
    def is_microsoft(self) -> bool:
        """Return whether the issuer is a tenant of Microsoft Entra.

        There, anybody can set any address as ``email``.
        """
        return urlsplit(self.issuer).hostname == MICROSOFT


class ProxySection(Section):
    """``[dashboard.proxy]``: the trusted headers of a reverse proxy, for access = "proxy"."""

    header: Name = "X-Forwarded-Email"
    """The header with the address of the signed-in person."""
    groups_header: str = ""
    """The header with the person's groups, separated by commas; empty: none."""
    senders: Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], Field(alias="from")] = (
        "127.0.0.1",
        "::1",
    )
    """The addresses and networks of the proxy; these headers of other senders are ignored."""

    @property
    def networks(self) -> tuple[Network, ...]:
        """The addresses and networks of ``senders``, parsed."""
        return tuple(ipaddress.ip_network(each) for each in self.senders)


GROUP = "group:"
"""The beginning of an entry for a group, which is necessary if its name contains an @."""


def is_address_entry(entry: str) -> bool:
    """Return whether an entry of ``[dashboard.roles]`` is a person's address, not the name of a group."""
    return not entry.startswith(GROUP) and address_in(entry) is not None


def _role_entry(text: str) -> str:
    if text.startswith(GROUP):
        if not text.removeprefix(GROUP).strip():
            raise ValueError(f"{text!r} names no group; write the name behind the colon")
    elif _LIKE_AN_ADDRESS.fullmatch(text) and not is_address_entry(text):
        raise ValueError(
            f"{text!r} is not an address; use one such as ana@example.com, or '{GROUP}{text}' for a group of this name"
        )
    return text


RoleEntry: TypeAlias = Annotated[Name, AfterValidator(_role_entry)]


class RolesSection(Section):
    """``[dashboard.roles]``: the people of each role, as lists of addresses and groups."""

    csm: tuple[RoleEntry, ...] = ()
    """People who see their own accounts; CSMs in the account list have this role automatically."""
    lead: tuple[RoleEntry, ...] = ()
    """People who see the service levels of all accounts."""
    head: tuple[RoleEntry, ...] = ()
    """People who see all accounts, the team and the model."""
    operator: tuple[RoleEntry, ...] = ()
    """People who see the state of mailsignals itself."""

    def addresses(self, role: str) -> frozenset[str]:
        """Return the addresses of people with a role, in lower case."""
        return frozenset(entry.strip().lower() for entry in getattr(self, role) if is_address_entry(entry))

    def groups(self, role: str) -> frozenset[str]:
        """Return the names of groups with a role, case-sensitive, without and with the prefix ``group:``."""
        named = [entry for entry in getattr(self, role) if not is_address_entry(entry)]
        return frozenset(named) | {entry.removeprefix(GROUP).strip() for entry in named}


class DashboardSection(Section):
    """``[dashboard]``: the pages that `mailsignals serve` and `mailsignals run` show."""

    url: Annotated[str, AfterValidator(_address)] = ""
    """The address of the dashboard, for links in digests and alerts; empty: no links."""
    refresh_minutes: Annotated[int, Field(strict=True, ge=1, le=1440)] = 15
    """Minutes between two updates of the pages."""
    access: Literal["open", "oidc", "proxy", "off"] = "open"
    """Access: for anyone on this machine, people who sign in, people named by a reverse proxy, or nobody."""
    allowed_domains: tuple[Domain, ...] = ()
    """The domains, with subdomains, of people who may sign in; empty: internal people."""
    session_hours: Annotated[float, Field(strict=True, gt=0, le=720)] = 12.0
    """Hours after which a person must sign in again."""
    audit_days: Annotated[int, Field(strict=True, ge=1, le=3650)] = 400
    """Days that the audit log keeps its entries."""
    oidc: OidcSection = OidcSection()
    """The OpenID Connect provider."""
    proxy: ProxySection = ProxySection()
    """The reverse proxy."""
    roles: RolesSection = RolesSection()
    """The roles of people."""

    @property
    def host(self) -> str | None:
        """The host name of ``url``; None if it is empty."""
        return urlsplit(self.url).hostname if self.url else None

    def anchored(self, folder: Path) -> Self:
        """Return the section with its relative paths starting at a folder."""
        file = self.oidc.client_secret_file
        oidc = self.oidc.model_copy(update={"client_secret_file": file and folder / file})
        return self.model_copy(update={"oidc": oidc})


def dashboard_problems(dashboard: DashboardSection) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each problem within ``[dashboard]``: the key, and what to do."""
    if dashboard.access in {"oidc", "proxy"} and not dashboard.url:
        yield (
            ("dashboard", "url"),
            f'is missing; access = "{dashboard.access}" requires the address of the dashboard',
        )
    if dashboard.access == "oidc":
        yield from _oidc_problems(dashboard)


def _oidc_problems(dashboard: DashboardSection) -> Iterator[tuple[tuple[str, ...], str]]:
    oidc = dashboard.oidc
    if dashboard.url.startswith("http://") and not is_loopback(dashboard.host or ""):
        yield (
            ("dashboard", "url"),
            f"{dashboard.url!r} is not encrypted; use https, because people sign in there",
        )
    for key in ("issuer", "client_id"):
        if not getattr(oidc, key):
            yield ("dashboard", "oidc", key), 'is missing; access = "oidc" requires it'
    tenant = urlsplit(oidc.issuer).path.strip("/").split("/")[0]
    if oidc.is_microsoft and tenant in ANY_TENANT:
        yield (
            ("dashboard", "oidc", "issuer"),
            f"{tenant!r} lets anyone with a Microsoft account sign in; use your tenant's id instead",
        )
