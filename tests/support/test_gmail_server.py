"""The Gmail test server as the vendor's own client sees it."""

import base64
import datetime as dt
import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.support.gmail import METADATA, READONLY, GmailServer, Mailbox, State
from tests.support.gmail.vendor import FIELDS, HEADERS, VendorClient, vendor_client
from tests.support.loopback import Request

ANA = "ana@us.test"


@pytest.fixture
def server() -> Iterator[GmailServer]:
    """A server that is listening, and must not fail itself."""
    server = GmailServer()
    server.mailbox(ANA)
    with server.running():
        yield server
    assert server.errors == []


@pytest.fixture
def mailbox(server: GmailServer) -> Mailbox:
    """Ana's mailbox, empty."""
    return server.mailbox(ANA)


@pytest.fixture
def client(server: GmailServer) -> Iterator[VendorClient]:
    """The vendor's client with a token for Ana's mailbox."""
    with vendor_client(server, ANA) as client:
        yield client


def refusal(error: pytest.ExceptionInfo[HttpError]) -> tuple[int, str, str]:
    """Status, reason and text of an error."""
    content = json.loads(error.value.content)["error"]
    return content["code"], content["errors"][0]["reason"], content["message"]


def test_an_empty_mailbox_has_no_messages_key(client: VendorClient, mailbox: Mailbox) -> None:
    """Where there is nothing to list, Gmail leaves the key out."""
    assert client.pages("messages") == [{"resultSizeEstimate": 0}]
    assert client.pages("history", startHistoryId=client.profile()["historyId"]) == [
        {"historyId": str(mailbox.history.newest)}
    ]


def test_the_profile_counts_everything(client: VendorClient, mailbox: Mailbox) -> None:
    """``getProfile`` counts drafts, spam and trash as well, and its historyId is a string of digits."""
    mailbox.draft()
    mailbox.spam(mailbox.deliver())
    mailbox.trash(mailbox.deliver())
    profile = client.profile()
    assert (profile["emailAddress"], profile["messagesTotal"], profile["threadsTotal"]) == (ANA, 3, 3)
    assert profile["historyId"] == str(mailbox.history.newest)


@pytest.mark.parametrize("count", [99, 100, 101, 499, 500, 501, 1_000, 1_001])
def test_pages_have_100_and_at_most_500(client: VendorClient, mailbox: Mailbox, count: int) -> None:
    """``maxResults`` is 100 by default and never more than 500, and all pages together hold every message once."""
    mailbox.fill(count)
    expected = [message.id for message in mailbox.store]
    pages = client.pages("messages", maxResults=1_000)
    assert [len(page["messages"]) for page in pages] == [500] * (count // 500) + [count % 500] * (
        count % 500 > 0
    )
    assert [entry["id"] for page in pages for entry in page["messages"]] == expected
    assert len(client.pages("messages")[0]["messages"]) == min(count, 100)
    assert all(page["resultSizeEstimate"] == 201 for page in pages[:-1])


def test_the_newest_come_first_whenever_they_were_written(client: VendorClient, mailbox: Mailbox) -> None:
    """A listing is in the order of internalDate, so an import of an old mail stands at its end."""
    mailbox.fill(3)
    old = mailbox.deliver(at=dt.datetime(1969, 7, 20, tzinfo=dt.UTC))
    new = mailbox.deliver()
    assert client.ids()[0] == new
    assert client.ids()[-1] == old
    assert int(client.get(old)["internalDate"]) < 0


def test_labels_are_anded_and_spam_and_trash_are_hidden(client: VendorClient, mailbox: Mailbox) -> None:
    """Several labelIds must all be there; spam and trash are listed only where they are asked for."""
    plain, spam, trash = (mailbox.deliver() for _ in range(3))
    mailbox.spam(spam)
    mailbox.trash(trash)
    mailbox.add_labels(plain, "STARRED")
    mailbox.deliver()
    assert client.ids(labelIds=["INBOX", "STARRED"]) == [plain]
    assert {spam, trash}.isdisjoint(client.ids())
    assert {spam, trash} < set(client.ids(includeSpamTrash=True))
    assert client.ids(labelIds=["TRASH"]) == [trash]


