"""Backups of a store in use: real copies that are proven before an older one goes."""

import datetime as dt
import errno
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from mailsignals.errors import UserError
from mailsignals.secret_files import SecretFile
from mailsignals.store import Store
from mailsignals.store.messages import compaction
from mailsignals.store.upkeep import backup_manifest
from mailsignals.store.upkeep.backup import back_up, backups
from mailsignals.store.upkeep.backup_manifest import MANIFEST, backup_problem, read_manifest
from mailsignals.store.upkeep.restore import restore
from tests.mailsignals.store.pages import AT, INBOX, keep, rows, stream_page

DAY = dt.timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with a segment, a page and a secret."""
    folder = tmp_path / "store"
    keep(folder, stream_page(0))
    with Store.open(folder, mode="write") as opened:
        opened.compact()
        opened.secret(SecretFile.SUBJECTS)
        opened.commit(INBOX, stream_page(1), at=AT)
    return folder


def flip(path: Path, *, at: int | None = None) -> None:
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if at is None else at] ^= 0x10
    path.write_bytes(content)


@pytest.mark.slow
def test_a_restored_store_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken while somebody writes, it has the messages and the cursor of that moment, and can be written on."""
    monkeypatch.setattr(compaction, "FOLD_ROWS", 30)
    with Store.open(tmp_path / "store", mode="write") as store:
        store.secret(SecretFile.SUBJECTS)
        for number in range(9):
            store.commit(INBOX, stream_page(number), at=AT)
        before = rows(store)
        place = back_up(tmp_path / "store", tmp_path / "backups", at=AT, kept=3).place
        for number in range(9, 30):
            store.commit(INBOX, stream_page(number), at=AT)
        store.compact()
    restore(place, tmp_path / "again", at=AT, by="ops")
    key = (tmp_path / "store" / "subjects.key").read_bytes()
    with Store.open(tmp_path / "again", mode="write") as store:
        assert_frame_equal(rows(store), before)
        assert store.cursor(INBOX.provider, INBOX.mailbox, INBOX.source) == "9"
        assert store.secret(SecretFile.SUBJECTS) == key
        store.commit(INBOX, stream_page(9), at=AT)
        store.compact()
    restore(place, tmp_path / "once more", at=AT, by="ops")
    with Store.open(tmp_path / "once more", mode="read") as store:
        assert_frame_equal(rows(store), before)


def test_the_newest_backups_are_kept(tmp_path: Path, store: Path) -> None:
    """Older ones go, and nothing else in the folder does, except what a killed backup left."""
    folder = tmp_path / "backups"
    (folder / ".draft-killed").mkdir(parents=True)
    (folder / "2026 notes").mkdir()
    made = [back_up(store, folder, at=AT + number * DAY, kept=2) for number in range(4)]
    assert [each.removed for each in made] == [0, 0, 1, 1]
    assert backups(folder) == [each.place for each in made[2:]]
    assert {path.name for path in folder.iterdir()} == {"2026 notes", *(each.place.name for each in made[2:])}


@pytest.mark.scenario("flipped-bits")
def test_a_backup_shares_nothing_with_the_store(tmp_path: Path, store: Path) -> None:
    """Damage to a file of the store leaves the same file of every backup as it was."""
    places = [back_up(store, tmp_path / "backups", at=AT + number * DAY, kept=3).place for number in range(2)]
    for path in store.rglob("*.parquet"):
        os.truncate(path, 0)
        path.write_bytes(b"other")
    assert [backup_problem(place) for place in places] == [None, None]
    inodes = [path.stat().st_ino for path in tmp_path.rglob("*") if path.is_file()]
    assert len(inodes) == len(set(inodes))


@pytest.mark.scenario("flipped-bits")
def test_a_changed_bit_in_a_backup_is_named_and_never_restored(tmp_path: Path, store: Path) -> None:
    """Whichever file it is in, the manifest too, the file is named, and the folder of the store stays empty."""
    place = back_up(store, tmp_path / "backups", at=AT, kept=3).place
    files = sorted(path for path in place.rglob("*") if path.is_file())
    assert len(files) >= 4
    dice = random.Random(1)
    for path in files:
        sound = path.read_bytes()
        flip(path, at=dice.randrange(len(sound)))
        assert str(path) in (backup_problem(place) or "")
        with pytest.raises(UserError, match=path.name):
            restore(place, tmp_path / "again", at=AT, by="ops")
        assert not (tmp_path / "again").exists()
        path.write_bytes(sound)
    assert backup_problem(place) is None


@pytest.mark.scenario("flipped-bits")
def test_a_damaged_backup_rotates_no_good_one_away(tmp_path: Path, store: Path) -> None:
    """It doesn't count as kept and is not removed; the report names it."""
    folder = tmp_path / "backups"
    good = back_up(store, folder, at=AT, kept=2).place
    bad = back_up(store, folder, at=AT + DAY, kept=2).place
    flip(next(bad.rglob("*.parquet")))
    newest = back_up(store, folder, at=AT + 2 * DAY, kept=2)
    assert backups(folder) == [good, bad, newest.place]
    assert any(bad.name in problem for problem in newest.problems)
    last = back_up(store, folder, at=AT + 3 * DAY, kept=2)
    assert backups(folder) == [bad, newest.place, last.place]


@pytest.mark.scenario("flipped-bits")
def test_a_damaged_catalogue_is_not_backed_up(tmp_path: Path, store: Path) -> None:
    """The error names the file of the store, and the older backup stays, however few are kept."""
    folder = tmp_path / "backups"
    good = back_up(store, folder, at=AT, kept=1).place
    catalogue = store / "catalogue.sqlite"
    content = bytearray(catalogue.read_bytes())
    content[16384 + 8 : 16384 + 200] = bytes(192)
    catalogue.write_bytes(content)
    with pytest.raises(UserError, match=r"catalogue.*[Rr]estore|damaged"):
        back_up(store, folder, at=AT + DAY, kept=1)
    assert [path.name for path in folder.iterdir()] == [good.name]
    assert backup_problem(good) is None


