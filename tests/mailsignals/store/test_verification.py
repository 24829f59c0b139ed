"""A store that proves itself: what was not written by the program is noticed, and named."""

import contextlib
import random
import sqlite3
from pathlib import Path

import pytest

from mailsignals.errors import OtherVersionError, UserError
from mailsignals.store import Store
from mailsignals.store.messages.catalogue import FILE
from mailsignals.store.messages.migrations import STEPS
from mailsignals.store.upkeep.repair import repair_store
from mailsignals.store.upkeep.verification import verify_store
from tests.mailsignals.store.pages import AT, a_message, a_page, keep

pytestmark = pytest.mark.scenario("flipped-bits")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with two messages in a segment, and one in a page."""
    folder = tmp_path / "store"
    keep(folder, a_page(a_message("1"), a_message("2")))
    with Store.open(folder, mode="write") as store:
        store.compact()
    keep(folder, a_page(a_message("3"), cursor="2"))
    return folder


def segment_of(folder: Path) -> Path:
    """The only segment."""
    (path,) = (folder / "segments").iterdir()
    return path


def flip(path: Path, bit: int) -> None:
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def test_a_sound_store_is_sound(folder: Path) -> None:
    """Nothing is reported, and each file is counted."""
    found = verify_store(folder, read_data=True)
    assert (found.damages, found.remarks, found.files) == ([], [], 2)


def test_every_changed_bit_of_a_segment_is_noticed(folder: Path) -> None:
    """33 of 33: reading is refused with the file's name and a remedy, and verification names it."""
    path = segment_of(folder)
    whole = path.read_bytes()
    for bit in random.Random(17).sample(range(8 * len(whole)), 33):
        flip(path, bit)
        with pytest.raises(UserError, match=rf"{path.name}.*mailsignals repair"):
            Store.open(folder, mode="read")
        (damage,) = verify_store(folder, read_data=True).damages
        assert damage.path == path
        path.write_bytes(whole)
    assert verify_store(folder, read_data=True).sound


@pytest.mark.parametrize("steps", [-1, 1], ids=["older", "newer"])
def test_a_store_of_another_version_is_not_called_damaged(folder: Path, steps: int) -> None:
    """Neither verified nor repaired: a repair by a program that doesn't know its tables would lose what they hold."""
    with contextlib.closing(sqlite3.connect(folder / FILE)) as catalogue:
        catalogue.execute(f"PRAGMA user_version = {len(STEPS) + steps}")
    before = (folder / FILE).read_bytes()
    with pytest.raises(OtherVersionError):
        verify_store(folder, read_data=True)
    with pytest.raises(OtherVersionError):
        repair_store(folder, at=AT)
    assert (folder / FILE).read_bytes() == before
