"""What a walk of changes doesn't tell, and what must cost nothing: moves, folders, other items, links, crashes."""

import contextlib
from collections.abc import Iterator
from functools import partial
from urllib.parse import quote

import pytest

from connectors.base import DEADLY, RetryLaterError
from connectors.gmail import api
from connectors.microsoft365 import delta
from connectors.microsoft365 import session as reading
from connectors.microsoft365.items import GraphItem
from connectors.microsoft365.parse import parse_graph_message
from mailsignals.store import Store
from mailsignals.store.tables.mailbox_status import MailboxStatuses
from tests.scenarios.gmail_tenant import GmailTenant
from tests.scenarios.graph_faults import after, deltas, editing, first_deltas
from tests.scenarios.graph_tenant import ANA, GraphTenant


@pytest.fixture
def graph(graph: GraphTenant) -> Iterator[GraphTenant]:
    """After each test the store holds what the mailbox holds, and a further run changes nothing."""
    yield graph
    graph.server.faults.clear()
    graph.assert_true()
    graph.assert_settled()


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of ten messages."""
    monkeypatch.setattr(delta, "SIZES", (10,))
    monkeypatch.setattr(api, "PAGE", 10)


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The items that are recorded before they are read."""
    noted: list[str] = []
    note = MailboxStatuses.note

    def count(self: MailboxStatuses, provider: str, mailbox: str, provider_id: str) -> bool:
        noted.append(provider_id)
        return note(self, provider, mailbox, provider_id)

    monkeypatch.setattr(MailboxStatuses, "note", count)
    return noted


@pytest.mark.scenario("moved-before-first-sync")
def test_mail_that_was_filed_before_a_run_saw_it_is_found(graph: GraphTenant) -> None:
    """Where only the removal is told, each unknown id is requested once: found, out of sight, or gone."""
    graph.done()
    graph.box.tells_arrivals = False
    filed, spam, gone = (graph.box.put() for _ in range(3))
    graph.box.move(filed, "archive")
    graph.box.move(spam, "junkemail")
    graph.box.purge(gone)
    graph.done()
    assert graph.rows()[filed]["labels"] == ["archive"]
    assert graph.server.requests["get"] == 3


@pytest.mark.scenario("moved-before-first-sync")
def test_unknown_ids_outlive_a_stop(graph: GraphTenant) -> None:
    """A run that ends before it has looked leaves that to the next one."""
    graph.done()
    graph.box.tells_arrivals = False
    filed = graph.box.put()
    graph.box.move(filed, "archive")
    graph.box.put()
    graph.fault(after(deltas, graph.stop.set))
    assert not graph.sync().complete
    assert filed not in graph.rows()
    graph.stop.clear()
    graph.done()
    assert filed in graph.rows()


@pytest.mark.scenario("moved-before-first-sync")
def test_very_many_unknown_ids_are_compared_instead(graph: GraphTenant) -> None:
    """A thousand deletions of mail that was never stored cost a listing, not a thousand requests."""
    graph.done()
    graph.box.tells_arrivals = False
    filed = graph.box.put()
    for key in [graph.box.put() for _ in range(1_000)]:
        graph.box.purge(key)
    graph.box.move(filed, "archive")
    graph.done()
    assert filed in graph.rows()
    assert graph.server.requests["get"] == 1
    assert graph.server.requests["list"] <= 5


@pytest.mark.scenario("folder-leaves-the-tree")
def test_mail_of_a_folder_that_goes_is_compared_at_once(graph: GraphTenant) -> None:
    """Deleted, below junk, or hidden: its mail goes in the same run, and what had moved elsewhere stays."""
    inbox = graph.box.id_of("inbox")
    deleted, junk, hidden = (graph.box.folder(name, parent=inbox) for name in ("a", "b", "c"))
    keys = [graph.box.put(folder) for folder in (deleted, junk, hidden) for _ in range(2)]
    graph.done()
    graph.box.tells_arrivals = False
    graph.box.move(keys[0], "archive")
    graph.box.drop_folder(deleted)
    graph.box.folders[junk].parent = graph.box.id_of("junkemail")
    graph.box.folders[hidden].is_hidden = True
    graph.done()
    assert set(graph.rows()) == {keys[0]}
    graph.box.folders[junk].parent = inbox
    graph.done()
    assert set(graph.rows()) == {keys[0], keys[2], keys[3]}


@pytest.mark.scenario("folder-leaves-the-tree")
def test_a_folder_that_goes_during_its_walk_is_compared_in_that_run(graph: GraphTenant) -> None:
    """A folder that answers "not found" in the middle of a run has left, too."""
    own = graph.box.folder("weg")
    key = graph.box.put(own)
    graph.done()
    graph.fault(
        after(
            lambda request: request.path.endswith("/mailFolders/delta"), partial(graph.box.drop_folder, own)
        )
    )
    graph.done()
    assert key not in graph.rows()


@pytest.mark.scenario("folder-leaves-the-tree")
def test_a_comparison_that_was_interrupted_is_owed(graph: GraphTenant) -> None:
    """A run that is stopped after the folder went, and before it compared, leaves that to the next one."""
    own = graph.box.folder("weg")
    key = graph.box.put(own)
    graph.done()
    graph.box.drop_folder(own)
    graph.box.put()
    graph.fault(after(deltas, graph.stop.set))
    assert not graph.sync().complete
    graph.stop.clear()
    graph.done()
    assert key not in graph.rows()


