"""What operations in a mailbox of the Gmail test server do to its history, as a client reads it."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from googleapiclient.errors import HttpError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.gmail import GmailServer, Mailbox
from tests.support.gmail.bulk import message_id_of
from tests.support.gmail.message import mail
from tests.support.gmail.threads import FULL
from tests.support.gmail.vendor import VendorClient, vendor_client

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


def told(records: list[dict[str, Any]]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Kind, message and labels of each change, in order."""
    return [
        (kind, entry["message"]["id"], tuple(entry.get("labelIds", entry["message"].get("labelIds", ()))))
        for record in records
        for kind in ("messagesAdded", "messagesDeleted", "labelsAdded", "labelsRemoved")
        for entry in record.get(kind, ())
    ]


def test_history_has_what_happened_after_its_start(client: VendorClient, mailbox: Mailbox) -> None:
    """Records come after the start, in growing order and with gaps, each with the redundant messages."""
    before = mailbox.deliver()
    start = client.profile()["historyId"]
    after = mailbox.deliver()
    mailbox.trash(before)
    mailbox.purge(after)
    records = client.history(start)
    assert told(records) == [
        ("messagesAdded", after, ("INBOX", "UNREAD")),
        ("labelsAdded", before, ("TRASH",)),
        ("labelsRemoved", before, ("INBOX",)),
        ("messagesDeleted", after, ("INBOX", "UNREAD")),
    ]
    ids = [int(record["id"]) for record in records]
    assert ids == sorted(set(ids))
    assert min(ids) > int(start)
    assert records[1]["messages"] == [{"id": before, "threadId": before}]


def test_history_comes_in_pages(client: VendorClient, mailbox: Mailbox) -> None:
    """Pages of maxResults records hold all of them once, and each page says the newest id."""
    start = client.profile()["historyId"]
    ids = [mailbox.deliver() for _ in range(7)]
    pages = client.pages("history", startHistoryId=start, maxResults=3)
    assert [len(page["history"]) for page in pages] == [3, 3, 1]
    assert {page["historyId"] for page in pages} == {str(mailbox.history.newest)}
    assert [message_id for _, message_id, _ in told(client.history(start, maxResults=3))] == ids


def test_history_by_type_and_label(client: VendorClient, mailbox: Mailbox) -> None:
    """``historyTypes`` leaves the others out; ``labelId`` hides that a message lost the label."""
    start = client.profile()["historyId"]
    message_id = mailbox.deliver()
    mailbox.remove_labels(message_id, "INBOX")
    assert [kind for kind, _, _ in told(client.history(start, historyTypes=["labelRemoved"]))] == [
        "labelsRemoved"
    ]
    assert [kind for kind, _, _ in told(client.history(start, labelId="INBOX"))] == ["messagesAdded"]


def test_history_may_come_without_labels(server: GmailServer, client: VendorClient, mailbox: Mailbox) -> None:
    """Messages in history typically have id and threadId only, and labels where Gmail feels like it."""
    start = client.profile()["historyId"]
    message_id = mailbox.deliver()
    server.history_shows_labels = False
    assert told(client.history(start)) == [("messagesAdded", message_id, ())]


def test_history_expires(client: VendorClient, mailbox: Mailbox) -> None:
    """An id from before is 404; the newest is good, unless the mailbox is so quiet that it expired too."""
    start = client.profile()["historyId"]
    mailbox.deliver()
    mailbox.history.expire()
    with pytest.raises(HttpError, match="404"):
        client.history(start)
    assert client.history(client.profile()["historyId"]) == []
    mailbox.history.expire(also_newest=True)
    with pytest.raises(HttpError, match="404"):
        client.history(client.profile()["historyId"])
    mailbox.deliver()
    assert client.history(client.profile()["historyId"]) == []


def test_history_needs_a_start(client: VendorClient) -> None:
    """Without startHistoryId the answer is 400, and for one from before all history 404."""
    with pytest.raises(HttpError, match="Missing/invalid parameter: startHistoryId"):
        client.users.history().list(userId="me").execute()
    with pytest.raises(HttpError, match="404"):
        client.history(1)


@pytest.mark.parametrize("first", [2**63 + 11, 2**64 - 5_000])
def test_history_ids_may_be_beyond_any_signed_integer(server: GmailServer, first: int) -> None:
    """Ids are unsigned 64-bit numbers as text."""
    mailbox = server.mailbox("bo@us.test", first_history_id=first)
    message_id = mailbox.deliver()
    with vendor_client(server, "bo@us.test") as client:
        assert [one for _, one, _ in told(client.history(first))] == [message_id]
        assert int(client.get(message_id)["historyId"]) > first


def test_a_draft_is_another_message_each_time(client: VendorClient, mailbox: Mailbox) -> None:
    """Each autosave makes a new message and deletes the one before, and so does sending."""
    start = client.profile()["historyId"]
    draft = mailbox.draft()
    saved = [mailbox.drafts[draft], mailbox.autosave(draft), mailbox.autosave(draft)]
    sent = mailbox.send_draft(draft)
    assert len({*saved, sent}) == 4
    kinds = [(kind, one) for kind, one, _ in told(client.history(start))]
    assert kinds.count(("messagesAdded", sent)) == 1
    assert [one for kind, one in kinds if kind == "messagesDeleted"] == saved
    assert list(mailbox.truth()) == client.ids() == [sent]