@pytest.mark.parametrize("offsets", [False, True])
def test_what_arrives_while_pages_are_read(
    server: GmailServer, client: VendorClient, mailbox: Mailbox, offsets: bool
) -> None:
    """Pages go on where the last one ended; if tokens count messages, one comes twice instead."""
    server.pages_by_offset = offsets
    mailbox.fill(10)
    first = client.users.messages().list(userId="me", maxResults=4).execute()
    mailbox.deliver()
    second = (
        client.users.messages().list(userId="me", maxResults=4, pageToken=first["nextPageToken"]).execute()
    )
    repeated = {entry["id"] for entry in first["messages"]} & {entry["id"] for entry in second["messages"]}
    assert len(repeated) == int(offsets)


def test_a_page_token_expires_and_is_not_for_another_method(client: VendorClient, mailbox: Mailbox) -> None:
    """A token that is over, made up, or of another list is answered with 400 Invalid pageToken."""
    mailbox.fill(10)
    token = client.users.messages().list(userId="me", maxResults=4).execute()["nextPageToken"]
    with pytest.raises(HttpError) as error:
        client.users.threads().list(userId="me", pageToken=token).execute()
    assert refusal(error) == (400, "invalidArgument", "Invalid pageToken")
    mailbox.expire_page_tokens()
    with pytest.raises(HttpError) as error:
        client.users.messages().list(userId="me", pageToken=token).execute()
    assert refusal(error) == (400, "invalidArgument", "Invalid pageToken")


def test_metadata_has_the_headers_asked_for_in_their_order(client: VendorClient, mailbox: Mailbox) -> None:
    """Header names match in any case, are shown as written, and those that occur twice come twice."""
    headers = (("to", "a@b"), ("Received", "1"), ("TO", "c@d"), ("X-Secret", "no"), ("Received", "2"))
    message_id = mailbox.deliver(headers)
    got = client.get(message_id, metadataHeaders=["To", "RECEIVED"])
    assert [(one["name"], one["value"]) for one in got["payload"]["headers"]] == [
        ("to", "a@b"),
        ("Received", "1"),
        ("TO", "c@d"),
        ("Received", "2"),
    ]


def test_metadata_has_no_snippet_and_labels_only_if_there_are_any(
    client: VendorClient, mailbox: Mailbox
) -> None:
    """Under gmail.metadata the payload is headers and partId; an archived mail has no labelIds key."""
    message_id = mailbox.deliver()
    mailbox.archive(message_id)
    whole = client.get(message_id, fields=None)
    keys = {"id", "threadId", "payload", "sizeEstimate", "historyId", "internalDate"}
    assert set(whole) == keys
    assert set(whole["payload"]) == {"partId", "headers"}
    assert set(client.get(message_id, format="minimal", fields=None)) == keys - {"payload"}
    assert set(client.get(message_id, fields="id,payload/headers(name)")) == {"id", "payload"}


@pytest.mark.parametrize(("form", "named"), [("full", "FULL"), ("raw", "RAW"), (None, "FULL")])
def test_metadata_scope_bars_bodies(
    client: VendorClient, mailbox: Mailbox, form: str | None, named: str
) -> None:
    """Under gmail.metadata full, raw, and no format at all are forbidden."""
    message_id = mailbox.deliver()
    for kind in ["messages", "threads"] if form != "raw" else ["messages"]:
        with pytest.raises(HttpError) as error:
            getattr(client.users, kind)().get(userId="me", id=message_id, format=form).execute()
        assert refusal(error) == (403, "forbidden", f"Metadata scope doesn't allow format {named}")


def test_metadata_scope_bars_queries(server: GmailServer, client: VendorClient) -> None:
    """``q`` is forbidden under gmail.metadata, even if the token has gmail.readonly besides."""
    both = server.issuer.token(ANA, scopes=[METADATA, READONLY])
    request = Request.of("GET", "/gmail/v1/users/me/messages?q=", {"Authorization": f"Bearer {both}"})
    assert b"does not support 'q' parameter" in server.route(request).body
    with pytest.raises(HttpError) as error:
        client.users.messages().list(userId="me", q="from:bo").execute()
    assert refusal(error) == (403, "forbidden", "Metadata scope does not support 'q' parameter")


def test_threads_hold_everything(client: VendorClient, mailbox: Mailbox) -> None:
    """threads.get gives all messages of a thread, spam and trash too; threads.list each thread once."""
    first = mailbox.deliver()
    answer = mailbox.send(mailbox.answer_to(first))
    other = mailbox.deliver()
    mailbox.trash(answer)
    thread = (
        client.users.threads()
        .get(
            userId="me", id=first, format="metadata", metadataHeaders=HEADERS, fields=f"id,messages({FIELDS})"
        )
        .execute()
    )
    assert [message["id"] for message in thread["messages"]] == [first, answer]
    assert thread["messages"][1]["threadId"] == first
    listed = [one["id"] for page in client.pages("threads", maxResults=1) for one in page["threads"]]
    assert listed == [other, first]