@pytest.mark.scenario("clock-jumps")
def test_the_order_is_that_of_making(tmp_path: Path, store: Path) -> None:
    """A backup of a clock that was 200 days ahead is neither the newest for ever nor rotates others away."""
    folder = tmp_path / "backups"
    ahead = back_up(store, folder, at=AT + 200 * DAY, kept=2).place
    second = back_up(store, folder, at=AT, kept=2).place
    assert backups(folder) == [ahead, second]
    third = back_up(store, folder, at=AT + DAY, kept=2).place
    assert backups(folder) == [second, third]
    again = back_up(store, folder, at=AT + DAY, kept=2).place
    assert backups(folder) == [third, again], "the same second twice, by a clock that was set back"


def test_backups_of_an_older_version_count_and_can_be_restored(tmp_path: Path, store: Path) -> None:
    """Without a manifest they are older than all others, in the order of their names."""
    folder = tmp_path / "backups"
    old = [back_up(store, folder, at=AT + number * DAY, kept=9).place for number in (300, 301)]
    for place in old:
        (place / MANIFEST).unlink()
    made = [back_up(store, folder, at=AT + number * DAY, kept=3).place for number in range(2)]
    assert backups(folder) == [old[1], *made]
    restore(old[1], tmp_path / "again", at=AT, by="ops")
    with Store.open(tmp_path / "again", mode="read") as again, Store.open(store, mode="read") as first:
        assert_frame_equal(rows(again), rows(first))


def test_two_backups_at_once_keep_out_of_each_others_way(tmp_path: Path, store: Path) -> None:
    """The second one is refused in words, and the first one's draft stays."""
    folder = tmp_path / "backups"
    copied = backup_manifest.digest_file

    def meanwhile(path: Path, *, name: str) -> backup_manifest.CopiedFile:
        with pytest.raises(UserError, match="another backup is being written"):
            back_up(store, folder, at=AT, kept=1)
        return copied(path, name=name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backup_manifest, "digest_file", meanwhile)
        place = back_up(store, folder, at=AT, kept=1).place
    assert backup_problem(place) is None
    assert [path.name for path in folder.iterdir()] == [place.name]


class FailingCall:
    """A system call that fails at its n-th call, and works otherwise."""

    def __init__(self, real: Callable[..., Any], number: int, error: int) -> None:
        self._real, self._left, self._error = real, number, error
        self.reached = False

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Do as the real one does, or fail."""
        self._left -= 1
        if self._left == -1:
            self.reached = True
            raise OSError(self._error, os.strerror(self._error), str(given[0]))
        return self._real(*given, **named)


@pytest.mark.scenario("flipped-bits")
@pytest.mark.parametrize(
    ("call", "error"),
    [("open", errno.EIO), ("fsync", errno.ENOSPC), ("rename", errno.EROFS), ("mkdir", errno.ENOSPC)],
)
def test_an_error_of_the_disk_at_any_point_leaves_older_backups(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch, call: str, error: int
) -> None:
    """No draft stays, the sentence is one for people, and the next backup works."""
    folder = tmp_path / "backups"
    good = back_up(store, folder, at=AT, kept=1).place
    told: list[str] = []
    for number in range(40):
        with monkeypatch.context() as patch:
            failing = FailingCall(getattr(os, call), number, error)
            patch.setattr(os, call, failing)
            try:
                back_up(store, folder, at=AT + DAY, kept=100)
            except UserError as problem:
                told.append(str(problem))
            if not failing.reached:
                break
        assert backups(folder)[0] == good
        assert not [path for path in folder.iterdir() if path.name.startswith(".draft")]
    assert told
    assert backup_problem(good) is None


def test_sign_ins_stay_where_they_are(tmp_path: Path, store: Path) -> None:
    """What somebody could read mail with is in no backup."""
    (store / "gmail-permission.json").write_text("token")
    place = back_up(store, tmp_path / "backups", at=AT, kept=1).place
    assert not list(place.rglob("*permission*"))


def test_a_store_is_never_written_over(tmp_path: Path, store: Path) -> None:
    """Restoring into a folder that holds anything is refused, and so is what is no backup or is damaged."""
    place = back_up(store, tmp_path / "backups", at=AT, kept=1).place
    with pytest.raises(UserError, match="not empty"):
        restore(place, store, at=AT, by="ops")
    with pytest.raises(UserError, match="no store"):
        restore(tmp_path, tmp_path / "new", at=AT, by="ops")
    (segment,) = (place / "segments").iterdir()
    segment.unlink()
    with pytest.raises(UserError, match="is missing"):
        restore(place, tmp_path / "new", at=AT, by="ops")
    assert not (tmp_path / "new").exists()
    assert not list(tmp_path.glob(".draft-*"))


def test_a_manifest_names_no_file_outside_of_its_backup(tmp_path: Path, store: Path) -> None:
    """One that somebody made up is refused like a damaged one."""
    place = back_up(store, tmp_path / "backups", at=AT, kept=1).place
    manifest = read_manifest(place)
    assert manifest is not None
    outside = [backup_manifest.CopiedFile(name=name, bytes=1, digest="") for name in ("../x", "/etc/x")]
    for file in outside:
        forged = backup_manifest.BackupManifest(sequence=1, made_at=AT, files=(file,))
        (place / MANIFEST).write_text(forged.to_text())
        with pytest.raises(UserError, match="damaged"):
            read_manifest(place)
