"""A change of method, a rule a test; the laws are in ``test_method_laws``."""

import sqlite3
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from mailsignals.flags.flags import flags
from mailsignals.flags.method import BEFORE, method_change, recorded_method
from mailsignals.flags.record import record_scores
from mailsignals.notifications.alerts.events import of_flags
from mailsignals.store import Store
from mailsignals.store.messages import migrations
from mailsignals.store.messages.sqlite_time import day_number, to_microseconds
from mailsignals.store.tables.scores import SCORES_SCHEMA
from tests.mailsignals.flags.records import (
    BERLIN,
    OF_BEFORE,
    SOURCE,
    at,
    book,
    by_methods,
    flags_at,
    on,
    recorded,
    said,
    states,
)
from tests.mailsignals.store.pages import an_older_store


def test_who_is_high_from_the_first_day_on_has_no_flag_before_the_cool_down_is_over() -> None:
    """Sixty days after the first day of the method it decides alone, and the flag opens."""
    scores = by_methods("l" + "h" * 70, {0: OF_BEFORE, 1: {}})
    assert flags_at(60, scores).is_empty()
    assert flags_at(61, scores)["opened_on"].to_list() == [on(61)]


def test_who_was_not_high_in_between_is_new_when_high_again() -> None:
    """That is something that the new method saw change."""
    assert states(6, by_methods("llhhmh", {0: OF_BEFORE, 2: {}})) == [*["-"] * 5, "entering"]


def test_an_open_flag_stays_until_the_new_method_saw_the_account_high() -> None:
    """Then it recovers as usual, and without that once the cool-down is over."""
    late = by_methods("hh" + "m" * 70, {0: OF_BEFORE, 2: {}})
    assert states(70, late)[1:62] == ["persisting"] * 61
    assert states(70, late)[62] == "recovered"
    seen = by_methods("hhmmmmhmmm", {0: OF_BEFORE, 2: {}})
    assert states(10, seen)[1:] == [*["persisting"] * 8, "recovered"]


def test_a_recovered_flag_does_not_return_with_the_method() -> None:
    """High on the first day of a method is no return, within the cool-down of the flag either."""
    scores = by_methods("hlllhhlh", {0: OF_BEFORE, 4: {}})
    assert states(8, scores)[3:] == [*["recovered"] * 4, "persisting"]


def test_another_change_prolongs_no_wait() -> None:
    """A model trained anew every month does not keep flags from opening, or from recovering, for good."""
    sources = {day: {"source": f"churn-{day}"} for day in range(1, 100, 10)}
    opening = by_methods("l" + "h" * 90, {0: OF_BEFORE, **sources})
    assert flags_at(63, opening)["opened_on"].to_list() == [on(62)]
    closing_ = by_methods("h" + "m" * 90, {0: OF_BEFORE, **sources})
    assert flags_at(63, closing_)["closed_on"].to_list() == [on(62)]


@pytest.mark.parametrize("word", ["dismissed", "saved", "churned"])
def test_feedback_works_on_a_flag_that_is_kept_open(word: str) -> None:
    """What people say does not wait for the method."""
    scores = by_methods("hhmmmm", {0: OF_BEFORE, 2: {}})
    assert states(6, scores, said(word, 3, churned_on=on(3)))[2:4] == ["persisting", word]


def test_an_account_that_is_judged_for_the_first_time_later_is_new() -> None:
    """No method judged it before, so the change is none for it."""
    assert states(4, by_methods("??lh", {0: OF_BEFORE, 1: {}}))[-1] == "entering"
    assert states(4, by_methods("??hh", {0: OF_BEFORE, 1: {}}))[-1] == "persisting"
    assert states(4, by_methods("?hhh", {0: OF_BEFORE, 1: {}}))[-1] == "-"


def test_a_change_alerts_nobody() -> None:
    """Alerts are about flags that opened."""
    scores = by_methods("lhhh", {0: OF_BEFORE, 1: {}})
    for day in range(4):
        now = at(day, 20)
        known = scores.filter(pl.col("scored_at") <= now)
        assert of_flags(flags_at(day, known), known, as_of=now).is_empty()