def test_messages_that_are_not_there(client: VendorClient, mailbox: Mailbox) -> None:
    """An unknown id is 404 notFound, what is no id at all 400."""
    gone = mailbox.deliver()
    mailbox.purge(gone)
    with pytest.raises(HttpError) as error:
        client.get(gone)
    assert refusal(error) == (404, "notFound", "Requested entity was not found.")
    with pytest.raises(HttpError) as error:
        client.get("not-an-id")
    assert refusal(error) == (400, "invalidArgument", "Invalid id value")


def test_only_the_own_mailbox_is_served(server: GmailServer, client: VendorClient) -> None:
    """``userId`` is "me" or the token's own address, in any case; of another, delegation is denied."""
    server.mailbox("bo@us.test")
    assert client.users.getProfile(userId="Ana@US.test").execute()["emailAddress"] == ANA
    with pytest.raises(HttpError) as error:
        client.users.getProfile(userId="bo@us.test").execute()
    assert refusal(error) == (403, "forbidden", f"Delegation denied for {ANA}")


def test_access_that_nobody_configured(server: GmailServer, client: VendorClient, mailbox: Mailbox) -> None:
    """No Gmail is 400 failedPrecondition, a disabled API or a wrong scope 403, a dead token 401."""
    mailbox.state = State.NO_GMAIL
    with pytest.raises(HttpError) as error:
        client.profile()
    assert refusal(error) == (400, "failedPrecondition", "Mail service not enabled")
    server.api_enabled = False
    with pytest.raises(HttpError) as error:
        client.profile()
    assert refusal(error)[:2] == (403, "accessNotConfigured")
    server.api_enabled = True
    token = server.issuer.token(ANA, scopes=["https://www.googleapis.com/auth/gmail.labels"])
    answer = server.route(
        Request.of("GET", "/gmail/v1/users/me/messages", {"Authorization": f"Bearer {token}"})
    )
    assert (answer.status, b"insufficientPermissions" in answer.body) == (403, True)
    server.issuer.revoke(ANA)
    with pytest.raises(Exception, match="credentials"):  # google-auth has nothing to refresh with
        client.profile()


@pytest.mark.parametrize(
    "query",
    ["format=metadata&nonsense=1", "fields=id,bodies", "fields=id(", "maxResults=x", "format=everything"],
)
def test_a_query_that_the_method_does_not_have(server: GmailServer, mailbox: Mailbox, query: str) -> None:
    """Parameters and fields are checked against the vendor's own description of the API."""
    token = server.issuer.token(ANA)
    kind = "messages" if query.startswith("max") else f"messages/{mailbox.deliver()}"
    request = Request.of("GET", f"/gmail/v1/users/me/{kind}?{query}", {"Authorization": f"Bearer {token}"})
    assert server.route(request).status == 400


def test_answers_are_compressed_for_those_who_say_so_twice(server: GmailServer, mailbox: Mailbox) -> None:
    """Compression needs gzip in Accept-Encoding and in User-Agent."""
    mailbox.fill(300)
    for agent, encoding in (("(gzip)", "gzip"), ("other", None)):
        headers = {
            "Authorization": f"Bearer {server.issuer.token(ANA)}",
            "Accept-Encoding": "gzip",
            "User-Agent": agent,
        }
        url = f"{server.root}gmail/v1/users/me/messages"
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            assert answer.headers["Content-Encoding"] == encoding


def test_broader_scopes_see_the_body_and_are_noticed(server: GmailServer, mailbox: Mailbox) -> None:
    """With gmail.readonly alone there are bodies and snippets to be had; asking for them is a violation."""
    token = server.issuer.token(ANA, scopes=[READONLY])
    path = f"/gmail/v1/users/me/messages/{mailbox.deliver()}"
    answer: dict[str, Any] = json.loads(
        server.route(Request.of("GET", path, {"Authorization": f"Bearer {token}"})).body
    )
    assert base64.urlsafe_b64decode(answer["payload"]["body"]["data"])
    assert answer["snippet"]
    assert [violation.what for violation in server.violations] == [
        "format full",
        "fields snippet, body, filename, mimeType, partId",
    ]
