import threading
from pathlib import Path

import pytest

from connectors.transport.limit_state import Deadline, LimitState
from mailsignals.store import Store
from mailsignals.store.messages import migrations
from tests.mailsignals.store.pages import an_older_store

STATE = LimitState(
    saved_at=1_000.5,
    windows={60.0: ((990.0, 7),), 86_400.0: ((1.0, 3), (2.0, 4))},
    fence=Deadline(since=1_000.0, until=4_600.0),
    rate=3.5,
    refused_at=900.0,
    ceiling=4.0,
    hold_seconds=120.0,
    hold=Deadline(since=900.0, until=1_020.0),
    places=2,
    places_hold_seconds=120.0,
    places_hold=Deadline(since=900.0, until=1_020.0),
)


@pytest.mark.scenario("limits-outlive-runs")
def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    """Every part of a state is there for the next program, by provider, project and mailbox."""
    with Store.open(tmp_path / "s", mode="write") as store:
        store.provider_limits.of("gmail").save("p", "a@x.test", STATE)
    with Store.open(tmp_path / "s", mode="write") as store:
        memory = store.provider_limits.of("gmail")
        assert memory.load("p", "a@x.test") == STATE
        assert memory.load("p", "") is None
        assert memory.load("other", "a@x.test") is None
        assert store.provider_limits.of("microsoft365").load("p", "a@x.test") is None


def test_a_snapshot_is_for_any_thread(tmp_path: Path) -> None:
    """A check of many mailboxes reads the limits in threads, also after the store is closed, and changes nothing."""
    with Store.open(tmp_path / "s", mode="write") as store:
        store.provider_limits.of("gmail").save("p", "a@x.test", STATE)
    with Store.open(tmp_path / "s", mode="read") as store:
        snapshot = store.provider_limits.snapshot("gmail")
    found: list[LimitState | None] = []

    def work() -> None:
        found.append(snapshot.load("p", "a@x.test"))
        snapshot.save("p", "a@x.test", LimitState(saved_at=2.0))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [STATE]
    with Store.open(tmp_path / "s", mode="read") as store:
        assert store.provider_limits.of("gmail").load("p", "a@x.test") == STATE


def test_a_damaged_state_counts_as_none(tmp_path: Path) -> None:
    """A state that can't be read is begun anew instead of stopping every sync."""
    with Store.open(tmp_path / "s", mode="write") as store:
        memory = store.provider_limits.of("gmail")
        memory.save("p", "", STATE)
        for text in ("", "{", "[]", "null", '{"saved_at": {}}'):
            store._catalogue.sql.execute("UPDATE provider_limit SET state = ?", (text,))
            assert memory.load("p", "") is None


def test_an_older_store_gets_the_table(tmp_path: Path) -> None:
    """The store of an earlier version has no limits, and keeps them from then on."""
    an_older_store(tmp_path / "s", migrations.m017_provider_limits)
    with Store.open(tmp_path / "s", mode="write") as store:
        memory = store.provider_limits.of("gmail")
        assert memory.load("p", "") is None
        memory.save("p", "", STATE)
        assert memory.load("p", "") == STATE
