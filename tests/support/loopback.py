"""An HTTP server on 127.0.0.1 that keeps a log of requests and takes a script of faults."""

import dataclasses
import datetime as dt
import functools
import json
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """What a client asked for; the parts of a batch are requests, too."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes = b""
    inner: bool = False
    """Whether it was a part of a batch."""

    @classmethod
    def of(
        cls, method: str, target: str, headers: Mapping[str, str], body: bytes = b"", *, inner: bool = False
    ) -> Self:
        """A request for a path with its query."""
        url = urlsplit(target)
        query = _query(url.query)
        lower = {name.lower(): value for name, value in headers.items()}
        return cls(method=method, path=url.path, query=query, headers=lower, body=body, inner=inner)

    def one(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return self.query.get(name, [default])[-1]


@functools.lru_cache(maxsize=1024)
def _query(text: str) -> Mapping[str, list[str]]:
    return parse_qs(text, keep_blank_values=True)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server says."""

    status: int = 200
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    body: bytes = b""
    cut_at: int | None = None
    """After so many bytes of the body the connection is closed, although more were announced."""
    wait: float = 0.0
    """Seconds until the answer begins."""
    drip: float = 0.0
    """Seconds between any two bytes of the body."""
    reset: bool = False
    """The connection is reset: with ``cut_at`` after so many bytes of the body, else before any answer."""

    @classmethod
    def of(cls, document: object, status: int = 200, **headers: str) -> Self:
        """A document as JSON."""
        content = {"Content-Type": "application/json; charset=UTF-8"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return cls(status=status, headers=content, body=json.dumps(document).encode())


@dataclasses.dataclass(kw_only=True)
class Fault:
    """An answer in the place of the server's own."""

    matches: Callable[[Request], bool]
    answer: Answer | Callable[[Request, Callable[[], Answer]], Answer]
    """A function gets the request and what makes the server's own answer."""
    skip: int = 0
    """How many requests that match are answered as usual before."""
    times: int | None = 1
    """How many requests it strikes; None: all that follow."""

    def strikes(self, request: Request) -> bool:
        """Whether it is this request's turn; counts."""
        if self.times == 0 or not self.matches(request):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Loopback:
    """A server; whoever speaks a protocol overrides ``route``."""

    def __init__(self, *, port: int = 0, keeps_log: bool = True) -> None:
        self.log: list[Request] = []
        self.dates: Callable[[], dt.datetime] | None = None
        """The clock of the header ``Date``; None: the system's."""
        self.keeps_log = keeps_log
        """Whether requests are put into the log; without it, memory stays flat."""
        self.faults: list[Fault] = []
        self.errors: list[BaseException] = []
        """What went wrong in the server itself; a test that finds any has found nothing else."""
        self.lock = threading.RLock()
        self.in_flight = 0
        self.most_in_flight = 0
        self.stopped = threading.Event()
        """Set at the end; answers that wait or drip end with it."""
        self._server = _Server(("127.0.0.1", port), self)

    @property
    def root(self) -> str:
        """Where it listens, with a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def route(self, request: Request) -> Answer:
        """The server's own answer."""
        raise NotImplementedError

    def respond(self, request: Request) -> Answer:
        """The answer to a request, or the fault that is due."""
        with self.lock:
            if self.keeps_log:
                self.log.append(request)
            fault = next((fault for fault in self.faults if fault.strikes(request)), None)
        if fault is None:
            return self.route(request)
        return (
            fault.answer
            if isinstance(fault.answer, Answer)
            else fault.answer(request, lambda: self.route(request))
        )

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Listen until the end of the block."""
        thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        thread.start()
        try:
            yield self
        finally:
            self.stopped.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()
            self._server.close_connections()

    def enter(self) -> None:
        """Note that a request is being answered."""
        with self.lock:
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def leave(self) -> None:
        """Note that it was answered."""
        with self.lock:
            self.in_flight -= 1


_Connection = socket.socket | tuple[bytes, socket.socket]
"""What socketserver calls a request: the second form is of datagrams."""


def _socket(connection: _Connection) -> socket.socket:
    return connection if isinstance(connection, socket.socket) else connection[1]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], loopback: Loopback) -> None:
        self.loopback = loopback
        self.connections: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: _Connection, client_address: object) -> None:
        """Remember the connection."""
        with self.loopback.lock:
            self.connections.add(_socket(request))
        super().process_request(request, client_address)

    def shutdown_request(self, request: _Connection) -> None:
        """Forget the connection."""
        with self.loopback.lock:
            self.connections.discard(_socket(request))
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """End the connections that clients keep open, and with them the threads that wait for more requests."""
        with self.loopback.lock:
            left = list(self.connections)
        for connection in left:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep what went wrong in the server itself; a client that goes away is part of the tests."""
        del request, client_address
        error = sys.exception()
        if error is not None and not isinstance(error, ConnectionError):
            self.loopback.errors.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def _serve(self) -> None:
        loopback = self.server.loopback
        length = int(self.headers.get("Content-Length") or 0)
        request = Request.of(
            self.command, self.path, dict(self.headers.items()), self.rfile.read(length) if length else b""
        )
        loopback.enter()
        try:
            answer = loopback.respond(request)
            if answer.wait:
                loopback.stopped.wait(answer.wait)
        finally:
            loopback.leave()
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        if answer.reset and answer.cut_at is None:
            self._hang_up(reset=True)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.cut_at is not None:
            self.wfile.write(answer.body[: answer.cut_at])
            self.wfile.flush()
            self._hang_up(reset=answer.reset)
        elif answer.drip:
            for byte in answer.body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if self.server.loopback.stopped.wait(answer.drip):
                    self.close_connection = True
                    return
        else:
            self.wfile.write(answer.body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The header ``Date``, by the server's clock."""
        dates = self.server.loopback.dates
        return super().date_time_string(timestamp if dates is None else dates().timestamp())

    def _hang_up(self, *, reset: bool) -> None:
        """End the connection; with a reset, what was not yet read by the client may be lost (RFC 9293, 3.10.7)."""
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _serve  # noqa: N815  # the names that http.server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        """The log is ``Loopback.log``."""
