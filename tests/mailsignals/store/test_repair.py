"""Repair: what is damaged goes, what was removed stays removed, and its mailboxes are read again."""

import contextlib
import datetime as dt
import sqlite3
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from mailsignals.secret_files import SecretFile
from mailsignals.store import Store
from mailsignals.store.messages.catalogue import FILE, Catalogue
from mailsignals.store.tables.open_tables import open_tables
from mailsignals.store.upkeep.repair import repair_store
from mailsignals.store.upkeep.salvage import LostCatalogueError
from mailsignals.store.upkeep.verification import DamageKind, verify_store
from tests.mailsignals.store.pages import AT, INBOX, MAILBOX, Source, a_message, a_page, keep, rows
from tests.mailsignals.store.test_removed import a_change, held

pytestmark = pytest.mark.scenario("flipped-bits")

BO = Source(mailbox="bo@example.com")
FIRST = a_change(("1", "old"), ("2", "b"), ("3", "c"))
SECOND = a_change(("1", "new"), ("4", "d"), removed=("2",), cursor="2")
OTHER = a_page(a_message("9", mailbox=BO.mailbox))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with a segment of two mailboxes, and a page that rewrites and removes messages of one."""
    folder = tmp_path / "store"
    with Store.open(folder, mode="write") as store:
        store.commit(INBOX, FIRST, at=AT)
        store.commit(BO, OTHER, at=AT)
        store.compact()
    with Store.open(folder, mode="write") as store:
        store.commit(INBOX, SECOND, at=AT)
    return folder


def fold(folder: Path) -> None:
    """Write the newest page as a segment beside the older one."""
    from mailsignals.store.messages import compaction  # noqa: PLC0415  # for this alone

    with contextlib.closing(Catalogue.for_writing(folder)) as catalogue:
        compaction.fold(folder, catalogue)


def flip(path: Path, at: int | None = None) -> None:
    """Change one bit of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if at is None else at] ^= 4
    path.write_bytes(content)


def subjects(folder: Path) -> dict[str, str]:
    """The subject of every stored message."""
    with Store.open(folder, mode="read") as store:
        return held(store)


def read_again(folder: Path) -> None:
    """Sync: the mailboxes whose cursors are gone send everything they have."""
    with Store.open(folder, mode="write") as store:
        if store.cursor(INBOX.provider, INBOX.mailbox, INBOX.source) is None:
            store.commit(INBOX, a_change(("1", "new"), ("3", "c"), ("4", "d"), cursor="2"), at=AT)
        if store.cursor(BO.provider, BO.mailbox, BO.source) is None:
            store.commit(BO, OTHER, at=AT)


@pytest.mark.parametrize("damaged", [0, 1], ids=["older segment", "newer segment"])
@pytest.mark.parametrize("how", ["flip", "removed", "zeros", "folder"])
def test_a_damaged_segment_is_dropped_and_read_again(folder: Path, damaged: int, how: str) -> None:
    """Its file is moved aside; no older version and no removed message comes back; reading again brings the rest."""
    fold(folder)
    before = subjects(folder)
    path = sorted((folder / "segments").glob("*.parquet"))[damaged]
    match how:
        case "flip":
            flip(path)
        case "zeros":
            path.write_bytes(bytes(path.stat().st_size))
        case _:
            path.unlink()
    if how == "folder":
        path.mkdir()
    done = repair_store(folder, at=AT)
    assert [damage.path for damage in done.damages] == [path]
    assert done.emails[INBOX.provider, MAILBOX] == (2 if damaged else 3)
    assert ((BO.provider, BO.mailbox) in done.emails) is (damaged == 0)
    assert (done.aside is not None and (done.aside / path.name).exists()) is (how != "removed")
    assert subjects(folder).items() <= before.items()
    assert verify_store(folder, read_data=True).sound
    read_again(folder)
    assert subjects(folder) == before
    with Store.open(folder, mode="write") as store:
        store.compact()
    assert subjects(folder) == before


def test_a_mailbox_without_damage_is_not_read_again(folder: Path) -> None:
    """Only the mailboxes with mail in the damaged file start again."""
    fold(folder)
    flip(sorted((folder / "segments").glob("*.parquet"))[1])
    assert repair_store(folder, at=AT).read_again == [(INBOX.provider, MAILBOX, INBOX.source)]


