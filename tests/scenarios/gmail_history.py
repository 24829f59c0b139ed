"""G25 to G36, G38 and G43: what happens in a mailbox from one run to the next."""

import datetime as dt

from tests.scenarios.gmail_table import scenario
from tests.scenarios.gmail_tenant import ANA, GmailTenant
from tests.support.gmail import content_faults, faults
from tests.support.gmail.matching import gets
from tests.support.gmail.message import mail


@scenario("G25")
def nothing_happened(gmail: GmailTenant) -> None:
    """An unchanged mailbox takes one request."""
    gmail.box.fill(30)
    gmail.done()
    before = gmail.server.counts.requests.total()
    gmail.done()
    assert gmail.server.counts.requests.total() - before <= 3


@scenario("G25")
def pages_without_history(gmail: GmailTenant) -> None:
    """A page may have nothing on it, and be followed by one that has."""
    gmail.done()
    gmail.box.deliver()
    gmail.fault(content_faults.page_without_history(gmail.server, pages=25))
    gmail.done()
    assert len(gmail.ids()) == 1


@scenario("G26")
def much_happens_to_one_message(gmail: GmailTenant) -> None:
    """Whatever happened to a message, its last state counts."""
    gmail.box.fill(5)
    gmail.done()
    one, two, three = sorted(gmail.ids())[:3]
    new = gmail.box.deliver()
    gmail.box.add_labels(new, "STARRED")
    gmail.box.purge(new)
    gmail.box.trash(one)
    gmail.box.untrash(one)
    gmail.box.add_labels(two, "IMPORTANT")
    gmail.box.remove_labels(two, "IMPORTANT")
    gmail.box.purge(three)
    gmail.done()
    assert new not in gmail.ids()


@scenario("G26")
def much_happens_over_many_pages(gmail: GmailTenant) -> None:
    """An arrival and its deletion may lie pages apart."""
    gmail.done()
    names = [gmail.box.deliver() for _ in range(700)]
    for name in names[::2]:
        gmail.box.add_labels(name, "STARRED")
    for name in names[:200]:
        gmail.box.purge(name)
    gmail.done()


@scenario("G27")
def records_that_only_name_messages(gmail: GmailTenant) -> None:
    """``messages`` of a record says nothing by itself."""
    gmail.done()
    gmail.fault(content_faults.history_with_messages_only("18f0000000000001"))
    gmail.done()
    assert gmail.requests("users.messages.get") == 0


@scenario("G28")
def trash_and_spam(gmail: GmailTenant) -> None:
    """Mail in the trash stays, spam goes, and either may come back."""
    gmail.box.fill(4)
    gmail.done()
    one, two, three, four = sorted(gmail.ids())
    gmail.box.trash(one)
    gmail.box.spam(two)
    gmail.box.trash(three)
    gmail.box.untrash(three)
    gmail.box.spam(four)
    gmail.done()
    assert gmail.ids() == {one, three}
    gmail.box.unspam(four)
    gmail.done()
    assert gmail.ids() == {one, three, four}


@scenario("G29")
def unknown_messages_are_deleted(gmail: GmailTenant) -> None:
    """Word of the deletion of something that was never seen changes nothing."""
    gmail.done()
    gmail.box.purge(gmail.box.deliver())
    outcome = gmail.done()
    assert outcome.report is not None
    assert (outcome.report.added, outcome.report.removed) == (0, 0)


@scenario("G30")
def the_history_is_gone(gmail: GmailTenant) -> None:
    """Everything is compared: what came, went, moved to the trash or to spam, and what has other labels."""
    gmail.box.fill(600)
    gmail.done()
    names = sorted(gmail.ids())
    for name in names[:5]:
        gmail.box.purge(name)
    gmail.box.trash(names[10])
    gmail.box.spam(names[11])
    gmail.box.add_labels(names[12], "STARRED", gmail.box.create_label("Kunden"))
    new = gmail.box.deliver()
    gmail.box.history.expire()
    gmail.box.deliver()
    fetched = gmail.requests("users.messages.get")
    outcome = gmail.done()
    assert outcome.report is not None
    assert outcome.report.resynced
    assert new in gmail.ids()
    assert gmail.requests("users.messages.get") - fetched < 60


@scenario("G30")
def a_comparison_is_interrupted(gmail: GmailTenant) -> None:
    """A comparison that does not come to its end deletes nothing; the next one does it all."""
    gmail.box.fill(1_200)
    gmail.done()
    names = sorted(gmail.ids())
    for name in names[:5]:
        gmail.box.purge(name)
    gmail.box.deliver()
    gmail.box.history.expire()
    gmail.box.deliver()
    gmail.fault(faults.unavailable(lambda request: bool(request.one("pageToken")), times=30))
    assert not gmail.sync().complete
    assert set(names) <= gmail.ids()
    gmail.server.faults.clear()
    gmail.done()


@scenario("G31")
def a_quiet_mailbox(gmail: GmailTenant) -> None:
    """Where nothing happens even the newest history id grows too old: no run reads everything again for that."""
    gmail.box.fill(600)
    gmail.done()
    gmail.box.history.expire(also_newest=True)
    listed = gmail.requests("users.messages.list")
    for _ in range(3):
        gmail.done()
    assert gmail.requests("users.messages.list") == listed


