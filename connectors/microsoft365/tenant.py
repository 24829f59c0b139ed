"""The tenant of the app, and the connection of msal to its sign-in server."""

import dataclasses
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2

from connectors.transport.roots import is_loopback


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """The tenant and the app in it: sign-in server, ids, and the host of Graph."""

    authority: str
    """The address of the sign-in server, with a slash at the end."""
    tenant: str
    client_id: str
    resource: str
    """The host of Graph that tokens are for, such as ``https://graph.microsoft.com``."""


class Way:
    """The connection settings for msal.

    msal requires https, so its requests to a server on this machine are changed before they are sent.
    """

    def __init__(self, tenant: Tenant) -> None:
        url = urlsplit(tenant.authority)
        self._client: _Unencrypted | None = None
        # Without a list of clouds for msal, it would reject national and private ones.
        self.how: dict[str, Any] = {
            "authority": f"https://{url.netloc}{url.path}{tenant.tenant}",
            "instance_discovery": False,
        }
        if url.scheme == "http" and url.hostname and is_loopback(url.hostname):
            self._client = _Unencrypted(url.netloc)
            self.how["http_client"] = self._client

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._client is not None:
            self._client.close()


class _Unencrypted:
    """The HTTP client of msal for one server on this machine."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._client = httpx2.Client(trust_env=False, timeout=30.0)

    def get(self, url: str, **how: Any) -> httpx2.Response:  # noqa: ANN401  # what msal passes
        return self._client.get(self._here(url), **_known(how))

    def post(self, url: str, **how: Any) -> httpx2.Response:  # noqa: ANN401  # what msal passes
        return self._client.post(self._here(url), **_known(how))

    def close(self) -> None:
        self._client.close()

    def _here(self, url: str) -> str:
        return url.replace(f"https://{self._host}/", f"http://{self._host}/", 1)


def _known(how: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in how.items() if name in {"params", "data", "headers"}}