def test_today_is_compared_with_what_was_recorded(tmp_path: Path) -> None:
    """An account that was never high until the first day of a method has no flag then, and nothing is drawn for it."""
    with Store.open(tmp_path / "store", mode="write") as store:
        store.scores.add(recorded("l", **OF_BEFORE))
        day = recorded("h", start=1)
        told = record_scores(store, day, book(), as_of=at(1), timezone=BERLIN, hold_back=0.5)
        assert told.rows["held_back"].to_list() == [None]
        assert store.scores.of_flagged().height == 2
        again = record_scores(
            store, recorded("h", start=2), book(), as_of=at(2), timezone=BERLIN, hold_back=0.5
        )
        assert again.rows["held_back"].to_list() == [None]


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A store of the version before, with the record of three accounts and a word."""
    folder = tmp_path / "store"
    an_older_store(folder, migrations.m013_risk_columns)
    levels = {"A": "llhhhh", "B": "hhmmml", "C": "hhhhhh", "D": "llllll"}
    rows = [
        (
            *(day_number(on(day)), account, to_microseconds(at(day)), "scored"),
            {"h": "high", "m": "medium", "l": "low"}[letter],
            *({"h": 91.0, "m": 82.5, "l": 12.0}[letter], None if day < 3 else 0.25),
            *("scorecard" if day < 3 else "churn-linear-20260101-1a2b3c4d", None),
        )
        for account, own in levels.items()
        for day, letter in enumerate(own)
    ]
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as catalogue, catalogue:
        catalogue.executemany("INSERT INTO score VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        catalogue.execute(
            "INSERT INTO feedback VALUES ('C', ?, 'ana', 'snoozed', 'worse', NULL, NULL)",
            (to_microseconds(at(1, 12)),),
        )
    return folder


def test_days_of_before_stay_as_they_were_recorded(older: Path) -> None:
    """A store of the version before keeps each day, level, score and source, and has the flags that it had."""
    with Store.open(older, mode="write") as store:
        kept, words = store.scores.frame(), store.feedback.frame()
    assert kept.schema == SCORES_SCHEMA
    assert kept.height == 24
    row = kept.row(0, named=True)
    assert (row["scored_on"], row["scored_at"], row["state"]) == (on(0), at(0), "scored")
    assert (row["level"], row["score"], row["risk"], row["source"]) == ("low", 12.0, None, "scorecard")
    assert kept.select("quiet", "leaving").null_count().row(0) == (24, 24)
    found = flags(kept, words, book(*"ABCD"), as_of=at(5, 20), timezone=BERLIN)
    assert found.select("account_id", "opened_on", "state", "closed_on").rows() == [
        ("A", on(2), "persisting", None),
        ("B", on(0), "recovered", on(4)),
        ("C", on(0), "snoozed", None),
    ]


def test_the_first_day_by_the_new_method_opens_and_closes_nothing(older: Path) -> None:
    """Whoever is high by then: the flags of before stand as they stood."""
    with Store.open(older, mode="write") as store:
        words = store.feedback.frame()
        before = flags(store.scores.frame(), words, book(*"ABCD"), as_of=at(5, 20), timezone=BERLIN)
        day = pl.concat(
            [recorded(level, account, start=6) for account, level in zip("ABCD", "lhlh", strict=True)]
        )
        record_scores(store, day, book(*"ABCD"), as_of=at(6), timezone=BERLIN, hold_back=0.0)
        after = flags(store.scores.of_flagged(), words, book(*"ABCD"), as_of=at(6, 20), timezone=BERLIN)
    names = ["account_id", "opened_on", "state", "closed_on"]
    assert after.select(names).equals(before.select(names))


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        (BEFORE, SOURCE, "The chances of going quiet and of churn now set the order of accounts"),
        (BEFORE, "churn-a", "The chance of churn within 90 days now sets the order of accounts"),
        (SOURCE, "quiet+churn-a", "The chance of churn now comes from a model trained on your churn dates"),
        ("quiet+churn-a", "quiet+churn-b", "The model was retrained"),
        ("quiet+churn-a", "churn-a", "The chance of churn within 90 days now sets the order of accounts"),
        ("churn-a", "churn-b", "The model was retrained"),
        ("quiet+churn-a", SOURCE, "Churn signals now replace the trained chance of churn"),
        ("churn-a", SOURCE, "The chances of going quiet and of churn now set the order of accounts"),
    ],
)
def test_a_change_is_shown_in_two_sentences(before: str, now: str, text: str) -> None:
    """What changed, and that nothing opened or closed because of it."""
    change = method_change(before, now)
    assert change is not None
    assert change.text.startswith(text)
    assert change.text.endswith(". The change itself opened and closed no flags.")
    assert change.text.count(".") == 2


def test_without_a_change_there_is_nothing_to_tell() -> None:
    """The same source, or nothing to compare with."""
    assert method_change(SOURCE, SOURCE) is None
    assert method_change(None, SOURCE) is None
    assert method_change(SOURCE, None) is None


def test_the_method_of_a_recorded_day_follows_from_its_rows() -> None:
    """Days that have scores are of before, whichever model was in use; others are their source's."""
    assert recorded_method(recorded("l?", **OF_BEFORE)) == BEFORE
    assert recorded_method(recorded("l?", source="quiet+churn-a")) == "quiet+churn-a"
    assert recorded_method(pl.DataFrame(schema=SCORES_SCHEMA)) is None
