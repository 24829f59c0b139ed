"""The HTTP client: pooled, bounded in time and size, and without addresses or headers in its logs."""

import dataclasses
import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpcore2
import httpx2

from connectors.transport.deadline import deadline, with_deadlines
from connectors.transport.roots import checked_root, is_loopback
from connectors.transport.server_dates import ServerDates

# These log whole addresses at INFO and headers at DEBUG, and an address may contain a bookmark or a name.
for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class TransportError(Exception):
    """A request without a complete answer; the text is a short reason, without details of the request."""

    def __init__(self, text: str, *, reached: bool = True) -> None:
        super().__init__(text)
        self.reached = reached
        """True if the request may have reached the server; False if it certainly did not."""


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer: status, headers and body."""

    status: int
    headers: Mapping[str, str]
    """The headers by lower-case name."""
    body: bytes

    def document(self) -> dict[str, Any] | None:
        """Return the body as a JSON object; None if it isn't one, or was cut off."""
        try:
            document = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return document if isinstance(document, dict) else None

    @property
    def text(self) -> str:
        """Return the beginning of the body as text."""
        return self.body[:10_000].decode("utf-8", "replace")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one request, in seconds and bytes."""

    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    """Seconds between two pieces of an answer."""
    total_seconds: float = 180.0
    """Seconds for the whole request: connection, request, headers and body."""
    body_bytes: int = 64 * 2**20


USUAL = Limits()

UNEXPECTED = (
    httpx2.HTTPError,
    httpx2.InvalidURL,
    httpx2.StreamError,
    httpcore2.ProtocolError,
    ValueError,
    OSError,
)
"""The errors that the libraries below raise for requests and answers of any kind."""


class Client:
    """A client for requests, safe to use from any thread.

    It follows no redirects, and sends unencrypted requests to this machine only.
    """

    def __init__(self, *, limits: Limits = USUAL, dates: ServerDates | None = None) -> None:
        self._limits = limits
        self._dates = dates
        timeout = httpx2.Timeout(self._limits.read_seconds, connect=self._limits.connect_seconds)
        pool = httpx2.Limits(max_connections=None, max_keepalive_connections=64, keepalive_expiry=30.0)
        self._outside = with_deadlines(httpx2.Client(timeout=timeout, limits=pool))
        here = httpx2.Client(timeout=timeout, limits=pool, trust_env=False)  # never through a proxy
        self._here = with_deadlines(here)

    def close(self) -> None:
        """Close all connections."""
        self._outside.close()
        self._here.close()

    def get(self, url: str, *, headers: Mapping[str, str]) -> Answer:
        """Return the server's answer to GET, whatever its status.

        Raises:
            TransportError: no complete answer arrived.
            ValueError: the address is unencrypted and not on this machine.
        """
        return self._send("GET", url, headers=headers)

    def post(self, url: str, *, headers: Mapping[str, str], document: object) -> Answer:
        """Return the server's answer to POST of a JSON document, whatever its status.

        Raises:
            TransportError: no complete answer arrived.
            ValueError: the address is unencrypted and not on this machine.
        """
        content = {"Content-Type": "application/json", **headers}
        return self.post_bytes(url, headers=content, body=json.dumps(document).encode())

    def post_bytes(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return the server's answer to POST of a body, whatever its status; ``headers`` give the body's type.

        Raises:
            TransportError: no complete answer arrived.
            ValueError: the address is unencrypted and not on this machine.
        """
        return self._send("POST", url, headers=headers, body=body)

    def _send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        target = _address(url)
        client = self._here if is_loopback(target.host) else self._outside
        try:
            with (
                deadline(self._limits.total_seconds),
                client.stream(method, target, headers=dict(headers), content=body) as response,
            ):
                content = self._read(response)
        except httpx2.TimeoutException as error:
            raise TransportError("the server took too long", reached=_reached(error)) from error
        except UNEXPECTED as error:
            text = f"the connection failed ({type(error).__name__})"
            raise TransportError(text, reached=_reached(error)) from error
        lower = {name.lower(): value for name, value in response.headers.items()}
        if self._dates is not None:
            self._dates.note(lower.get("date"))
        return Answer(response.status_code, lower, content)

    def _read(self, response: httpx2.Response) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > self._limits.body_bytes:
                raise TransportError("the answer is too long")
        return bytes(content)


def _address(url: str) -> httpx2.URL:
    """Return the parsed address.

    Raises:
        TransportError: no request can be made to it, such as to one that a server cut off or garbled.
        ValueError: the address is unencrypted and not on this machine.
    """
    try:
        target = httpx2.URL(url)
        root = f"{target.scheme}://{target.netloc.decode()}/"
        urlsplit(root)
        if not target.host:
            raise TransportError("the address is not valid", reached=False)
    except (httpx2.InvalidURL, ValueError, TypeError) as error:
        raise TransportError("the address is not valid", reached=False) from error
    checked_root(root, what="the address of a server")
    return target


def _reached(error: Exception) -> bool:
    """Return whether anything of a request may have arrived before this went wrong."""
    return not isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError)