@scenario("G31")
def a_quiet_mailbox_at_first_sight(gmail: GmailTenant) -> None:
    """The same when it is read for the first time."""
    gmail.box.fill(600)
    gmail.box.history.expire(also_newest=True)
    gmail.done()


@scenario("G32")
def history_is_told_again(gmail: GmailTenant) -> None:
    """Records that come again, old ones among them, change nothing."""
    gmail.box.fill(5)
    gmail.done()
    gmail.fault(content_faults.history_replayed())
    one = min(gmail.ids())
    gmail.box.trash(one)
    gmail.done()
    gmail.box.untrash(one)
    gmail.done()
    gmail.box.purge(one)
    gmail.done()


@scenario("G33")
def history_ids_are_large(gmail: GmailTenant) -> None:
    """They may pass 63 and 64 bits, and come as numbers."""
    address = "big@us.test"
    gmail.server.mailbox(address, first_history_id=2**64 - 50)
    gmail.addresses = (ANA, address)
    gmail.fault(content_faults.history_ids_as_numbers())
    assert all(outcome.complete for outcome in gmail.sync_all().values())
    for _ in range(5):
        gmail.server.mailbox(address).deliver()
    assert all(outcome.complete for outcome in gmail.sync_all().values())
    assert len(gmail.ids(address)) == 5


@scenario("G34")
def a_draft_is_written_and_sent(gmail: GmailTenant) -> None:
    """However often it is saved, it is one message once it is sent, and none before."""
    draft = gmail.box.draft()
    gmail.done()
    for _ in range(5):
        gmail.box.autosave(draft)
    gmail.done()
    assert gmail.ids() == set()
    sent = gmail.box.send_draft(draft)
    gmail.done()
    assert gmail.ids() == {sent}
    assert [row["sender"] for row in gmail.rows()] == [ANA]


@scenario("G35")
def chats(gmail: GmailTenant) -> None:
    """Lines of chats are no mail."""
    gmail.box.chat()
    gmail.box.deliver()
    gmail.done()
    gmail.box.chat()
    gmail.done()
    assert len(gmail.ids()) == 1


@scenario("G36")
def mail_to_oneself(gmail: GmailTenant) -> None:
    """A mail to oneself is one message, sent and received; who wrote it stands in From, with or without SENT."""
    both = gmail.box.send_to_self()
    relayed = gmail.box.deliver(gmail.box.letter(sender=ANA), labels=["INBOX"])
    gmail.done()
    rows = {row["provider_id"]: row for row in gmail.rows()}
    assert {"SENT", "INBOX"} <= set(rows[both]["labels"])
    assert rows[relayed]["sender"] == ANA


@scenario("G38")
def dates_are_far_off(gmail: GmailTenant) -> None:
    """Gmail's own instant counts; where it is absurd, the date that the mail was written with does."""
    written = dt.datetime(2019, 5, 1, 10, tzinfo=dt.UTC)
    letter = mail("bo@acme.test", ANA, "old", at=written, message_id="old@acme.test")
    imported = gmail.box.deliver(letter, at=dt.datetime(2012, 1, 1, tzinfo=dt.UTC))
    absurd = gmail.box.deliver(letter, at=dt.datetime(1965, 1, 1, tzinfo=dt.UTC))
    future = gmail.box.deliver(letter, at=dt.datetime(2250, 1, 1, tzinfo=dt.UTC))
    gmail.done()
    sent = {row["provider_id"]: row["sent_at"] for row in gmail.rows()}
    assert sent == {
        imported: dt.datetime(2012, 1, 1, tzinfo=dt.UTC),
        absurd: written,
        future: written,
    }


@scenario("G43")
def labels_come_and_go(gmail: GmailTenant) -> None:
    """Labels are known by their ids, so that a new name changes nothing, and an unknown one breaks nothing."""
    gmail.box.fill(3)
    label = gmail.box.create_label("Acme")
    one = min(message.id for message in gmail.box.store)
    gmail.box.add_labels(one, label)
    gmail.done()
    gmail.box.rename_label(label, "Acme Ltd")
    gmail.done()
    gmail.box.delete_label(label)
    gmail.done()
    assert label not in next(row["labels"] for row in gmail.rows() if row["provider_id"] == one)


@scenario("G30 reconcile")
def the_history_left_something_out(gmail: GmailTenant) -> None:
    """What no history ever told is found when ids and labels are compared after a week."""
    gmail.box.fill(20)
    gmail.done()
    silent = gmail.box.history
    names = sorted(gmail.ids())
    gmail.box.purge(names[0])
    gmail.box.add_labels(names[1], "STARRED")
    gmail.box.deliver()
    silent._records.clear()
    gmail.done()
    assert names[0] in gmail.ids()
    gmail.wait(days=8)
    gmail.done()
    gmail.assert_true()
    listed = gmail.requests("users.messages.list")
    gmail.done()
    assert gmail.requests("users.messages.list") == listed


@scenario("G5 race")
def a_new_message_stays_missing(gmail: GmailTenant) -> None:
    """One that is announced and never there is taken for gone in the end, without holding up the rest."""
    gmail.done()
    ghost = gmail.box.deliver()
    gmail.box.deliver()
    gmail.fault(faults.not_found(gets(ghost), times=faults.FOR_EVER))
    gmail.exempt = {ghost}
    gmail.done()
    assert len(gmail.ids()) == 1
    gmail.exempt = set()
    gmail.server.faults.clear()
    gmail.box.add_labels(ghost, "STARRED")
    gmail.done()