@pytest.mark.scenario("items-that-are-no-messages")
@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.usefixtures("small_pages")
def test_other_items_cost_no_second_walk(graph: GraphTenant, *, counts: bool) -> None:
    """Appointments and notes count in a folder: its messages are counted or listed once, and never walked twice."""
    graph.server.counts_messages = counts
    graph.box.count = 25
    graph.box.folders[graph.box.id_of("inbox")].others = 7
    graph.done()
    assert graph.server.requests["delta"] == 3 + 3
    assert graph.server.requests["list"] == (1 if counts else 2)
    assert graph.server.requests["get"] == 0
    graph.server.links.expire()
    graph.done()
    assert graph.server.requests["delta"] == (3 + 3) + 4 + (3 + 3)


@pytest.mark.scenario("items-that-are-no-messages")
def test_other_items_among_messages_are_not_stored(graph: GraphTenant) -> None:
    """An appointment in a round is skipped, by its type; a meeting request is an email."""
    meeting = graph.box.put(kind="#microsoft.graph.eventMessageRequest")
    others = {graph.box.put(kind=f"#microsoft.graph.{kind}") for kind in ("event", "contact", "post")}
    graph.exempt = others
    graph.done()
    assert set(graph.rows()) == {meeting}
    assert set(graph.skipped()) == others


@pytest.mark.scenario("items-that-are-no-messages")
def test_a_round_that_ends_early_beside_other_items_loses_nothing(graph: GraphTenant) -> None:
    """That a folder holds other items hides no message that a round left out."""
    graph.server.counts_messages = False
    keys = [graph.box.put() for _ in range(20)]
    graph.box.folders[graph.box.id_of("inbox")].others = 1

    def leave_out(document: dict[str, list[dict[str, object]]]) -> None:
        document["value"] = [item for item in document["value"] if item["id"] != keys[4]]

    graph.fault(editing(first_deltas, leave_out, times=None))
    graph.done()
    assert set(graph.rows()) == set(keys)


@pytest.mark.scenario("links-in-any-case")
@pytest.mark.usefixtures("small_pages")
def test_links_in_other_letters_are_followed(graph: GraphTenant) -> None:
    """Names in capitals, keys in brackets and percent signs are the same link."""
    graph.box.count = 45

    def odd(link: str) -> str:
        root, _, path = link.partition("v1.0/")
        _, user, _, folder, *rest = path.split("/")
        return f"{root}v1.0/Users('{quote(user)}')/MAILFOLDERS('{quote(folder)}')/{'/'.join(rest).title()}"

    graph.server.written = odd
    graph.done()


@pytest.mark.scenario("links-in-any-case")
@pytest.mark.parametrize(
    "bad", ["http://[::1", "http://[::1]:x/v1.0/users/a/b", "", "\0", "x" * 70_000, "//"]
)
@pytest.mark.usefixtures("small_pages")
def test_a_link_that_is_none_is_a_sentence(graph: GraphTenant, bad: str) -> None:
    """An invalid link ends the mailbox's run in words, whatever it is, and the next run goes on."""
    graph.box.count = 12
    graph.fault(editing(deltas, partial(dict.update, **{"@odata.nextLink": bad}), times=3))
    outcome = graph.sync()
    assert isinstance(outcome.error, RetryLaterError)
    assert "Exchange" in str(outcome.error)
    graph.server.faults.clear()
    graph.done()


@pytest.mark.scenario("careful-mode-ends")
@pytest.mark.usefixtures("small_pages")
def test_after_a_kill_only_the_first_page_is_read_with_care(graph: GraphTenant, noted: list[str]) -> None:
    """After one kill a walk sends the same requests as ever, and notes items only up to the first stored page."""
    graph.box.count = 25
    with Store.open(graph.folder, mode="write") as store:
        store.mailbox_status.begin("microsoft365", ANA, None)
    graph.done()
    assert graph.server.requests["get"] == 0
    assert graph.server.requests["delta"] == 3 + 3
    assert len(noted) == 1 + 10


@pytest.mark.scenario("careful-mode-ends")
@pytest.mark.usefixtures("small_pages")
def test_after_a_kill_gmail_goes_on_in_batches(gmail: GmailTenant, noted: list[str]) -> None:
    """Messages are requested one by one up to the first stored page, and in batches after it."""
    gmail.box.fill(25)
    with Store.open(gmail.folder, mode="write") as store:
        store.mailbox_status.begin("gmail", ANA, None)
    gmail.done()
    gmail.assert_true()
    assert len(noted) == 10


class CrashError(BaseException):
    """The program dies."""


@pytest.mark.scenario("careful-mode-ends")
@pytest.mark.parametrize("folder", ["inbox", "sentitems"])
def test_a_message_that_kills_is_found(
    graph: GraphTenant, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    """Wherever a message lies whose reading ends the program, it is skipped after a few runs; all else is read."""
    keys = [graph.box.put(folder) for _ in range(12)]
    poison = keys[5]

    def read(item: GraphItem, **how: object) -> object:
        if item.id == poison:
            raise CrashError
        return parse_graph_message(item, **how)  # type: ignore[arg-type]  # as it was given

    monkeypatch.setattr(reading, "parse_graph_message", read)
    for _ in range(7):
        graph.box.put()  # other folders have news in each run
        with contextlib.suppress(CrashError):
            graph.done()
    assert graph.skipped() == {poison: DEADLY}
    graph.exempt = {poison}
