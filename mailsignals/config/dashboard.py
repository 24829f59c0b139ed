"""How the dashboard is reached, who may see what of it, and how fresh it is: ``[dashboard]``."""

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from connectors.transport.roots import checked_root, is_loopback
from mailsignals.config.paths import File
from mailsignals.config.secrets import SecretPlace
from mailsignals.config.section import Domain, Name, Section

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

MICROSOFT = "login.microsoftonline.com"
ANY_TENANT = frozenset({"common", "organizations", "consumers"})
"""What stands in the place of a tenant in issuers of Microsoft that anybody's tenant shares."""


def _address(url: str) -> str:
    if url and not url.startswith(("https://", "http://")):
        raise ValueError(f"{url!r} is not an address such as 'https://mailsignals.example.com'")
    if urlsplit(url).path.rstrip("/"):
        raise ValueError(f"{url!r} has a path, and the dashboard needs a host name of its own")
    return url.rstrip("/")


def _issuer(url: str) -> str:
    if url:
        checked_root(url, what="the address of an issuer")
    return url.strip()


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an address or a network such as 10.0.0.5 or 10.0.0.0/24") from None
    return text


class OidcSection(Section):
    """``[dashboard.oidc]``: who vouches for people, for access = "oidc"."""

    issuer: Annotated[str, AfterValidator(_issuer)] = ""
    """The issuer's address, exactly as its discovery document has it."""
    client_id: str = ""
    """What the issuer calls this dashboard."""
    client_secret_file: File = None
    """The file that holds the client secret."""
    client_secret_env: str = ""
    """The environment variable that holds it instead."""
    client_secret_keyring: str = ""
    """The keyring entry, as service/user, that holds it instead."""
    address_claim: str = ""
    """The claim with somebody's address; empty: email, if verified, or preferred_username at Microsoft."""
    groups_claim: Name = "groups"
    """The claim with the groups that somebody is in."""

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

        Without one, PKCE alone proves that the person who returns from the issuer is the one who was sent there.
        """
        return bool(self.client_secret_file or self.client_secret_env or self.client_secret_keyring)

    @property
    def is_microsoft(self) -> bool:
        """Return whether the issuer is a tenant of Microsoft Entra.

        Anybody there may write any address into ``email``.
        """
        return urlsplit(self.issuer).hostname == MICROSOFT


class ProxySection(Section):
    """``[dashboard.proxy]``: what is believed of a reverse proxy."""

    header: Name = "X-Forwarded-Email"
    """For access = "proxy": the header in which it says whose request this is, by address."""
    groups_header: str = ""
    """The header in which it lists that person's groups, between commas; empty: it does not."""
    senders: Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], Field(alias="from")] = (
        "127.0.0.1",
        "::1",
    )
    """The addresses and networks that it asks from; nobody else is believed."""

    @property
    def networks(self) -> tuple[Network, ...]:
        """The addresses and networks of ``senders``, parsed."""
        return tuple(ipaddress.ip_network(each) for each in self.senders)


class RolesSection(Section):
    """``[dashboard.roles]``: who may see what; each is a list of addresses and groups."""

    csm: tuple[Name, ...] = ()
    """Who sees their own accounts; whoever is a CSM in the account book does anyway."""
    lead: tuple[Name, ...] = ()
    """Who sees service levels of all accounts."""
    head: tuple[Name, ...] = ()
    """Who sees all accounts, the team and the model."""
    operator: tuple[Name, ...] = ()
    """Who sees how mailsignals itself is."""


class DashboardSection(Section):
    """``[dashboard]``: the pages that `mailsignals serve` and `mailsignals run` show."""

    url: Annotated[str, AfterValidator(_address)] = ""
    """The address under which people reach it, for links in digests and alerts; empty: these have no links."""
    refresh_minutes: Annotated[int, Field(strict=True, ge=1, le=1440)] = 15
    """How many minutes lie between two preparations of what the pages show."""
    access: Literal["open", "oidc", "proxy", "off"] = "open"
    """Who gets in: whoever is at this machine, people who sign in, those a reverse proxy names, or nobody."""
    allowed_domains: tuple[Domain, ...] = ()
    """The domains, with what lies below, that people may come from; empty: whoever is internal."""
    session_hours: Annotated[float, Field(strict=True, gt=0, le=720)] = 12.0
    """How many hours after signing in somebody has to do so again."""
    audit_days: Annotated[int, Field(strict=True, ge=1, le=3650)] = 400
    """How many days back is known who saw and changed what."""
    oidc: OidcSection = OidcSection()
    """Who vouches for people."""
    proxy: ProxySection = ProxySection()
    """What is believed of a reverse proxy."""
    roles: RolesSection = RolesSection()
    """Who may see what."""

    @property
    def host(self) -> str | None:
        """The host name under which people reach it, where one is given."""
        return urlsplit(self.url).hostname if self.url else None

    def anchored(self, folder: Path) -> Self:
        """The section with its paths starting at a folder."""
        file = self.oidc.client_secret_file
        oidc = self.oidc.model_copy(update={"client_secret_file": file and folder / file})
        return self.model_copy(update={"oidc": oidc})


def dashboard_problems(dashboard: DashboardSection) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each problem within ``[dashboard]``: the key, and what to do."""
    if dashboard.access in {"oidc", "proxy"} and not dashboard.url:
        yield (
            ("dashboard", "url"),
            f'is missing; access = "{dashboard.access}" needs the address under which people reach the dashboard',
        )
    if dashboard.access == "oidc":
        yield from _oidc_problems(dashboard)


def _oidc_problems(dashboard: DashboardSection) -> Iterator[tuple[tuple[str, ...], str]]:
    oidc = dashboard.oidc
    if dashboard.url.startswith("http://") and not is_loopback(dashboard.host or ""):
        yield ("dashboard", "url"), f"{dashboard.url!r} is not encrypted, and people sign in there; use https"
    for key in ("issuer", "client_id"):
        if not getattr(oidc, key):
            yield ("dashboard", "oidc", key), 'is missing; access = "oidc" needs it'
    tenant = urlsplit(oidc.issuer).path.strip("/").split("/")[0]
    if oidc.is_microsoft and tenant in ANY_TENANT:
        yield (
            ("dashboard", "oidc", "issuer"),
            f"{tenant!r} lets everybody in who has an account of Microsoft; write your tenant's id there instead",
        )
