import datetime as dt
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.base import DEADLY, UNREADABLE, Cursor, Page, Progress, Skipped
from mailsignals.secret_files import SecretFile
from mailsignals.store import Store
from mailsignals.store.messages.provider_view import StoredMailbox
from mailsignals.store.messages.skipped import FIRST_TRY, LAST_TRY, retry_pause
from mailsignals.store.tables.mailbox_status import KEPT_RUNS, READY, MailboxStatus, Trouble
from tests.mailsignals.store.pages import AT, INBOX, MAILBOX, a_message, a_page

KEY = ("memory", MAILBOX)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(tmp_path / "store", mode="write") as store:
        yield store


def held(store: Store, now: dt.datetime = AT) -> StoredMailbox:
    """What the connector of the test mailbox sees."""
    return StoredMailbox(store, *KEY, now=now)


def suspended(at: dt.datetime) -> Trouble:
    """A mailbox that somebody suspended."""
    return Trouble(state="suspended", problem="it is suspended.", remedy="Restore it.", next_try_at=at + HOUR)


def test_a_mailbox_in_trouble_is_remembered(store: Store) -> None:
    """Its reason, its remedy and the time of the next try are kept, until it is read to its end."""
    store.mailbox_status.begin(*KEY, "id-1")
    store.mailbox_status.troubled(*KEY, suspended(AT), at=AT)
    (one,) = store.mailbox_status.of("memory")
    assert one == MailboxStatus(
        mailbox=MAILBOX, identity="id-1", trouble=suspended(AT), failures=1, synced_at=None
    )
    store.mailbox_status.troubled(*KEY, suspended(AT + HOUR), at=AT + HOUR)
    assert store.mailbox_status.frame().select("state", "since").rows() == [("suspended", AT)]
    store.mailbox_status.synced(*KEY, at=AT + 2 * HOUR)
    (one,) = store.mailbox_status.of("memory")
    assert (one.trouble, one.failures, one.synced_at) == (None, 0, AT + 2 * HOUR)
    assert store.mailbox_status.frame()["state"].to_list() == [READY]
    assert store.mailbox_status.of("gmail") == []


def test_a_run_that_died_makes_the_next_one_careful(store: Store) -> None:
    """A run that ended neither well nor badly died; the next reads items one at a time until a page is stored."""
    store.mailbox_status.begin(*KEY, None)
    assert not held(store).careful
    store.mailbox_status.begin(*KEY, None)
    assert held(store).careful
    store.commit(INBOX, a_page(a_message("1")), at=AT)
    store.mailbox_status.begin(*KEY, None)
    assert not held(store).careful
    store.mailbox_status.troubled(*KEY, suspended(AT), at=AT)
    store.mailbox_status.begin(*KEY, None)
    assert not held(store).careful
    store.mailbox_status.stopped(*KEY)
    store.mailbox_status.begin(*KEY, None)
    assert not held(store).careful


def test_an_item_that_kills_is_left_out(store: Store) -> None:
    """The item that was noted last before two runs died is left out from then on, until it is read after all."""
    for _ in range(2):
        store.mailbox_status.begin(*KEY, None)
        assert held(store).note("1")
        assert held(store).note("2")
    store.mailbox_status.begin(*KEY, None)
    assert held(store).note("1")
    assert not held(store).note("2")
    store.commit(INBOX, a_page(a_message("2")), at=AT)
    assert held(store).note("2")


def test_a_mail_set_aside_is_asked_for_again(store: Store) -> None:
    """What the provider could not give out comes up again, later each time; what is a draft does not."""
    aside = (Skipped("1", UNREADABLE), Skipped("2", "draft"), Skipped("3", DEADLY))
    store.commit(INBOX, a_page(skipped=aside), at=AT)
    assert held(store).due() == ()
    assert held(store, AT + FIRST_TRY).due() == ("1", "3")
    assert held(store).known(["1", "2", "3", "4"]) == {"1", "2", "3"}
    store.commit(INBOX, a_page(skipped=aside[:1]), at=AT + FIRST_TRY)
    assert held(store, AT + 2 * FIRST_TRY).due() == ("3",)
    assert held(store, AT + 3 * FIRST_TRY).due() == ("1", "3")
    store.commit(INBOX, a_page(a_message("1")), at=AT + 3 * FIRST_TRY)
    assert held(store, AT + LAST_TRY).due() == ("3",)
    assert store.skipped()["place"].to_list() == ["2", "3"]


def test_tries_lie_further_and_further_apart() -> None:
    """The first try is due after an hour, each later one after twice as long, at most a week."""
    waits = [retry_pause(tries) for tries in range(1, 40)]
    assert waits[:4] == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR]
    assert waits[-1] == LAST_TRY
    assert waits == sorted(waits)


def test_the_last_runs_are_kept(store: Store) -> None:
    """Runs are listed newest first, and the oldest are forgotten in the end."""
    for number in range(KEPT_RUNS + 3):
        at = AT + number * HOUR
        store.mailbox_status.ran("sync", started_at=at, ended_at=at + HOUR, outcome=f"run {number}")
    runs = store.mailbox_status.runs()
    assert runs.height == KEPT_RUNS
    newest = AT + (KEPT_RUNS + 2) * HOUR
    assert runs.row(0) == ("sync", None, newest, newest + HOUR, "done", f"run {KEPT_RUNS + 2}")


def test_a_secret_stays_the_same_and_is_nobody_elses(tmp_path: Path, store: Store) -> None:
    """A secret of the store is made once, and only its owner can read its file."""
    first = store.secret(SecretFile.SUBJECTS)
    assert (store.secret(SecretFile.SUBJECTS), len(first)) == (first, 32)
    assert store.secret(SecretFile.LINKS) != first
    assert stat.S_IMODE((tmp_path / "store" / "subjects.key").stat().st_mode) == 0o600


def test_a_mailbox_that_was_emptied_is_no_news_twice(store: Store) -> None:
    """Word that something unknown is gone leaves no trace."""
    page = Page.of([], Cursor("1"), Progress(0, 0, "messages"), removed=("9",))
    assert store.commit(INBOX, page, at=AT).removed == 0
    assert held(store).known(["9"]) == set()
