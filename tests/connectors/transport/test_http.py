import contextlib
import gzip
import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from connectors.transport.http import Client, Limits, TransportError
from tests.support.loopback import Answer, Loopback, Request
from tests.support.waiting import PATIENCE_SECONDS

USUAL = Limits(body_bytes=10_000)
HURRIED = Limits(connect_seconds=0.5, read_seconds=0.4, total_seconds=0.8, body_bytes=10_000)


class Said(Loopback):
    """Answers what it is told to."""

    answer = Answer.of({"a": 1})

    def route(self, request: Request) -> Answer:
        """The answer, whatever is asked."""
        del request
        return self.answer


@pytest.fixture
def server() -> Iterator[Said]:
    """A server on this machine."""
    with Said().running() as server:
        yield server


@pytest.fixture
def client() -> Iterator[Client]:
    """A client that waits as long as it takes."""
    client = Client(limits=USUAL)
    yield client
    client.close()


@pytest.fixture
def hurried() -> Iterator[Client]:
    """A client in a hurry."""
    client = Client(limits=HURRIED)
    yield client
    client.close()


def test_an_answer_comes_whole(server: Said, client: Client) -> None:
    """Status, headers and body are given whatever the status; a JSON object is read as one."""
    answer = client.get(f"{server.root}a?b=c", headers={"Prefer": "x"})
    assert (answer.status, answer.document(), server.log[0].headers["prefer"]) == (200, {"a": 1}, "x")
    server.answer = Answer.of({"error": "no"}, 403, Retry_After="3")
    answer = client.post(f"{server.root}a", headers={}, document={"q": 1})
    assert (answer.status, answer.headers["retry-after"], server.log[1].body) == (403, "3", b'{"q": 1}')


@pytest.mark.parametrize("body", [b"", b"[1]", b'{"value": [', b"<html>", b"\xff\xfe"])
def test_what_is_no_json_object_is_none(server: Said, client: Client, body: bytes) -> None:
    """A body that was cut off, is empty or is a page of HTML is no document."""
    server.answer = Answer(body=body)
    assert client.get(server.root, headers={}).document() is None


def test_compressed_answers_are_read(server: Said, client: Client) -> None:
    """Gzip is asked for and understood."""
    server.answer = Answer(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b'{"a": 2}'))
    assert client.get(server.root, headers={}).document() == {"a": 2}
    assert "gzip" in server.log[0].headers["accept-encoding"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=b"x" * 100, cut_at=10),
        Answer(reset=True),
        Answer(body=b"x" * 100, cut_at=10, reset=True),
        Answer(wait=10 * PATIENCE_SECONDS),
        Answer(body=b"x" * 9_000, drip=0.05),
        Answer(body=b"x" * 20_000),
        Answer(headers={"Content-Encoding": "gzip"}, body=b"no gzip"),
    ],
    ids=["cut", "reset", "reset in the middle", "hangs", "drips", "too long", "broken gzip"],
)
def test_no_half_answer_is_taken_for_a_whole_one(server: Said, hurried: Client, answer: Answer) -> None:
    """An answer that is cut off, comes too slowly or is too long is an error, soon, and no thread is left behind."""
    server.answer = answer
    began, threads = time.monotonic(), threading.active_count()
    with pytest.raises(TransportError):
        hurried.get(server.root, headers={})
    assert time.monotonic() - began < PATIENCE_SECONDS
    assert threading.active_count() <= threads + 1  # the server's own


def test_redirects_are_not_followed(server: Said, client: Client) -> None:
    """A token is not carried to where a server points."""
    server.answer = Answer(status=302, headers={"Location": f"{server.root}elsewhere"})
    assert client.get(server.root, headers={"Authorization": "Bearer t"}).status == 302
    assert len(server.log) == 1


def test_nothing_is_sent_unencrypted(client: Client) -> None:
    """Http is refused before anything is sent, but to this machine."""
    with pytest.raises(ValueError, match="https"):
        client.get("http://example.com/", headers={"Authorization": "Bearer t"})


def test_a_proxy_is_not_used_on_this_machine(server: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on this machine is reached directly, whatever proxy the environment names."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    client = Client(limits=USUAL)
    assert client.get(server.root, headers={}).status == 200
    client.close()


def test_a_server_that_is_not_there_is_an_error(client: Client) -> None:
    """A refused connection is trouble of the network, like any other."""
    with pytest.raises(TransportError, match="connection"):
        client.get("http://127.0.0.1:1/", headers={})


def test_logs_hold_nothing_of_requests(
    server: Said, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither addresses nor headers nor bodies are logged at INFO or above."""
    with caplog.at_level(logging.INFO):
        client.post(
            f"{server.root}users/ana?token=hidden",
            headers={"Authorization": "Bearer hidden"},
            document="hidden",
        )
    assert "hidden" not in caplog.text
    assert "ana" not in caplog.text


class Dripping:
    """A server that sends its answer's head a byte at a time, or never ends to encrypt the connection."""

    def __init__(self, head: bytes) -> None:
        self._head = head
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._stopped = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self._socket.accept()
            with connection:
                for byte in self._head:
                    if self._stopped.wait(0.05):
                        return
                    connection.sendall(bytes([byte]))

    def close(self) -> None:
        """End."""
        self._stopped.set()
        self._socket.close()


# A TLS handshake record that never ends; a head of headers that goes on for a minute.
@pytest.mark.slow
@pytest.mark.scenario("transport-limits")
@pytest.mark.parametrize(
    ("scheme", "head"),
    [
        ("http", b"HTTP/1.1 200 OK\r\n" + b"X-A: 1\r\n" * 200),
        ("http", b"H" * 1_200),
        ("https", b"\x16\x03\x03\x3f\xff" + b"\x0b\x00\x3f\xfb" + bytes(1_200)),
    ],
    ids=["headers", "status line", "handshake"],
)
def test_the_time_limit_covers_the_whole_request(hurried: Client, scheme: str, head: bytes) -> None:
    """Whatever drips, the request ends about when its whole time is over."""
    server = Dripping(head)
    began = time.monotonic()
    with pytest.raises(TransportError):
        hurried.get(f"{scheme}://127.0.0.1:{server.port}/", headers={})
    assert time.monotonic() - began < 5 * HURRIED.total_seconds
    server.close()


@pytest.mark.scenario("transport-limits")
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/\0",
        "http://[::1",
        "https://[",
        f"https://a.test/{'x' * 70_000}",
        "https://a.test:99999999/",
        "https://\ud800.test/",
        "https:///path",
        "https://a..test/",
        "https://xn--\xff.test/",
    ],
)
def test_an_address_that_is_none_is_an_error_of_transport(client: Client, url: str) -> None:
    """Nothing is sent to an address that cannot be one, and its error is like any other of the network."""
    with pytest.raises(TransportError) as refused:
        client.get(url, headers={})
    assert not refused.value.reached


def test_headers_that_cannot_be_sent_are_an_error_of_transport(client: Client, server: Said) -> None:
    """A header with a line break or a character that HTTP doesn't have is refused."""
    for value in ("a\r\nX: b", "\u20ac"):
        with pytest.raises(TransportError):
            client.get(server.root, headers={"X-A": value})
    assert server.log == []
