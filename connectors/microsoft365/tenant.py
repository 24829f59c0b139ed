"""The tenant of the app, and the connection of msal to its sign-in server."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from connectors.transport.http import Answer, Client, Limits
from connectors.transport.roots import is_loopback
from connectors.transport.token_endpoint import json_answer

LIMITS = Limits(read_seconds=30.0, total_seconds=60.0, body_bytes=2**20)
"""The limits of a request to the sign-in server."""


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
    """The connection settings for msal, whose requests go through our client and its limits.

    msal requires https, so its requests to a server on this machine are changed before they are sent.
    """

    def __init__(self, tenant: Tenant, *, now: Callable[[], dt.datetime]) -> None:
        """Connect to the sign-in server of a tenant; ``now`` returns the current time."""
        self.tenant, self.now = tenant, now
        url = urlsplit(tenant.authority)
        here = url.scheme == "http" and bool(url.hostname) and is_loopback(url.hostname or "")
        self._client = _MsalClient(host=url.netloc if here else None)
        # Without a list of clouds for msal, it would reject national and private ones.
        self.how: dict[str, Any] = {
            "authority": f"https://{url.netloc}{url.path}{tenant.tenant}",
            "instance_discovery": False,
            "http_client": self._client,
        }

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


@dataclasses.dataclass(frozen=True, slots=True)
class _MsalAnswer:
    """An answer in the form that msal reads."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        """Do nothing, because failing servers were refused before."""


class _MsalClient:
    """The HTTP client of msal, which raises ``UnwellEndpointError`` for an answer that isn't OAuth's."""

    def __init__(self, *, host: str | None) -> None:
        self._host = host
        self._client = Client(limits=LIMITS)

    def get(self, url: str, **how: Any) -> _MsalAnswer:  # noqa: ANN401  # what msal passes
        return self._checked(self._client.get(self._target(url, how), headers=_headers(how)))

    def post(self, url: str, **how: Any) -> _MsalAnswer:  # noqa: ANN401  # what msal passes
        headers = {"Content-Type": "application/x-www-form-urlencoded", **_headers(how)}
        body = urlencode(how.get("data") or {}).encode()
        return self._checked(self._client.post_bytes(self._target(url, how), headers=headers, body=body))

    def close(self) -> None:
        self._client.close()

    def _target(self, url: str, how: Mapping[str, Any]) -> str:
        if self._host is not None:
            url = url.replace(f"https://{self._host}/", f"http://{self._host}/", 1)
        options = urlencode(how.get("params") or {})
        return f"{url}{'&' if '?' in url else '?'}{options}" if options else url

    def _checked(self, answer: Answer) -> _MsalAnswer:
        json_answer(answer.status, answer.headers, answer.body)
        return _MsalAnswer(answer.status, answer.body.decode("utf-8", "replace"), answer.headers)


def _headers(how: Mapping[str, Any]) -> dict[str, str]:
    return dict(how.get("headers") or {})
