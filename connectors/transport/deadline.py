"""Network connections on which every step of a request ends at one deadline."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore2
import httpx2

_PIECE = 65_536
"""Bytes that are sent under one check of the deadline."""

_ends = threading.local()


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """End every step of this thread's requests in the block after some seconds.

    A step that begins later, or takes longer, raises the client's error for a timeout.
    """
    _ends.at = time.monotonic() + seconds
    try:
        yield
    finally:
        _ends.at = None


def _left(timeout: float | None, error: type[Exception]) -> float | None:
    """The seconds that a step may take; raises the error if the deadline has passed."""
    at: float | None = getattr(_ends, "at", None)
    if at is None:
        return timeout
    left = at - time.monotonic()
    if left <= 0:
        raise error("the deadline has passed")
    return left if timeout is None else min(timeout, left)


def with_deadlines(client: httpx2.Client) -> httpx2.Client:
    """Return the client, whose connections observe ``deadline`` from now on."""
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001  # it has no option for this
        if isinstance(transport, httpx2.HTTPTransport):
            transport._pool._network_backend = _Backend()  # noqa: SLF001  # as above
    return client


class _Backend(httpcore2.SyncBackend):
    """Opens connections that observe the deadline."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of the host that answers, all of them within the time."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(type(error).__name__) from error
        last: Exception = httpcore2.ConnectError("the host has no address")
        for *_, address in found:
            try:
                seconds = _left(timeout, httpcore2.ConnectTimeout)
                return _Stream(
                    super().connect_tcp(str(address[0]), port, seconds, local_address, socket_options)
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last = error
        raise last


class _Stream(httpcore2.NetworkStream):
    """A connection that observes the deadline."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the next bytes."""
        return self._inner.read(max_bytes, _left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes, in pieces."""
        for start in range(0, len(buffer), _PIECE):
            piece = buffer[start : start + _PIECE]
            self._inner.write(piece, _left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        """Encrypt the connection; a handshake that drips is cut off at the deadline."""
        seconds = _left(timeout, httpcore2.ConnectTimeout)
        sock = self._inner.get_extra_info("socket")
        watch = threading.Timer(60.0 if seconds is None else seconds, _hang_up, (sock,))
        watch.daemon = True
        watch.start()
        try:
            return _Stream(self._inner.start_tls(ssl_context, server_hostname, seconds))
        finally:
            watch.cancel()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  # as the library declares it
        """Return what the connection knows of itself."""
        return self._inner.get_extra_info(info)


def _hang_up(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        # The plain socket: its encrypted one is not known before the handshake is over.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
