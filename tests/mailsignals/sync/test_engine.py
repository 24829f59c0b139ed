import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from connectors.base import (
    Connector,
    ConnectorError,
    Cursor,
    GiveUpError,
    Page,
    ResyncError,
    SignInError,
    Skipped,
)
from connectors.memory import MemoryMailbox
from mailsignals.errors import SignInFailedError, UserError
from mailsignals.store import Committed, Store
from mailsignals.sync import SyncReport, bring_in
from tests.mailsignals.store.pages import AT, a_message, a_page, rows


@dataclasses.dataclass
class Script:
    """A source that yields what it is told to, and raises the errors among it."""

    script: Sequence[Page | ConnectorError]
    asked: list[Cursor | None] = dataclasses.field(default_factory=list)
    provider: str = "memory"
    mailbox: str = "ana@example.com"
    source: str = "inbox"

    def pages(self, cursor: Cursor | None = None) -> Iterator[Page]:
        """What follows the page that had the cursor."""
        self.asked.append(cursor)
        if cursor == "expired":
            raise ResyncError(self.mailbox, "the cursor has expired.", "It will be read from its beginning.")
        for step in self.script[int(cursor or 0) :]:
            if isinstance(step, ConnectorError):
                raise step
            yield step


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(tmp_path / "store", mode="write") as store:
        yield store


def bring(connector: Connector, store: Store) -> SyncReport:
    """Bring it in at an instant that does not matter."""
    return bring_in(
        connector,
        store,
        message_filter=lambda messages: messages,
        at=lambda: AT,
        on_page=lambda _page, _committed: None,
    )


def a_report(**what: object) -> SyncReport:
    """A report in which nothing happened but what a test says."""
    nothing = {
        "added": 0,
        "changed": 0,
        "unchanged": 0,
        "skipped": {},
        "defects": {},
    }
    return SyncReport(**{**nothing, **what})  # type: ignore[arg-type]  # a test's words


def test_a_report_adds_up_all_pages(store: Store) -> None:
    """Every page is committed at its instant and shown; the report counts messages, skips and defects."""
    instants = iter([AT, AT + dt.timedelta(minutes=1)])
    seen: list[tuple[str, Committed]] = []
    pages = [
        a_page(a_message("1"), cursor="1", skipped=(Skipped("2", "no headers"),), no_sender=1),
        a_page(
            a_message("1"), a_message("3"), cursor="2", skipped=(Skipped("4", "no headers"),), no_sender=2
        ),
    ]
    report = bring_in(
        Script(pages),
        store,
        message_filter=lambda messages: messages,
        at=lambda: next(instants),
        on_page=lambda page, committed: seen.append((page.cursor, committed)),
    )
    assert report == a_report(added=2, unchanged=1, skipped={"no headers": 2}, defects={"no_sender": 3})
    assert seen == [("1", Committed(1, 0, 0)), ("2", Committed(1, 0, 1))]
    assert store.sources()["last_committed_at"].to_list() == [AT + dt.timedelta(minutes=1)]


def test_the_next_run_goes_on_at_the_cursor(store: Store) -> None:
    """A second run asks for what came after the last page, and brings nothing twice."""
    mailbox = MemoryMailbox(mailbox="ana@example.com", page_size=2)
    for number in range(5):
        mailbox.deliver(a_message(str(number)))
    assert bring(mailbox, store) == a_report(added=5)
    assert bring(mailbox, store) == a_report()
    mailbox.deliver(a_message("5"))
    assert bring(mailbox, store) == a_report(added=1)
    assert rows(store).height == 6


def test_a_source_that_breaks_off_is_reported_incomplete(store: Store) -> None:
    """Pages before an error stand, the report says what the problem is, and the next run goes on after them."""
    error = GiveUpError("ana@example.com", "the file ends in the middle.", "Export it again.")
    connector = Script([a_page(a_message("1"), cursor="1"), error, a_page(a_message("2"), cursor="3")])
    assert bring(connector, store) == a_report(added=1, error=error)
    connector.script = [*connector.script[:1], a_page(a_message("2"), cursor="2")]
    assert bring(connector, store) == a_report(added=1)
    assert connector.asked == [None, "1"]


@pytest.mark.parametrize(("error", "expected"), [(GiveUpError, UserError), (SignInError, SignInFailedError)])
def test_a_source_that_cannot_be_read_at_all_is_an_error(
    store: Store, error: type[ConnectorError], expected: type[UserError]
) -> None:
    """Without a single page there is nothing to report: the problem goes to whoever can put it right."""
    with pytest.raises(expected, match=r"ana@example\.com: it is locked\. Unlock it\.") as raised:
        bring(Script([error("ana@example.com", "it is locked.", "Unlock it.")]), store)
    assert type(raised.value) is expected


def test_a_cursor_that_expired_starts_the_source_again(store: Store) -> None:
    """A resync reads from the beginning, once; what was set aside is counted anew, and known messages stay one."""
    first = a_page(a_message("1"), cursor="expired", skipped=(Skipped("2", "no headers"),), no_sender=1)
    bring(Script([first]), store)
    again = Script([a_page(a_message("1"), a_message("3"), cursor="1", no_sender=1)])
    assert bring(again, store) == a_report(added=1, unchanged=1, defects={"no_sender": 1}, resynced=True)
    assert again.asked == ["expired", None]
    assert (store.skipped().height, store.defects()["messages"].to_list()) == (0, [1])


def test_a_source_that_always_wants_to_start_again_is_an_error(store: Store) -> None:
    """A second demand for a resync in one run is a problem to report, not a loop."""
    connector = Script([ResyncError("ana@example.com", "the cursor has expired.", "Try again later.")])
    with pytest.raises(UserError, match="Try again later"):
        bring(connector, store)
    assert connector.asked == [None, None]