def test_mail_to_oneself_is_one_message(client: VendorClient, mailbox: Mailbox) -> None:
    """It has SENT and INBOX, of which INBOX comes a moment later."""
    start = client.profile()["historyId"]
    message_id = mailbox.send_to_self()
    assert told(client.history(start)) == [
        ("messagesAdded", message_id, ("SENT",)),
        ("labelsAdded", message_id, ("INBOX", "UNREAD")),
    ]


def test_truth_leaves_out_what_is_never_stored(server: GmailServer, mailbox: Mailbox) -> None:
    """Drafts, spam and chats are no mail for us; trash is, and so is a mail without labels."""
    kept = [mailbox.deliver(), mailbox.send(), mailbox.deliver()]
    mailbox.trash(kept[0])
    mailbox.archive(kept[2])
    mailbox.draft()
    mailbox.chat()
    mailbox.spam(mailbox.deliver())
    assert set(server.truth(ANA)) == set(kept)


def test_threads_follow_references_and_subject(mailbox: Mailbox) -> None:
    """A reply joins its thread; with another subject, or without references, it begins one."""
    first = mailbox.deliver()
    reply = mailbox.answer_to(first)
    other = tuple((name, "Something else" if name == "Subject" else value) for name, value in reply)
    alone = tuple(pair for pair in reply if pair[0] not in {"References", "In-Reply-To"})
    threads = [mailbox.store[mailbox.deliver(headers)].thread_id for headers in (reply, other, alone)]
    assert threads[0] == first
    assert len(set(threads)) == 3


def test_a_thread_has_100_messages(mailbox: Mailbox) -> None:
    """The next one begins another thread, which the later ones join."""
    first = mailbox.deliver()
    for _ in range(FULL + 4):
        mailbox.send(mailbox.answer_to(first))
    sizes = Counter(message.thread_id for message in mailbox.store)
    assert sorted(sizes.values()) == [5, FULL]


def test_a_filled_mailbox_is_like_any_other(client: VendorClient, mailbox: Mailbox) -> None:
    """Messages made from their number can be answered, marked and purged."""
    mailbox.fill(40)
    numbers = [message.id for message in reversed(list(mailbox.store))]
    mailbox.purge(numbers[5])
    mailbox.trash(numbers[7])
    reply = mail(
        ANA, "c@d.test", "Re: Topic 0", at=mailbox._now(), message_id="x@y", references=[message_id_of(0)]
    )
    sent = mailbox.send(reply)
    assert mailbox.store[sent].thread_id == numbers[0]
    assert sent in {message.id for message in mailbox.store.thread(numbers[0])}
    assert len(client.ids()) == 39
    assert client.profile()["messagesTotal"] == 40
    got = [client.get(message_id) for message_id in client.ids()]
    assert {one["id"]: one.get("labelIds", []) for one in got} == {
        message.id: list(message.labels)
        for message in mailbox.truth().values()
        if "TRASH" not in message.labels
    }


def test_labels_have_names_and_ids(client: VendorClient, mailbox: Mailbox) -> None:
    """A renamed label keeps its id; a deleted one leaves every message."""
    label = mailbox.create_label("Customers")
    message_id = mailbox.deliver(labels=["INBOX", label])
    mailbox.rename_label(label, "Clients")
    labels = client.users.labels().list(userId="me").execute()["labels"]
    assert {"id": label, "name": "Clients", "type": "user"} in labels
    mailbox.delete_label(label)
    assert client.get(message_id)["labelIds"] == ["INBOX"]


OPERATIONS: dict[str, Callable[[Mailbox, str], object]] = {
    "deliver": lambda mailbox, _: mailbox.deliver(),
    "self": lambda mailbox, _: mailbox.send_to_self(),
    "draft": lambda mailbox, _: mailbox.send_draft(mailbox.draft()),
    "trash": Mailbox.trash,
    "untrash": Mailbox.untrash,
    "spam": Mailbox.spam,
    "unspam": Mailbox.unspam,
    "archive": Mailbox.archive,
    "purge": Mailbox.purge,
}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(st.sampled_from(sorted(OPERATIONS)), max_size=25), seed=st.integers(0, 99))
def test_history_applied_in_order_gives_the_mailbox(
    server: GmailServer, client: VendorClient, script: list[str], seed: int
) -> None:
    """Labels known at the start, changed by every record in turn, are the labels at the end."""
    mailbox = server.mailbox(ANA)
    mailbox.deliver()
    chosen = random.Random(seed)
    labels = {message.id: set(message.labels) for message in mailbox.store}
    start = client.profile()["historyId"]
    for operation in script:
        OPERATIONS[operation](mailbox, chosen.choice(list(mailbox.store)).id)
        if not len(mailbox.store):
            mailbox.deliver()
    for kind, message_id, changed in told(client.history(start, maxResults=5)):
        if kind == "messagesDeleted":
            del labels[message_id]
        elif kind == "labelsRemoved":
            labels[message_id] -= set(changed)
        else:
            labels.setdefault(message_id, set()).update(changed)
    assert labels == {message.id: set(message.labels) for message in mailbox.store}