def test_a_damaged_page_is_dropped_and_read_again(folder: Path) -> None:
    """A changed bit among the newest emails in the catalogue is never read as other mail."""
    before = subjects(folder)
    with contextlib.closing(sqlite3.connect(folder / FILE, isolation_level=None)) as sql:
        (blob,) = sql.execute("SELECT messages FROM page").fetchone()
        changed = bytearray(blob)
        changed[len(blob) // 2] ^= 1
        sql.execute("UPDATE page SET messages = ?", (bytes(changed),))
    (damage,) = verify_store(folder, read_data=False).damages
    assert damage.kind is DamageKind.PAGE
    done = repair_store(folder, at=AT)
    assert done.read_again == [(INBOX.provider, MAILBOX, INBOX.source)]
    assert subjects(folder) == {"3": "c", "9": "hello"}
    read_again(folder)
    assert subjects(folder) == before


def test_a_damaged_table_keeps_every_row_that_can_be_read(folder: Path) -> None:
    """Messages stay; the table is named, and all others are proven to be whole."""
    before = subjects(folder)
    with open_tables(folder) as catalogue, catalogue.transaction(durable=True):
        catalogue.sql.execute("INSERT INTO hushed VALUES (1), (2)")
    with contextlib.closing(sqlite3.connect(folder / FILE, isolation_level=None)) as sql:
        sql.execute("UPDATE hushed SET mark = 7 WHERE mark = 2")
    done = repair_store(folder, at=AT)
    assert (done.tables, done.read_again, done.emails) == (["hushed"], [], {})
    assert subjects(folder) == before
    assert verify_store(folder, read_data=True).sound


@pytest.mark.parametrize("table", ["segment", "source", "state", "page"])
def test_damage_of_the_record_of_mail_reads_all_mailboxes_again(folder: Path, table: str) -> None:
    """Cursors, lists of keys and versions are in doubt then; no message comes twice, and none stays away."""
    fold(folder)
    with Store.open(folder, mode="write") as store:
        store.commit(INBOX, a_change(("3", "c2"), cursor="3"), at=AT)
    change = {
        "segment": "UPDATE segment SET rewritten = x'0102030405060708' WHERE segment = 2",
        "source": "UPDATE source SET cursor = '7'",
        "state": "UPDATE state SET rules = 5",
        "page": "UPDATE page SET rewritten = x''",
    }[table]
    with contextlib.closing(sqlite3.connect(folder / FILE, isolation_level=None)) as sql:
        sql.execute(change)
    done = repair_store(folder, at=AT)
    assert done.tables == [table]
    assert verify_store(folder, read_data=True).sound
    with Store.open(folder, mode="write") as store:
        if table != "state":
            assert store.cursor(INBOX.provider, INBOX.mailbox, INBOX.source) is None
        assert len(rows(store)) == len(set(rows(store)["provider_id"]))
        store.commit(INBOX, a_change(("1", "new"), ("3", "c2"), ("4", "d"), cursor="3"), at=AT)
        found = held(store)
    assert {name: found[name] for name in "1349"} == {"1": "new", "3": "c2", "4": "d", "9": "hello"}


def test_a_catalogue_that_is_cut_gives_what_is_left(folder: Path) -> None:
    """Its rows from both ends of each table; the segments that it still names stay."""
    with open_tables(folder) as catalogue, catalogue.transaction(durable=True):
        catalogue.sql.executemany("INSERT INTO hushed VALUES (?)", [(number,) for number in range(30_000)])
    path = folder / FILE
    size = path.stat().st_size
    content = bytearray(path.read_bytes())
    content[-(size // 4) :] = bytes(size // 4)
    path.write_bytes(content)
    assert not verify_store(folder, read_data=False).sound
    done = repair_store(folder, at=AT)
    assert "hushed" in done.tables
    with open_tables(folder) as catalogue:
        (left,) = catalogue.sql.execute("SELECT count(*) FROM hushed").fetchone()
    assert 0 < left < 30_000
    assert verify_store(folder, read_data=True).sound


@pytest.mark.parametrize("content", [b"", b"x" * 40_000, None])
def test_a_catalogue_without_anything_to_read_is_left_alone(folder: Path, content: bytes | None) -> None:
    """Only a backup helps then; nothing of the store is moved."""
    path = folder / FILE
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    before = {each.relative_to(folder) for each in folder.rglob("*")}
    with pytest.raises(LostCatalogueError, match=FILE):
        repair_store(folder, at=AT)
    assert {each.relative_to(folder) for each in folder.rglob("*")} == before


def test_a_changed_key_is_named_and_left_for_a_backup(folder: Path) -> None:
    """No program can know what it was."""
    with Store.open(folder, mode="write") as store:
        store.secret(SecretFile.SUBJECTS)
    keep(folder)
    flip(folder / SecretFile.SUBJECTS.file_name)
    done = repair_store(folder, at=AT)
    assert [damage.path.name for damage in done.left] == [SecretFile.SUBJECTS.file_name]
    assert "backup" in done.left[0].remedy


def test_a_sound_store_is_not_touched(folder: Path) -> None:
    """Nothing is moved, and no cursor is lost."""
    with Store.open(folder, mode="read") as store:
        before = rows(store)
    done = repair_store(folder, at=AT + dt.timedelta(days=1))
    assert (done.damages, done.aside, done.read_again) == ((), None, ())
    with Store.open(folder, mode="read") as store:
        assert_frame_equal(rows(store), before)
