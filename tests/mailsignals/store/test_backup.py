"""Backups of a store in use, and stores made of them."""

import datetime as dt
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from mailsignals.errors import UserError
from mailsignals.secret_files import SecretFile
from mailsignals.store import Store
from mailsignals.store.messages import compaction
from mailsignals.store.upkeep.backup import back_up, backups, restore
from tests.mailsignals.store.pages import AT, INBOX, keep, rows, stream_page

DAY = dt.timedelta(days=1)


@pytest.mark.slow
def test_a_restored_store_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken while somebody writes, it has the messages and the cursor of that moment, and can be written on."""
    monkeypatch.setattr(compaction, "FOLD_ROWS", 30)
    with Store.open(tmp_path / "store", mode="write") as store:
        store.secret(SecretFile.SUBJECTS)
        for number in range(9):
            store.commit(INBOX, stream_page(number), at=AT)
        before = rows(store)
        place = back_up(tmp_path / "store", tmp_path / "backups", at=AT, kept=3)
        for number in range(9, 30):
            store.commit(INBOX, stream_page(number), at=AT)
        store.compact()
    restore(place, tmp_path / "again")
    key = (tmp_path / "store" / "subjects.key").read_bytes()
    with Store.open(tmp_path / "again", mode="write") as store:
        assert_frame_equal(rows(store), before)
        assert store.cursor(INBOX.provider, INBOX.mailbox, INBOX.source) == "9"
        assert store.secret(SecretFile.SUBJECTS) == key
        store.commit(INBOX, stream_page(9), at=AT)
        store.compact()
    restore(place, tmp_path / "once more")
    with Store.open(tmp_path / "once more", mode="read") as store:
        assert_frame_equal(rows(store), before)


def test_the_newest_backups_are_kept(tmp_path: Path) -> None:
    """Older ones go, and nothing else in the folder does, except what a killed backup left."""
    keep(tmp_path / "store", stream_page(0))
    folder = tmp_path / "backups"
    (folder / ".draft-killed").mkdir(parents=True)
    (folder / "2026 notes").mkdir()
    made = [back_up(tmp_path / "store", folder, at=AT + number * DAY, kept=2) for number in range(4)]
    assert backups(folder) == made[2:]
    assert {path.name for path in folder.iterdir()} == {"2026 notes", *(path.name for path in made[2:])}


def test_sign_ins_stay_where_they_are(tmp_path: Path) -> None:
    """What somebody could read mail with is in no backup."""
    keep(tmp_path / "store", stream_page(0))
    (tmp_path / "store" / "gmail-permission.json").write_text("token")
    place = back_up(tmp_path / "store", tmp_path / "backups", at=AT, kept=1)
    assert not list(place.rglob("*permission*"))


def test_a_store_is_never_written_over(tmp_path: Path) -> None:
    """Restoring into a folder that holds anything is refused, and so is what is no backup or is damaged."""
    keep(tmp_path / "store", stream_page(0))
    with Store.open(tmp_path / "store", mode="write") as store:
        store.compact()
    place = back_up(tmp_path / "store", tmp_path / "backups", at=AT, kept=1)
    with pytest.raises(UserError, match="not empty"):
        restore(place, tmp_path / "store")
    with pytest.raises(UserError, match="no store"):
        restore(tmp_path, tmp_path / "new")
    (segment,) = (place / "segments").iterdir()
    segment.unlink()
    with pytest.raises(UserError, match="missing or truncated"):
        restore(place, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert not list(tmp_path.glob(".draft-*"))
