"""Editions on the shelf: whole ones, the newest first, an older one for who began to read it."""

import datetime as dt
import functools
from pathlib import Path

import polars as pl
import pytest

from mailsignals.readmodel.editions import KEPT, REMEMBERED, VERSION, EditionStore, PreparationStep

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def put(shelf: EditionStore, number: int) -> None:
    """One more edition, which knows its number."""
    shelf.put({"numbers": pl.DataFrame({"number": [number]})}, as_of=AT + dt.timedelta(minutes=number))


def test_an_older_edition_can_be_read_until_it_is_removed(tmp_path: Path) -> None:
    """Its name finds it as long as it stands there, and nothing else is found by any name."""
    shelf = EditionStore(tmp_path)
    put(shelf, 1)
    first = shelf.newest()
    assert first is not None
    for number in range(2, KEPT + 1):
        put(shelf, number)
        assert shelf.named(first.name) is first
        assert first.table("numbers").item() == 1
    put(shelf, KEPT + 1)
    assert shelf.named(first.name) is None
    newest = shelf.newest()
    assert newest is not None
    assert newest.table("numbers").item() == KEPT + 1
    assert shelf.named("../prepared") is None


def test_what_is_made_of_an_edition_is_made_once(tmp_path: Path) -> None:
    """What nobody has asked for the longest makes room."""
    shelf = EditionStore(tmp_path)
    put(shelf, 1)
    edition = shelf.newest()
    assert edition is not None
    made: list[int] = []

    def make(number: int) -> pl.DataFrame:
        made.append(number)
        return pl.DataFrame({"number": [number]})

    for number in [*range(REMEMBERED), 0]:
        assert edition.remembered(number, functools.partial(make, number)).item() == number
    assert made == list(range(REMEMBERED))
    edition.remembered(REMEMBERED, lambda: make(REMEMBERED))
    edition.remembered(0, lambda: make(0))
    edition.remembered(1, lambda: make(1))
    assert made[REMEMBERED:] == [REMEMBERED, 1]


def test_the_step_of_a_preparation_is_there_until_it_is_forgotten(tmp_path: Path) -> None:
    """Another process reads it; a damaged file counts as none."""
    shelf = EditionStore(tmp_path)
    assert shelf.step() is None
    for number in (1, 2):
        shelf.note_step(PreparationStep(number=number, of=2, text="counting"))
    assert EditionStore(tmp_path).step() == PreparationStep(number=2, of=2, text="counting")
    shelf.forget_step()
    assert shelf.step() is None
    shelf.note_step(PreparationStep(number=1, of=2, text="counting"))
    (file,) = (tmp_path / "prepared").glob(".step.json")
    file.write_text("{", encoding="utf-8")
    assert shelf.step() is None


@pytest.mark.scenario("clock-jumps")
def test_the_newest_edition_is_the_last_one_made(tmp_path: Path) -> None:
    """Whatever the clock showed, and also beside an edition that an earlier release named by its time."""
    shelf = EditionStore(tmp_path)
    put(shelf, 1)
    (first,) = (tmp_path / "prepared").glob("v*")
    first.rename(first.with_name(f"v{VERSION}-20270619T090000-0123abcd"))
    for minutes in (0, 300_000, 300_001, -300_000, 2):
        put(shelf, minutes)
        newest = shelf.newest()
        assert newest is not None
        assert newest.table("numbers").item() == minutes
    assert len(list((tmp_path / "prepared").glob("v*"))) == KEPT
