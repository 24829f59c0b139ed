"""What each fault of the Gmail test server does to the vendor's own client."""

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException

import pytest
from googleapiclient.errors import HttpError

from tests.support.gmail import GmailServer, Mailbox, content_faults, faults
from tests.support.gmail.matching import gets, histories, lists, of, profiles, thread_gets
from tests.support.gmail.vendor import VendorClient, vendor_client
from tests.support.loopback import Fault
from tests.support.waiting import PATIENCE_SECONDS

ANA = "ana@us.test"


@pytest.fixture
def server() -> Iterator[GmailServer]:
    """A server with 30 messages in Ana's mailbox, which must not fail itself."""
    server = GmailServer()
    server.mailbox(ANA).fill(30)
    with server.running():
        yield server
    assert server.errors == []


@pytest.fixture
def mailbox(server: GmailServer) -> Mailbox:
    """Ana's mailbox."""
    return server.mailbox(ANA)


@pytest.fixture
def client(server: GmailServer) -> Iterator[VendorClient]:
    """The vendor's client with a token for Ana's mailbox."""
    with vendor_client(server, ANA, timeout=PATIENCE_SECONDS) as client:
        yield client


ERRORS: dict[str, tuple[Fault, int, str]] = {
    "503": (faults.unavailable(profiles), 503, "backendError"),
    "500": (faults.internal_error(profiles), 500, "backendError"),
    "concurrent": (faults.too_many_concurrent(profiles), 429, "rateLimitExceeded"),
    "exhausted": (faults.resource_exhausted(profiles), 429, "rateLimitExceeded"),
    "minute": (faults.minute_used_up(profiles), 403, "rateLimitExceeded"),
    "user": (faults.user_rate_limit(profiles), 403, "userRateLimitExceeded"),
    "day": (faults.day_used_up(profiles), 403, "dailyLimitExceeded"),
    "disabled": (faults.api_disabled(profiles), 403, "accessNotConfigured"),
    "policy": (faults.domain_policy(profiles), 403, "domainPolicy"),
    "forbidden": (faults.forbidden(profiles, "Delegation denied for x"), 403, "forbidden"),
    "404": (faults.not_found(profiles), 404, "notFound"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_google_s(server: GmailServer, client: VendorClient, name: str) -> None:
    """Each error has its status and reason, strikes as often as it should, and nobody else."""
    fault, status, reason = ERRORS[name]
    server.faults.append(fault)
    ends = fault.times is not None
    with pytest.raises(HttpError) as error:
        client.profile()
    assert (error.value.status_code, reason_of(error.value)) == (status, reason)
    assert len(client.ids()) == 30
    if ends:
        assert client.profile()


def reason_of(error: HttpError) -> str:
    """``reason`` in ``errors`` of the answer."""
    return str(json.loads(error.content)["error"]["errors"][0]["reason"])


def test_an_error_may_be_a_page(server: GmailServer, client: VendorClient) -> None:
    """A 502 comes as HTML, and so does what a captive portal says with 200."""
    server.faults.append(faults.bad_gateway(profiles))
    with pytest.raises(HttpError, match="502") as error:
        client.profile()
    assert error.value.content.startswith(b"<!DOCTYPE html>")
    server.faults.append(faults.page_with_200(lists))
    assert isinstance(client.users.messages().list(userId="me").execute(), str)


@pytest.mark.parametrize("value", ["7", "0.5", "Mon, 23 Nov 2026 10:00:00 GMT"])
def test_when_to_try_again(server: GmailServer, client: VendorClient, value: str) -> None:
    """It stands in a header, in seconds or as a date, or in the text."""
    server.faults += [
        faults.retry_after(profiles, value),
        faults.retry_after(profiles, value, code=503),
        faults.retry_after_in_text(profiles, dt.datetime(2026, 11, 23, 10, 0, 5, 250_000, dt.UTC)),
    ]
    for status in (429, 503):
        with pytest.raises(HttpError) as error:
            client.profile()
        assert (error.value.status_code, error.value.resp["retry-after"]) == (status, value)
    with pytest.raises(HttpError, match=r"Retry after 2026-11-23T10:00:05\.250Z"):
        client.profile()


def test_a_200_may_be_cut_or_empty(server: GmailServer, client: VendorClient) -> None:
    """The client hands out a str then, as it does for every 200 that is no JSON."""
    server.faults += [faults.cut_json(profiles), faults.empty_body(profiles)]
    assert isinstance(client.users.getProfile(userId="me").execute(), str)
    assert client.users.getProfile(userId="me").execute() == ""
    assert client.profile()


@pytest.mark.parametrize(
    "fault",
    [
        lambda: faults.hang(profiles),
        lambda: faults.closed_early(profiles),
        lambda: faults.reset(profiles),
        lambda: faults.reset(profiles, at=10),
    ],
)
def test_connections_break(server: GmailServer, fault: Callable[[], Fault]) -> None:
    """The client times out, or loses the connection; the next one is answered."""
    server.faults.append(fault())
    with vendor_client(server, ANA, timeout=0.3) as client, pytest.raises((OSError, HTTPException)):
        client.profile()
    with vendor_client(server, ANA) as client:
        assert client.profile()


@pytest.mark.slow
def test_a_slow_drip_escapes_the_time_limit_of_a_read(server: GmailServer, client: VendorClient) -> None:
    """Every byte comes in time, and the whole takes long."""
    server.faults.append(faults.slow_drip(profiles, 0.01))
    start = time.monotonic()
    assert client.profile()
    assert time.monotonic() - start > 0.5


def test_faults_end_with_the_server() -> None:
    """Whatever hangs is let go when the server stops."""
    server = GmailServer()
    server.mailbox(ANA)
    start = time.monotonic()
    with server.running(), vendor_client(server, ANA, timeout=0.2) as client:
        server.faults.append(faults.hang(profiles))
        with pytest.raises(TimeoutError):
            client.profile()
    assert time.monotonic() - start < PATIENCE_SECONDS


def test_things_happen_meanwhile(server: GmailServer, client: VendorClient, mailbox: Mailbox) -> None:
    """Before an answer is made, it sees what happened; after, it does not."""
    server.faults += [faults.before(lists, mailbox.deliver), faults.after(lists, mailbox.deliver)]
    assert [len(client.ids()) for _ in range(3)] == [31, 31, 32]


def test_a_fault_may_be_of_one_mailbox(server: GmailServer, client: VendorClient) -> None:
    """As with a suspended user: the listing works, and every get fails."""
    server.mailbox("bo@us.test").fill(1)
    server.faults.append(faults.unavailable(of(server, ANA, gets()), times=faults.FOR_EVER))
    with pytest.raises(HttpError, match="503"):
        client.get(client.ids()[0])
    with vendor_client(server, "bo@us.test") as other:
        assert other.get(other.ids()[0])


def test_pages_go_wrong(server: GmailServer, client: VendorClient) -> None:
    """A token is refused; the same page comes again and again; a page repeats ids of the one before."""
    listing = client.users.messages()
    first = listing.list(userId="me", maxResults=10).execute()
    token = first["nextPageToken"]
    server.faults.append(content_faults.page_token_refused())
    with pytest.raises(HttpError, match="Invalid pageToken"):
        listing.list(userId="me", maxResults=10, pageToken=token).execute()
    server.faults.append(content_faults.page_repeats_ids(2))
    ids = client.ids(maxResults=10)
    assert (len(ids), len(set(ids))) == (34, 30)
    server.faults[:] = [content_faults.same_page_for_ever()]
    for _ in range(3):
        again = listing.list(userId="me", maxResults=10, pageToken=token).execute()
        assert again["nextPageToken"] == token


def test_history_goes_wrong(server: GmailServer, client: VendorClient, mailbox: Mailbox) -> None:
    """Pages without records, records again, records that say nothing, and 404."""
    start = client.profile()["historyId"]
    for _ in range(3):
        mailbox.deliver()
    usual = client.history(start)
    server.faults.append(content_faults.page_without_history(server, pages=2))
    pages = client.pages("history", startHistoryId=start, maxResults=2)
    assert [len(page.get("history", ())) for page in pages] == [0, 0, 2, 1]
    server.faults[:] = [content_faults.history_replayed()]
    assert client.history(start) == usual
    assert client.history(mailbox.history.newest) == usual
    server.faults[:] = [content_faults.history_with_messages_only("18f")]
    assert client.history(start)[-1].keys() == {"id", "messages"}
    server.faults[:] = [content_faults.history_expired()]
    with pytest.raises(HttpError, match="404"):
        client.history(start)
    assert [record["id"] for record in client.history(start)] == [record["id"] for record in usual]


def test_answers_lack_keys_or_have_more(server: GmailServer, client: VendorClient, mailbox: Mailbox) -> None:
    """Keys may be missing, numbers may be no strings, and a snippet may come unasked, in batches as well."""
    start = client.profile()["historyId"]
    message_id = mailbox.deliver()
    server.faults += [content_faults.without(gets(), "labelIds", "payload/headers", "internalDate", times=2)]
    for got in (client.get(message_id), client.batch({"a": client.getting(message_id)})["a"]):
        assert set(got) == {"id", "threadId", "payload", "sizeEstimate", "historyId"}
        assert got["payload"] == {}
    server.faults[:] = [content_faults.with_snippet(gets(message_id), "Hello")]
    assert client.get(message_id)["snippet"] == "Hello"
    server.faults[:] = [content_faults.history_ids_as_numbers()]
    assert isinstance(client.profile()["historyId"], int)
    assert isinstance(client.history(start)[0]["id"], int)


def test_matchers_tell_methods_apart(server: GmailServer, client: VendorClient, mailbox: Mailbox) -> None:
    """A matcher is of one method; of a get, also of one id."""
    message_id = client.ids()[-1]  # the first message of a thread
    client.get(message_id)
    client.users.threads().get(userId="me", id=message_id, format="minimal", fields="id").execute()
    client.history(mailbox.history.newest)
    matchers = (lists, gets(), gets(message_id), gets("0" * 16), thread_gets(message_id), histories, profiles)
    assert [sum(map(matches, server.log)) for matches in matchers] == [1, 1, 1, 0, 1, 1, 0]
    assert server.violations == []
