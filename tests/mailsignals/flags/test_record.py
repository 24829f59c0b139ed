"""The recording of a day."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mailsignals.errors import UserError
from mailsignals.flags.record import RecordedScores, record_scores
from mailsignals.store import Store
from mailsignals.store.messages import migrations
from mailsignals.store.tables.feedback import FEEDBACK_SCHEMA, FeedbackEntry
from mailsignals.store.tables.flag_tables import FlagTables
from mailsignals.store.tables.scores import SCORES_SCHEMA
from tests.mailsignals.flags.records import BERLIN, at, book, on, recorded
from tests.mailsignals.store.pages import an_older_store

NAMES = [f"A{number}" for number in range(40)]


def a_day(store: Store, day: int, level: str, *, hour: int = 6, hold_back: float = 0.0) -> RecordedScores:
    """Record a day on which all accounts have a level."""
    rows = pl.concat([recorded(level, name, start=day) for name in NAMES])
    return record_scores(store, rows, book(*NAMES), as_of=at(day, hour), timezone=BERLIN, hold_back=hold_back)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store, open for writing."""
    with Store.open(tmp_path / "store", mode="write") as opened:
        yield opened


def test_what_is_recorded_can_be_read(store: Store) -> None:
    """Every account's row of the day, as it was assessed."""
    told = a_day(store, 0, "h")
    assert (told.on, told.at, told.rows.height) == (on(0), at(0), 40)
    kept = store.scores.of_flagged()
    assert kept.schema == SCORES_SCHEMA
    assert_frame_equal(kept, told.rows, check_row_order=False)
    assert store.scores.newest() == (on(0), at(0))


def test_a_day_is_recorded_once(store: Store) -> None:
    """What was recorded first stays, whatever the same day says later."""
    a_day(store, 0, "h")
    again = a_day(store, 0, "l", hour=18)
    assert (again.at, again.rows.height) == (at(0), 0)
    assert set(store.scores.of_flagged()["level"]) == {"high"}


def test_days_are_recorded_in_order(store: Store) -> None:
    """A day before the newest one is refused, because flags that people acted upon would change."""
    a_day(store, 3, "h")
    with pytest.raises(UserError, match="2026-03-05 is recorded already"):
        a_day(store, 2, "h")


def test_a_day_is_one_of_the_companys_time_zone(store: Store) -> None:
    """Half an hour before midnight in UTC it is the next day in Berlin."""
    assert a_day(store, 0, "h", hour=23).on == on(1)


def test_a_flag_is_drawn_when_it_opens_and_stays_so(store: Store) -> None:
    """Nobody is drawn again while the flag is open, whatever the share is by then; a share of 0 draws nothing."""
    first = a_day(store, 0, "h", hold_back=0.5).rows.sort("account_id")["held_back"]
    assert 5 < first.sum() < 35
    assert store.scores.any_held_back()
    second = a_day(store, 1, "h", hold_back=0.0).rows.sort("account_id")["held_back"]
    assert first.to_list() == second.to_list()
    for day in (2, 3, 4):
        a_day(store, day, "l", hold_back=0.5)
    assert a_day(store, 5, "m", hold_back=0.5).rows["held_back"].null_count() == 40
    back = a_day(store, 6, "h", hold_back=0.5).rows.sort("account_id")["held_back"]
    assert back.to_list() == first.to_list()


def test_nothing_is_drawn_unless_it_was_asked_for(store: Store) -> None:
    """By default every flag is shown, and none of them is part of an experiment."""
    a_day(store, 0, "h")
    assert a_day(store, 1, "h", hold_back=0.5).rows["held_back"].null_count() == 40
    assert not store.scores.any_held_back()


def test_a_recorded_day_can_be_looked_up(store: Store) -> None:
    """With all of its accounts, also those that were never at high risk; and so can the last day by a day."""
    scores = recorded("l l")
    for day in (0, 2):
        store.scores.add(scores.filter(pl.col("scored_on") == on(day)))
    assert [store.scores.last_day(on(day)) for day in (-1, 0, 1, 2)] == [None, on(0), on(0), on(2)]
    assert store.scores.of_day(on(2)).equals(scores.tail(1))
    assert store.scores.of_day(on(1)).is_empty()
    assert store.scores.of_account("A").equals(scores.filter(pl.col("account_id") == "A"))
    assert store.scores.of_account("nobody").is_empty()
    assert store.scores.frame().filter(pl.col("scored_on") >= on(1)).equals(scores.tail(1))
    assert store.scores.frame().filter(pl.col("scored_on") >= on(3)).is_empty()


def test_an_older_store_gets_the_tables_when_it_is_written_to(tmp_path: Path) -> None:
    """What it holds stays; who only reads is told what to do first."""
    folder = tmp_path / "old"
    an_older_store(folder, migrations.m004_flags)
    with pytest.raises(UserError, match="an older mailsignals wrote this store"):
        Store.open(folder, mode="read")
    with Store.open(folder, mode="write") as store:
        assert store.scores.newest() is None
        assert a_day(store, 0, "h").rows.height == 40


def test_feedback_is_kept_with_who_and_when(store: Store) -> None:
    """Whatever is said comes back as it was said, in the order of time."""
    left = FeedbackEntry(account_id="B", given_at=at(2), given_by="bo", kind="churned", churned_on=on(1))
    later = FeedbackEntry(
        account_id="A", given_at=at(1), given_by="ana", kind="snoozed", until="worse", note="łate"
    )
    store.feedback.keep(lambda _: left)
    store.feedback.keep(lambda _: later)
    assert store.feedback.keep(lambda before: left if before.height == 2 else None) == left
    assert store.feedback.keep(lambda _: None) is None
    kept = store.feedback.frame()
    assert kept.schema == FEEDBACK_SCHEMA
    assert kept.rows() == [
        ("A", at(1), "ana", "snoozed", "worse", None, "łate"),
        ("B", at(2), "bo", "churned", None, on(1), None),
    ]


def test_a_day_is_recorded_beside_a_writer_and_by_one_of_several(store: Store, tmp_path: Path) -> None:
    """While mail is being read, and once, however many record the same day at the same time; all are told of one."""
    rows = pl.concat([recorded("h", name, start=0) for name in NAMES])

    def record_it(hour: int) -> RecordedScores:
        with FlagTables.open(tmp_path / "store") as tables:
            return record_scores(
                tables, rows, book(*NAMES), as_of=at(0, hour), timezone=BERLIN, hold_back=0.5
            )

    with ThreadPoolExecutor(4) as several:
        told = list(several.map(record_it, range(6, 14)))
    assert sorted(each.rows.height for each in told) == [*[0] * 7, len(NAMES)]
    assert {each.at for each in told} == {store.scores.newest()[1]}  # type: ignore[index]  # it is recorded
    assert store.scores.of_day(on(0)).height == len(NAMES)
