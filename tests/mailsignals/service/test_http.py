"""The HTTP server over loopback: slow clients neither keep others waiting nor stay."""

import contextlib
import errno
import logging
import socket
from collections.abc import Iterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mailsignals.service import http
from mailsignals.service.connections import ConnectionBounds, Connections
from mailsignals.service.http import serve_app
from tests.support.waiting import PATIENCE_SECONDS, wait_until

BOUNDS = ConnectionBounds(
    connections=20, per_client=20, head_seconds=0.1, body_seconds=0.1, idle_seconds=0.1, stall_seconds=0.1
)
LARGE = 20_000_000
"""More bytes than the buffers of both systems hold."""


async def _form(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


APP = Starlette(
    routes=[
        Route("/", lambda _: PlainTextResponse("here")),
        Route("/form", _form, methods=["POST"]),
        Route("/large", lambda _: Response(b"x" * LARGE)),
    ]
)


@contextlib.contextmanager
def _served(bounds: ConnectionBounds) -> Iterator[int]:
    with serve_app(APP, host="127.0.0.1", port=0, bounds=bounds) as port:
        yield port


def _send(port: int, text: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
    connection.sendall(text.encode())
    return connection


def _read_to_end(connection: socket.socket) -> int:
    """Return the number of bytes until the server closes the connection."""
    count = 0
    with connection, contextlib.suppress(ConnectionResetError):
        while part := connection.recv(1 << 20):
            count += len(part)
    return count


@pytest.mark.scenario("half-open-connections")
def test_half_open_connections_keep_nobody_waiting() -> None:
    """Thrice as many as fit: a request is answered, although no deadline has passed yet."""
    patient = ConnectionBounds(connections=20, per_client=20, head_seconds=1e6)
    with _served(patient) as port, contextlib.ExitStack() as half_open:
        for _ in range(60):
            half_open.enter_context(_send(port, "GET / HTTP/1.1\r\nHost:"))
        answer = httpx2.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE_SECONDS)
        assert answer.text == "here"


@pytest.mark.scenario("half-open-connections")
def test_no_client_stays_without_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever each has sent of a request, the server closes the connection after its deadline."""
    monkeypatch.setattr(http, "LOOK_SECONDS", 0.02)
    begun = {
        "nothing": "",
        "head": "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        "body": "POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab",
        "body that nobody reads": "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
        "idle": "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "second head": "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTT",
    }
    with _served(BOUNDS) as port:
        for each in [_send(port, text) for text in begun.values()]:
            _read_to_end(each)  # times out if the server waits


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of overdue connections at each look of the server, which looks often."""
    found: list[int] = []
    usual = Connections.end_overdue

    def end_overdue(connections: Connections, now: float) -> int:
        found.append(usual(connections, now))
        return found[-1]

    monkeypatch.setattr(http, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(Connections, "end_overdue", end_overdue)
    return found


def test_a_client_that_never_reads_is_cut_off(looks: list[int]) -> None:
    """Its answer doesn't stay in memory."""
    with _served(BOUNDS) as port, _send(port, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n") as deaf:
        wait_until(lambda: sum(looks) > 0)
        assert _read_to_end(deaf) < LARGE


def test_a_slow_client_gets_its_whole_answer(looks: list[int]) -> None:
    """The time for the next request begins when the answer was read, not when it was made."""
    slow = ConnectionBounds(connections=20, per_client=20, head_seconds=0, idle_seconds=0)
    with _served(slow) as port:
        reading = _send(port, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        reading.recv(1)
        before = len(looks)
        wait_until(lambda: len(looks) > before + 2)
        assert _read_to_end(reading) >= LARGE


@pytest.mark.scenario("half-open-connections")
def test_a_lack_of_handles_is_logged_and_passes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Accepting is tried again after a pause, with one line a try, and the next client is answered."""
    monkeypatch.setattr(http, "RETRY_SECONDS", 0.01)
    failures = iter([errno.EMFILE, errno.ENFILE, errno.ENOMEM])
    usual = socket.socket.accept

    def accept(listening: socket.socket) -> tuple[socket.socket, object]:
        for number in failures:
            raise OSError(number, "no handles")
        return usual(listening)

    monkeypatch.setattr(socket.socket, "accept", accept)
    with caplog.at_level(logging.WARNING), _served(BOUNDS) as port:
        assert httpx2.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE_SECONDS).text == "here"
    assert [record.message for record in caplog.records] == ["connection_not_accepted"] * 3
