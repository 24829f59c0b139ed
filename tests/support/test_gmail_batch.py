"""Batches of the Gmail test server, as the vendor's own client sees them, and what goes wrong with them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from googleapiclient.errors import BatchError, HttpError

from tests.support.gmail import GmailServer, batch_faults, faults
from tests.support.gmail.batch import split_parts
from tests.support.gmail.matching import batches, gets, methods
from tests.support.gmail.vendor import VendorClient, vendor_client
from tests.support.loopback import Answer, Fault, Request
from tests.support.waiting import PATIENCE_SECONDS

ANA = "ana@us.test"


@pytest.fixture
def server() -> Iterator[GmailServer]:
    """A server with 120 messages in Ana's mailbox, which must not fail itself."""
    server = GmailServer()
    server.mailbox(ANA).fill(120)
    with server.running():
        yield server
    assert server.errors == []


@pytest.fixture
def client(server: GmailServer) -> Iterator[VendorClient]:
    """The vendor's client with a token for Ana's mailbox."""
    with vendor_client(server, ANA, timeout=PATIENCE_SECONDS) as client:
        yield client


def in_batch(client: VendorClient, ids: list[str]) -> dict[str, Any]:
    """The answers to gets that are sent as one batch, by id."""
    return client.batch({message_id: client.getting(message_id) for message_id in ids})


def test_parts_of_a_batch_are_struck_one_by_one(server: GmailServer, client: VendorClient) -> None:
    """A fault of a get strikes it inside a batch too: one is poisoned, one not there yet, one refused once."""
    ids = client.ids()[:5]
    server.faults += [
        faults.poisoned(ids[0]),
        faults.not_found(gets(ids[1])),
        faults.too_many_concurrent(gets(ids[2]), times=1),
        faults.cut_json(gets(ids[3])),
    ]
    first, second = in_batch(client, ids), in_batch(client, ids)
    assert [one.status_code for one in (first[message_id] for message_id in ids[:3])] == [503, 404, 429]
    assert isinstance(first[ids[3]], str)
    assert first[ids[4]]["id"] == ids[4]
    assert [message_id for message_id in ids if isinstance(second[message_id], HttpError)] == ids[:1]


def test_a_401_of_all_parts(server: GmailServer, client: VendorClient) -> None:
    """Every part of a batch is refused by itself while the batch is 200."""
    ids = client.ids()[:3]
    server.faults.append(faults.not_authorised(methods, times=3))
    with pytest.raises(Exception, match="refresh"):  # the bearer token cannot be renewed
        in_batch(client, ids)
    assert len(in_batch(client, ids)) == 3


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (batch_faults.parts_missing, KeyError),
        (batch_faults.content_id_of_another, KeyError),
        (batch_faults.truncated, Exception),
        (batch_faults.not_multipart, BatchError),
    ],
)
def test_batches_that_lose_parts(
    server: GmailServer, client: VendorClient, fault: Callable[[], Fault], error: type[Exception]
) -> None:
    """The client raises and calls back for nothing; the next batch is whole."""
    ids = client.ids()[:10]
    server.faults.append(fault())
    with pytest.raises(error):
        in_batch(client, ids)
    assert set(in_batch(client, ids)) == set(ids)


@pytest.mark.parametrize(
    "fault", [batch_faults.part_twice, batch_faults.unknown_content_id, batch_faults.parts_in_another_order]
)
def test_batches_with_parts_too_many(
    server: GmailServer, client: VendorClient, fault: Callable[[], Fault]
) -> None:
    """What was asked for is there, each under its own id."""
    ids = client.ids()[:10]
    server.faults.append(fault())
    assert {key: answer["id"] for key, answer in in_batch(client, ids).items()} == {one: one for one in ids}


@pytest.mark.slow
def test_a_batch_has_a_limit(server: GmailServer, client: VendorClient) -> None:
    """Beyond 100 parts, or what the server is set to, the batch is refused as a whole."""
    ids = client.ids()
    with pytest.raises(HttpError, match=r"Inner request count exceeds the limit\. Received: 101, Limit: 100"):
        in_batch(client, ids[:101])
    server.batch_limit = 20
    with pytest.raises(HttpError, match=r"Inner request count exceeds the limit\. Received: 120, Limit: 20"):
        in_batch(client, ids)
    server.faults.append(faults.unavailable(batches))
    with pytest.raises(HttpError, match="503"):
        in_batch(client, ids[:20])
    assert len(in_batch(client, ids[:20])) == 20


def written(server: GmailServer, *lines: str, boundary: str = "b") -> Answer:
    """The answer to a batch that is written by hand."""
    headers = {
        "Authorization": f"Bearer {server.issuer.token(ANA)}",
        "Content-Type": f"multipart/mixed; boundary={boundary}",
    }
    body = "\r\n".join(lines).encode()
    return server.route(Request.of("POST", "/batch/gmail/v1", headers, body))


@pytest.mark.slow
def test_parts_come_in_any_order_under_their_own_ids(server: GmailServer, client: VendorClient) -> None:
    """All of 100 parts are answered as alone, not in the order in which they were asked."""
    ids = client.ids()[:100]
    answers = in_batch(client, ids)
    assert answers == {message_id: client.get(message_id) for message_id in ids}
    asked = [request.path.rpartition("/")[2] for request in server.log if request.inner]
    assert sorted(asked) == sorted(ids)
    assert asked != ids
    assert server.counts.batches == 1
    assert server.violations == []


def test_content_ids_are_answered(server: GmailServer) -> None:
    """``<a>`` is answered by ``<response-a>``, a part without an id by one without; errors are parts too."""
    path = "/gmail/v1/users/me"
    answer = written(
        server,
        "--b\r\nContent-Type: application/http\r\nContent-ID: <a>\r\n",
        f"GET {path}/profile\r\n",
        "--b\r\nContent-Type: application/http\r\n",
        f"GET {path}/messages/18f?format=minimal HTTP/1.1\r\n",
        "--b\r\nContent-ID: <c>\r\n",
        f"GET {path}/profile\r\nAuthorization: Bearer nonsense\r\n",
        "--b--",
    )
    shown = sorted(part.partition(b"\r\n\r\n") for part in split_parts(answer))
    heads = [head.partition(b"\r\n")[2] for head, _, _ in shown]
    assert heads == [b"", b"Content-ID: <response-a>", b"Content-ID: <response-c>"]
    assert [inner.split(b"\r\n")[0] for _, _, inner in shown] == [
        b"HTTP/1.1 404 Not Found",
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 401 Unauthorized",
    ]


@pytest.mark.parametrize(
    "lines", [["--b--"], ["--b\r\n\r\nGET /x\r\n"], ["--b\r\n\r\nnonsense\r\n--b--"], []]
)
def test_nonsense_is_no_batch(server: GmailServer, lines: list[str]) -> None:
    """Without an end, or without a request in a part, there is 400."""
    assert written(server, *lines).status == 400
