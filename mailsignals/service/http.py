"""Serve an ASGI application over HTTP in a thread of this process, with bounds that no client exceeds."""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from mailsignals.errors import UserError
from mailsignals.service.connections import ConnectionBounds, Connections, Phase, handle_limit

log = logging.getLogger(__name__)

SHUTDOWN_SECONDS = 1
LOOK_SECONDS = 1.0
"""Seconds between two looks for connections that have waited for too long."""
RETRY_SECONDS = 1.0
"""Seconds without new connections after the system could not open one."""
BACKLOG = 1024
"""Connections that wait in the system until they are accepted."""

FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
"""The answer to a client beyond the bounds."""


@contextlib.contextmanager
def serve_app(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    keys: str = "service.host, service.port",
    bounds: ConnectionBounds | None = None,
    is_proxy: Callable[[str], bool] = lambda _: False,
) -> Iterator[int]:
    """Serve an application in a thread for as long as the block runs, and yield the port.

    Port 0 lets the system choose one. The address accepts connections from the first line of the block on.

    Args:
        app: the application.
        host: the address to listen on.
        port: the port to listen on.
        keys: the keys of the address in the configuration, for messages.
        bounds: of its connections; by default they leave half of the file handles to the rest of the program.
        is_proxy: returns true for the address of a trusted reverse proxy, which connects for many clients.

    Raises:
        UserError: the address cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (while")[0]
        raise UserError(
            f"{keys}: can't listen on {host}:{port} ({reason}). "
            "Choose another port, or stop the program that uses it."
        ) from None
    # A response is written in parts; without this, each part waits about 40 ms for the receipt of the one before.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    options = uvicorn.Config(
        app,
        http="h11",
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,  # only the configuration decides which proxy headers are trusted
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    found = bounds or ConnectionBounds.within(handle_limit())
    server = BoundedServer(options, listening, Connections(found, is_proxy=is_proxy))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(2 * SHUTDOWN_SECONDS)
        listening.close()


class BoundedServer(uvicorn.Server):
    """A server that counts connections, and tries again after the system ran out of file handles."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket, connections: Connections) -> None:
        super().__init__(config)
        self._listening = listening
        self._connections = connections
        self._tasks: list[asyncio.Task[None]] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections."""
        await super().startup(sockets=sockets or [])
        self._listening.settimeout(0)
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._accept()), loop.create_task(self._end_overdue())]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more connections, and end the open ones."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._listening.close()
        await super().shutdown(sockets=sockets)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, address = await loop.sock_accept(self._listening)
            except ConnectionAbortedError:
                continue  # the client has left already
            except OSError as error:
                # Out of file handles or memory: what waits for a client gives its handle to one who asks.
                self._connections.free_some()
                log.warning("connection_not_accepted", extra={"problem": error.strerror or str(error)})
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if not self._connections.make_room(address[0]):
                log.warning("connections_full", extra={"open": len(self._connections)})
                _turn_away(accepted)
                continue
            try:
                await loop.connect_accepted_socket(self._protocol, accepted)
            except OSError as error:
                accepted.close()
                log.warning("connection_not_accepted", extra={"problem": error.strerror or str(error)})

    def _protocol(self) -> "BoundedProtocol":
        return BoundedProtocol(
            self._connections,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )

    async def _end_overdue(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self._connections.end_overdue(loop.time())


class BoundedProtocol(H11Protocol):
    """One connection, which knows what it is waiting for."""

    def __init__(self, connections: Connections, **options: Any) -> None:  # noqa: ANN401  # those of the base class
        super().__init__(**options)
        self._among = connections
        self._phase, self._since = Phase.HEAD, self.loop.time()
        self._unread, self._unread_since = 0, self._since

    @property
    def address(self) -> str:
        """The network address of the client; empty if it is unknown."""
        return self.client[0] if self.client else ""

    @property
    def phase(self) -> Phase:
        """The state of the connection."""
        self._look()
        return self._phase

    @property
    def since(self) -> float:
        """The beginning of the phase, or the last progress of a client that reads; on the event loop's clock."""
        return self._unread_since if self._phase is Phase.SEND else self._since

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base class
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._among.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._among.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._look()

    def resume_writing(self) -> None:
        """Go on with an answer, because the client reads it."""
        self._unread_since = self.loop.time()
        super().resume_writing()

    def has_stalled(self, now: float, bounds: ConnectionBounds) -> bool:
        """Return whether the client has read too little of its answer for too long."""
        unread = self.transport.get_write_buffer_size()
        if unread == 0 or unread <= self._unread - bounds.progress_bytes:
            self._unread, self._unread_since = unread, now
        self._unread = max(self._unread, unread)
        return now - self._unread_since > bounds.stall_seconds

    def abort(self) -> None:
        """Close the connection at once, without its unread answer."""
        self.transport.abort()

    def _look(self) -> None:
        found = self._current()
        if found is not self._phase:
            self._phase, self._since = found, self.loop.time()

    def _current(self) -> Phase:
        if self.conn.their_state is h11.SEND_BODY:
            return Phase.BODY
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request
        if cycle is not None and not cycle.response_complete:
            return Phase.WORK
        if self.transport.get_write_buffer_size():
            return Phase.SEND
        begun = cycle is None or bool(self.conn.trailing_data[0])
        return Phase.HEAD if begun else Phase.IDLE


def _turn_away(accepted: socket.socket) -> None:
    """Answer that the server is full, and close."""
    with contextlib.suppress(OSError), accepted:
        accepted.settimeout(0)
        accepted.send(FULL)
