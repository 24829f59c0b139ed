"""More of G10, G12, G30, G39, G47 and X6: where it is not clear at first what is wrong."""

import datetime as dt

from connectors.base import UNREADABLE
from connectors.provider import Mailbox, NoStoredMail
from tests.scenarios.gmail_table import scenario
from tests.scenarios.gmail_tenant import ANA, GmailTenant
from tests.support.gmail import errors, faults
from tests.support.gmail.matching import batches, gets, lists, profiles
from tests.support.loopback import Answer, Fault, Loopback


def singles(gmail: GmailTenant, count: int) -> list[str]:
    """So many messages, each in a thread of its own."""
    return [gmail.box.deliver() for _ in range(count)]


@scenario("G12")
def several_messages_cannot_be_had(gmail: GmailTenant) -> None:
    """They are set aside, and asking for them again is no reason to take the mailbox for suspended."""
    ids = singles(gmail, 30)[:4]
    gmail.fault(*(faults.poisoned(name) for name in ids))
    gmail.exempt = set(ids)
    gmail.done()
    gmail.wait(days=0.1)
    new = gmail.box.deliver()
    gmail.done()
    assert new in gmail.ids()
    assert gmail.skipped() == dict.fromkeys(ids, UNREADABLE)
    gmail.server.faults.clear()
    gmail.wait(days=1)
    gmail.done()
    gmail.exempt = set()


@scenario("G12")
def one_message_breaks_every_batch(gmail: GmailTenant) -> None:
    """It is asked for alone and set aside, also where nothing else is new."""
    singles(gmail, 5)
    gmail.done()
    name = gmail.box.deliver()
    breaks = Fault(
        matches=lambda request: batches(request) and name.encode() in request.body,
        answer=errors.backend_error(500),
        times=faults.FOR_EVER,
    )
    gmail.fault(breaks, faults.poisoned(name))
    gmail.done()
    assert gmail.skipped() == {name: UNREADABLE}
    gmail.server.faults.clear()
    gmail.wait(days=0.1)
    gmail.done()


@scenario("G12")
def batches_never_work(gmail: GmailTenant) -> None:
    """Messages come one by one, then."""
    singles(gmail, 12)
    gmail.fault(faults.unavailable(batches, times=faults.FOR_EVER))
    gmail.done()


@scenario("G39")
def the_user_is_suspended_in_the_middle(gmail: GmailTenant) -> None:
    """The rest of the mailbox is not set aside message by message."""
    singles(gmail, 700)
    for answer in (errors.forbidden("Forbidden"), errors.backend_error(503)):
        gmail.fault(faults.answering(gets(), answer, times=faults.FOR_EVER, skip=60))
        asked = gmail.requests("users.messages.get")
        error = gmail.sync().error
        assert error is not None
        assert error.state == "suspended"
        assert gmail.skipped() == {}
        assert gmail.requests("users.messages.get") - asked < 60 + 150
        gmail.server.faults.clear()
    gmail.done()


@scenario("G30")
def a_label_ran_empty_meanwhile(gmail: GmailTenant) -> None:
    """The last message under a label loses it, or the label is deleted, while no history tells."""
    label = gmail.box.create_label("Kunden")
    starred = gmail.box.deliver(labels=["INBOX", "STARRED"])
    gmail.box.deliver(labels=["INBOX", label])
    gmail.done()
    gmail.box.remove_labels(starred, "STARRED")
    gmail.box.delete_label(label)
    gmail.box.history.expire()
    gmail.box.deliver()
    gmail.done()
    gmail.assert_true()


@scenario("G30 reconcile")
def a_whole_page_was_left_out(gmail: GmailTenant) -> None:
    """A page of unknown messages is not from before the horizon for that alone."""
    now = gmail.clock.now()
    gmail.options["horizon"] = now - dt.timedelta(days=300)
    for number in range(60):
        gmail.box.deliver(at=now - dt.timedelta(days=100 + number))
    gmail.done()
    for number in range(1_100):
        gmail.box.deliver(at=now - dt.timedelta(hours=number))
    gmail.box.history._records.clear()
    gmail.done()
    gmail.wait(days=8)
    gmail.done()
    assert len(gmail.ids()) == 1_160


@scenario("G10")
def pages_go_round(gmail: GmailTenant) -> None:
    """Two pages that name each other as the next one come to an end, too."""
    circle = {"": "a", "a": "b", "b": "a"}
    gmail.fault(
        Fault(
            matches=lists,
            answer=lambda request, _: Answer.of({"nextPageToken": circle[request.one("pageToken")]}),
            times=40,
        )
    )
    singles(gmail, 3)
    error = gmail.sync().error
    assert error is not None
    assert error.state == "unexpected answer"
    gmail.server.faults.clear()
    gmail.done()


@scenario("G47")
def an_answer_that_leads_elsewhere(gmail: GmailTenant) -> None:
    """A redirection is not followed."""
    elsewhere = Loopback()
    with elsewhere.running():
        moved = Answer(status=302, headers={"Location": elsewhere.root})
        gmail.fault(faults.answering(profiles, moved))
        assert gmail.sync().error is not None
        assert elsewhere.log == []
    gmail.done()


@scenario("X6")
def the_horizon_moves_during_a_listing(gmail: GmailTenant) -> None:
    """A listing that left old mail out starts again where older mail is wanted before it came to its end."""
    now, mailbox, found = gmail.clock.now(), Mailbox(address=ANA), set[str]()
    for number in range(2_000):
        gmail.box.deliver(at=now - dt.timedelta(days=number / 10))
    gmail.options["horizon"] = now - dt.timedelta(days=30)
    pages = gmail.provider().connector(mailbox, held=NoStoredMail()).pages()
    first, second, third = next(pages), next(pages), next(pages)
    pages.close()  # type: ignore[attr-defined]  # it is a generator
    assert (first.messages.height, second.messages.height, third.messages.height) == (301, 0, 0)
    gmail.options["horizon"] = now - dt.timedelta(days=150)
    for page in gmail.provider().connector(mailbox, held=NoStoredMail()).pages(third.cursor):
        found |= set(page.messages["provider_id"])
    assert len(found) == 1_501
    gmail.options["horizon"] = None
    gmail.done()


@scenario("X6")
def a_listing_goes_on(gmail: GmailTenant) -> None:
    """Progress knows how much is left, also in the second half of a listing."""
    gmail.box.fill(1_600)
    mailbox = Mailbox(address=ANA)
    pages = gmail.provider().connector(mailbox, held=NoStoredMail()).pages()
    first = next(pages)
    pages.close()  # type: ignore[attr-defined]  # it is a generator
    resumed = next(iter(gmail.provider().connector(mailbox, held=NoStoredMail()).pages(first.cursor)))
    assert (resumed.progress.done, resumed.progress.total) == (1_000, 1_600)
    gmail.done()
