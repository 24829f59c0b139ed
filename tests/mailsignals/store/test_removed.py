from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Cursor, Page, Progress
from mailsignals.store import Committed, Store
from mailsignals.store.messages import compaction
from tests.mailsignals.store.pages import AT, INBOX, MAILBOX, a_message, rows


def a_change(*subjects: tuple[str, str], removed: tuple[str, ...] = (), cursor: str = "1") -> Page:
    """A page with messages of these ids and subjects, and ids that are gone."""
    messages = [a_message(name, subject=subject) for name, subject in subjects]
    return Page.of(messages, Cursor(cursor), Progress(0, None, "messages"), removed=removed)


def held(store: Store) -> dict[str, str]:
    """The subject of every stored message."""
    return dict(rows(store).select("provider_id", "subject").iter_rows())


def test_a_message_that_is_gone_is_no_longer_stored(tmp_path: Path) -> None:
    """It goes, wherever it lies; it is counted once; one that was never there is no matter; it may come back."""
    with Store.open(tmp_path, mode="write") as store:
        store.commit(INBOX, a_change(("1", "a"), ("2", "b"), ("3", "c")), at=AT)
        gone = store.commit(INBOX, a_change(("4", "d"), removed=("1", "1", "nobody")), at=AT)
        assert gone == Committed(added=1, changed=0, unchanged=0, removed=1)
        assert held(store) == {"2": "b", "3": "c", "4": "d"}
        store.compact()
        assert store.commit(INBOX, a_change(removed=("1", "3")), at=AT).removed == 1
        assert held(store) == {"2": "b", "4": "d"}
        assert store.commit(INBOX, a_change(("1", "a")), at=AT) == Committed(1, 0, 0)
    with Store.open(tmp_path, mode="write") as store:
        assert held(store) == {"1": "a", "2": "b", "4": "d"}
        assert store.known("memory", MAILBOX, ["1", "2", "3", "4"]) == {"1", "2", "4"}
        assert sorted(store.labels("memory", MAILBOX)["provider_id"]) == ["1", "2", "4"]


def test_a_removal_makes_a_new_revision(tmp_path: Path) -> None:
    """What is derived from the messages notices that some went."""
    with Store.open(tmp_path, mode="write") as store:
        store.commit(INBOX, a_change(("1", "a")), at=AT)
        before = store.revision
        store.commit(INBOX, a_change(removed=("nobody",)), at=AT)
        assert store.revision == before
        store.commit(INBOX, a_change(removed=("1",)), at=AT)
        assert store.revision > before


NAMES = st.sampled_from([str(number) for number in range(8)])
CHANGES = st.lists(
    st.tuples(st.dictionaries(NAMES, st.sampled_from("abc"), max_size=4), st.sets(NAMES, max_size=3)),
    max_size=12,
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=CHANGES, fold_rows=st.integers(2, 12), compact_at=st.integers(0, 12), reopen_at=st.integers(0, 12)
)
def test_the_store_holds_what_came_and_did_not_go(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    changes: list[tuple[dict[str, str], set[str]]],
    fold_rows: int,
    compact_at: int,
    reopen_at: int,
) -> None:
    """After any additions, changes and removals, folded, compacted and reopened anywhere, it is as a dictionary."""
    monkeypatch.setattr(compaction, "FOLD_ROWS", fold_rows)
    folder = tmp_path_factory.mktemp("store")
    expected: dict[str, str] = {}
    store = Store.open(folder, mode="write")
    for number, (came, some) in enumerate(changes):
        went = some - came.keys()
        counts = store.commit(INBOX, a_change(*came.items(), removed=tuple(sorted(went))), at=AT)
        assert counts.removed == len(went & expected.keys())
        assert counts.added == len(came.keys() - expected.keys())
        expected = {name: text for name, text in (expected | came).items() if name not in went}
        if number == compact_at:
            store.compact()
        if number == reopen_at:
            store.close()
            store = Store.open(folder, mode="write")
        assert held(store) == expected
    store.close()
