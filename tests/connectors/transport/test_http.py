import gzip
import logging
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
