"""G1 to G10: the first reading of a mailbox, and how it goes on after it was interrupted."""

import datetime as dt

from connectors.base import RetryLaterError
from tests.scenarios.gmail_table import scenario
from tests.scenarios.gmail_tenant import GmailTenant
from tests.support.gmail import content_faults, faults
from tests.support.gmail.matching import gets, lists, profiles


@scenario("G1")
def an_empty_mailbox(gmail: GmailTenant) -> None:
    """A mailbox without messages is read to its end."""
    outcome = gmail.done()
    assert outcome.report is not None
    assert outcome.report.added == 0


@scenario("G2")
def exactly_one_page(gmail: GmailTenant) -> None:
    """500 messages."""
    gmail.box.fill(500)
    gmail.done()


@scenario("G2")
def one_more_than_a_page(gmail: GmailTenant) -> None:
    """501 messages."""
    gmail.box.fill(501)
    gmail.done()


@scenario("G2")
def two_whole_pages(gmail: GmailTenant) -> None:
    """1,000 messages; what comes newest is stored first."""
    gmail.box.fill(1_000)
    gmail.done()


@scenario("G3")
def mail_arrives_while_the_listing_begins(gmail: GmailTenant) -> None:
    """What comes between the profile and the first page, and between two pages, is there at the end of the run."""
    gmail.box.fill(600)
    gmail.fault(faults.after(profiles, gmail.box.deliver), faults.after(lists, gmail.box.deliver))
    gmail.done()


@scenario("G4")
def a_message_goes_before_it_is_fetched(gmail: GmailTenant) -> None:
    """It is listed, and gone when it is asked for: the run succeeds, and nothing is left of it."""
    gmail.box.deliver()
    gone = gmail.box.deliver()
    gmail.fault(faults.after(lists, lambda: gmail.box.purge(gone)))
    gmail.done()
    assert gmail.skipped() == {}


@scenario("G5")
def a_message_is_announced_before_it_can_be_read(gmail: GmailTenant) -> None:
    """404 right after it was announced passes; the message is asked for again."""
    gmail.done()
    new = gmail.box.deliver()
    gmail.fault(faults.not_found(gets(new), times=2))
    gmail.done()
    assert gmail.ids() == {new}


@scenario("G6")
def a_page_repeats_ids(gmail: GmailTenant) -> None:
    """Ids that come on two pages are one message."""
    gmail.box.fill(1_200)
    gmail.fault(content_faults.page_repeats_ids(30))
    gmail.done()


@scenario("G7")
def a_page_token_expires(gmail: GmailTenant) -> None:
    """The listing starts again, and no message is fetched twice."""
    gmail.box.fill(1_200)
    interrupted_after(gmail, pages=1)
    gmail.box.expire_page_tokens()
    fetched = gmail.server.counts.requests["users.messages.get"]
    gmail.done()
    assert gmail.server.counts.requests["users.messages.get"] - fetched <= 700


@scenario("G8")
def a_run_that_was_interrupted_goes_on(gmail: GmailTenant) -> None:
    """It goes on at the next page; no page is read twice."""
    gmail.box.fill(1_200)
    interrupted_after(gmail, pages=2)
    assert len(gmail.ids()) == 1_000
    listed = gmail.requests("users.messages.list")
    gmail.done()
    assert gmail.requests("users.messages.list") - listed == 1


@scenario("G9")
def mail_comes_and_goes_while_nothing_runs(gmail: GmailTenant) -> None:
    """What came and went between an interrupted run and the next one is taken care of."""
    gmail.box.fill(1_200)
    interrupted_after(gmail, pages=1)
    for name in sorted(gmail.ids())[:3]:
        gmail.box.purge(name)
    for _ in range(10):
        gmail.box.deliver()
    gmail.done()


@scenario("G10")
def a_page_leads_to_itself(gmail: GmailTenant) -> None:
    """A listing that goes round in circles is given up, and taken up again once it leads on."""
    gmail.box.fill(1_200)
    gmail.fault(content_faults.same_page_for_ever())
    outcome = gmail.sync()
    assert isinstance(outcome.error, RetryLaterError)
    assert gmail.requests("users.messages.list") < 20
    gmail.server.faults.clear()
    gmail.done()


@scenario("X6")
def an_earlier_horizon(gmail: GmailTenant) -> None:
    """Only mail from the horizon on is stored; with an earlier one only the span between is fetched."""
    now = gmail.clock.now()
    gmail.box.fill(3_000, end=now, gap=dt.timedelta(hours=2))
    gmail.options["horizon"] = now - dt.timedelta(days=30)
    gmail.done()
    recent = gmail.ids()
    assert 340 < len(recent) < 370
    assert gmail.server.counts.requests["users.messages.get"] < 2_100
    fetched = gmail.requests("users.messages.get")
    gmail.options["horizon"] = None
    gmail.done()
    assert gmail.requests("users.messages.get") - fetched <= 2_700


@scenario("G42")
def a_thread_is_fetched_at_once(gmail: GmailTenant) -> None:
    """Three messages of a thread cost less as a thread; spam and drafts in it are no messages of ours."""
    first = gmail.box.deliver()
    for _ in range(5):
        gmail.box.send(gmail.box.answer_to(first))
    gmail.box.deliver(gmail.box.answer_to(first), labels=["SPAM"])
    gmail.box.deliver(gmail.box.answer_to(first), labels=["DRAFT"])
    gmail.done()
    assert gmail.requests("users.threads.get") == 1
    assert gmail.requests("users.messages.get") == 0
    assert sorted(gmail.skipped().values()) == ["draft", "spam"]


@scenario("G42")
def a_thread_answers_badly(gmail: GmailTenant) -> None:
    """Where a thread cannot be had its messages are asked for one by one."""
    first = gmail.box.deliver()
    for _ in range(5):
        gmail.box.send(gmail.box.answer_to(first))
    gmail.fault(faults.unavailable(lambda request: "/threads/" in request.path, times=faults.FOR_EVER))
    gmail.done()


@scenario("G37")
def a_long_thread_is_two(gmail: GmailTenant) -> None:
    """Gmail splits a thread after 100 messages; references still tie its halves together."""
    first = gmail.box.deliver()
    for _ in range(130):
        gmail.box.send(gmail.box.answer_to(first))
    gmail.done()
    rows = gmail.rows()
    assert len({row["provider_thread_id"] for row in rows}) == 2
    root = next(row["message_id"] for row in rows if row["provider_id"] == first)
    assert all(root in row["references"] for row in rows if row["provider_id"] != first)


def interrupted_after(gmail: GmailTenant, *, pages: int) -> None:
    """A run that is stopped after so many pages of the listing."""
    gmail.fault(faults.after(lists, gmail.stop.set, skip=pages - 1))
    assert not gmail.sync().complete
    gmail.server.faults.clear()
    gmail.stop.clear()
