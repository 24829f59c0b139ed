"""Keeping what is said, by several people at once."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mailsignals.errors import UserError
from mailsignals.store import Store
from mailsignals.usecases.feedback import Speaker
from tests.mailsignals.flags.records import BERLIN, at, book, on, recorded

NOW = at(1, 9)


def speaker(folder: Path, by: str = "ana", *, after: int = 0) -> Speaker:
    """Somebody who speaks of A, so many microseconds after nine."""
    return Speaker(
        store=folder,
        account=book().row(0, named=True),
        by=by,
        at=NOW + dt.timedelta(microseconds=after),
        timezone=BERLIN,
    )


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
        kept = list(pool.map(lambda n: speaker(folder, after=n).keep(lambda a: a.saved("x"))[0], range(8)))
    assert kinds(folder) == ["saved"]
    assert len(set(kept)) == 1


def test_a_form_that_overtakes_its_twin_is_the_same_word(folder: Path) -> None:
    """Of two that were sent, the later one may be kept first."""
    for after in (5, 0):
        speaker(folder, after=after).keep(lambda saying: saying.saved("x"))
    assert kinds(folder) == ["saved"]


def test_what_two_people_say_at_one_instant_is_kept(folder: Path) -> None:
    """Neither takes the place of the other."""
    speaker(folder, "ana").keep(lambda saying: saying.snoozed(on(9), None))
    speaker(folder, "bo").keep(lambda saying: saying.dismissed("why"))
    assert kinds(folder) == ["snoozed", "dismissed"]
    assert speaker(folder, after=9).stands().standing[-1]["given_by"] == "bo"


def test_what_is_refused_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    """Neither a word, nor a lock; and where there is no store none is made."""
    with pytest.raises(UserError, match="why"):
        speaker(folder).keep(lambda saying: saying.dismissed(None))
    assert kinds(folder) == []
    speaker(folder).keep(lambda saying: saying.saved(None))
    with pytest.raises(UserError, match="no store here"):
        speaker(tmp_path / "none").stands()
    assert not (tmp_path / "none").exists()
