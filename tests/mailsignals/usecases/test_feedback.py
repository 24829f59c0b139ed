"""Keeping what is said, by several people at once."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.store import Store
from mailsignals.store.tables.feedback import FeedbackEntry
from mailsignals.usecases.feedback import Word, feedback_rules, give
from tests.mailsignals.flags.records import BERLIN, at, book, on, recorded

NOW = at(1, 9)


def settings_of(folder: Path) -> Settings:
    """A company in Berlin whose store is in a folder."""
    company = {"name": "Us", "domains": ["us.test"], "timezone": BERLIN}
    return Settings.model_validate(
        {"company": company, "store": {"path": folder}, "accounts": {"file": "accounts.csv"}}
    )


def given(folder: Path, word: Word, by: str = "ana", *, after: int = 0) -> FeedbackEntry | None:
    """What is kept of somebody's word on A, so many microseconds after nine."""
    at = NOW + dt.timedelta(microseconds=after)
    said, _ = give(settings_of(folder), book().row(0, named=True), by=by, at=at, word=word)
    return said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with one recorded day, on which A is at high risk."""
    with Store.open(tmp_path / "store", mode="write") as store:
        store.scores.add(recorded("h"))
    return tmp_path / "store"


def kinds(folder: Path) -> list[str]:
    """All that was kept."""
    with Store.open(folder, mode="read") as store:
        return store.feedback.frame()["kind"].to_list()


def test_a_form_that_arrives_twice_at_once_is_kept_once(folder: Path) -> None:
    """What follows from all that was said before follows from the other one, too."""
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda n: given(folder, lambda rules: rules.saved("x"), after=n), range(8)))
    assert kinds(folder) == ["saved"]
    assert len(set(kept)) == 1


def test_a_form_that_overtakes_its_twin_is_the_same_word(folder: Path) -> None:
    """Of two that were sent, the later one may be kept first."""
    for after in (5, 0):
        given(folder, lambda rules: rules.saved("x"), after=after)
    assert kinds(folder) == ["saved"]


def test_what_two_people_say_at_one_instant_is_kept(folder: Path) -> None:
    """Neither takes the place of the other."""
    given(folder, lambda rules: rules.snoozed(on(9), None), "ana")
    given(folder, lambda rules: rules.dismissed("why"), "bo")
    assert kinds(folder) == ["snoozed", "dismissed"]
    at_nine = NOW + dt.timedelta(microseconds=9)
    stands = feedback_rules(settings_of(folder), book().row(0, named=True), by="ana", at=at_nine)
    assert stands.standing[-1]["given_by"] == "bo"


def test_what_is_refused_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    """Neither a word, nor a lock; and where there is no store none is made."""
    with pytest.raises(UserError, match="why"):
        given(folder, lambda rules: rules.dismissed(None))
    assert kinds(folder) == []
    given(folder, lambda rules: rules.saved(None))
    with pytest.raises(UserError, match="no store here"):
        feedback_rules(settings_of(tmp_path / "none"), book().row(0, named=True), by="ana", at=NOW)
    assert not (tmp_path / "none").exists()
