"""Bounds of a web server's connections: their number, and how long each may wait for its client."""

import dataclasses
import heapq
import ipaddress
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Protocol, Self

MOST = 512
"""The largest number of connections, whatever the system allows."""
FEWEST = 8


class Phase(StrEnum):
    """The state of a connection, by what it is waiting for."""

    HEAD = "head"
    """The client has connected or begun a request, whose head is not complete."""
    BODY = "body"
    """The head is complete, the body is not."""
    WORK = "work"
    """The program is answering."""
    SEND = "send"
    """The answer is complete, and the client has yet to read it."""
    IDLE = "idle"
    """The answer is sent; the client may send another request."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ConnectionBounds:
    """The bounds of one server."""

    connections: int = MOST
    per_client: int = MOST // 4
    """Connections of one network address; the overall bound alone holds for a reverse proxy."""
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    idle_seconds: float = 15.0
    stall_seconds: float = 30.0
    """The time in which a client must read ``progress_bytes`` of its answer, or all of it."""
    progress_bytes: int = 8192

    @classmethod
    def within(cls, handles: int | None, *, most: int = MOST) -> Self:
        """Return the bounds in a process that may have so many file handles open; None for any number.

        Half of the handles stay free for the store and for jobs.
        """
        count = most if handles is None else max(min(most, handles // 2), FEWEST)
        return cls(connections=count, per_client=max(count // 4, FEWEST))

    def seconds_in(self, phase: Phase) -> float | None:
        """Return the longest time in a phase; None without a limit."""
        limits = {Phase.HEAD: self.head_seconds, Phase.BODY: self.body_seconds, Phase.IDLE: self.idle_seconds}
        return limits.get(phase)


def handle_limit() -> int | None:
    """Return the number of file handles that this process may have open; None if it isn't limited or known."""
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415  # not on Windows

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


def client_key(address: str) -> str:
    """Return the name under which the connections of a client are counted: its address, or its network in IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))


class Connection(Protocol):
    """An open connection."""

    @property
    def address(self) -> str:
        """The network address of its client."""

    @property
    def phase(self) -> Phase:
        """The state of the connection."""

    @property
    def since(self) -> float:
        """The beginning of the phase, on the clock of the server."""

    def has_stalled(self, now: float, bounds: ConnectionBounds) -> bool:
        """Return whether its client has stopped to read the answer."""

    def abort(self) -> None:
        """Close it at once."""


def is_overdue(connection: Connection, bounds: ConnectionBounds, *, now: float) -> bool:
    """Return whether a connection has waited for its client for too long."""
    seconds = bounds.seconds_in(connection.phase)
    return connection.has_stalled(now, bounds) or (seconds is not None and now - connection.since > seconds)


def oldest_waiting(connections: Iterable[Connection], most: int) -> list[Connection]:
    """Return the connections that have waited for their client the longest; none that the program works for."""
    waiting = [each for each in connections if each.phase is not Phase.WORK]
    return heapq.nsmallest(most, waiting, key=lambda each: each.since)


class Connections:
    """The open connections of one server."""

    def __init__(self, bounds: ConnectionBounds, *, is_proxy: Callable[[str], bool]) -> None:
        """Keep the connections of a server within bounds.

        Args:
            bounds: the bounds.
            is_proxy: returns true for the address of a trusted reverse proxy, which connects for many clients.
        """
        self.bounds = bounds
        self._is_proxy = is_proxy
        self._open: dict[Connection, str] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection) -> None:
        """Count a connection."""
        self._open[connection] = client_key(connection.address)

    def discard(self, connection: Connection) -> None:
        """Forget a connection that was closed."""
        self._open.pop(connection, None)

    def make_room(self, client: str) -> bool:
        """Return whether a client may connect; connections that wait for their client make room if necessary."""
        if not self._is_proxy(client):
            key = client_key(client)
            own = [each for each, of in self._open.items() if of == key]
            if len(own) >= self.bounds.per_client:
                return self._end(oldest_waiting(own, _some(self.bounds.per_client))) > 0
        return len(self) < self.bounds.connections or self.free_some() > 0

    def free_some(self) -> int:
        """Close those that have waited for their client the longest, and return their number.

        It is a small share at once, so that a flood of connections costs few looks at all of them.
        """
        return self._end(oldest_waiting(self._open, _some(self.bounds.connections)))

    def end_overdue(self, now: float) -> int:
        """Close all connections that have waited for their client for too long, and return their number."""
        return self._end([each for each in self._open if is_overdue(each, self.bounds, now=now)])

    def _end(self, connections: Sequence[Connection]) -> int:
        for each in connections:
            self.discard(each)
            each.abort()
        return len(connections)


def _some(bound: int) -> int:
    return max(1, bound // 16)
