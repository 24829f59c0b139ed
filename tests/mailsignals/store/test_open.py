import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from mailsignals.errors import UserError
from mailsignals.store import Store
from mailsignals.store.messages import migrations
from mailsignals.store.tables.deliveries import DELIVERIES_SCHEMA
from mailsignals.store.tables.ledger import Ledger
from tests.mailsignals.store.pages import AT, INBOX, a_message, a_page, an_older_store, keep, rows

ROOT = Path(__file__).parents[3]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a store by its name; the locks hold no data."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


def test_a_store_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    """Reading says what to run first, and creates nothing."""
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(UserError, match="mailsignals import"):
            Store.open(folder, mode="read")
    assert not list(tmp_path.iterdir())


def test_a_store_half_created_can_be_created(tmp_path: Path) -> None:
    """A kill before the first table leaves an empty catalogue: nothing to read, and something to write to."""
    (tmp_path / "catalogue.sqlite").touch()
    (tmp_path / "writer.lock").touch()
    with pytest.raises(UserError, match="mailsignals import"):
        Store.open(tmp_path, mode="read")
    keep(tmp_path, a_page(a_message("1")))


@pytest.mark.parametrize("mode", ["read", "write"])
@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("catalogue.sqlite", b"no SQLite " * 100, "not an SQLite file"),
        ("notes.txt", b"mine", "no store here|contains other files"),
    ],
)
def test_a_folder_that_is_no_store_is_refused(
    tmp_path: Path, mode: str, name: str, content: bytes, match: str
) -> None:
    """A folder with something else in it is left as it is."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=match):
        Store.open(tmp_path, mode=mode)  # type: ignore[arg-type]  # parametrised
    assert contents(tmp_path) == {name: content}


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """Where store.path is a file, the message names it."""
    (tmp_path / "store").touch()
    with pytest.raises(UserError, match="store: "):
        Store.open(tmp_path / "store", mode="write")


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    """A SQLite file that we did not make is no store."""
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as other:
        other.execute("CREATE TABLE letters (id)")
    other.close()
    before = contents(tmp_path)
    for mode in ("read", "write"):
        with pytest.raises(UserError, match="another program"):
            Store.open(tmp_path, mode=mode)
    assert contents(tmp_path) == before


def test_a_newer_store_is_left_as_it_is(tmp_path: Path) -> None:
    """A store of a newer version is refused in both modes, byte for byte unchanged."""
    keep(tmp_path, a_page(a_message("1")))
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as catalogue:
        catalogue.execute(f"PRAGMA user_version = {len(migrations.STEPS) + 1}")
    catalogue.close()
    before = contents(tmp_path)
    for mode in ("read", "write"):
        with pytest.raises(UserError, match="newer mailsignals"):
            Store.open(tmp_path, mode=mode)
    assert contents(tmp_path) == before


def test_an_older_store_is_migrated_by_a_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer takes the steps that are missing, all of them or none; a reader says that it has to be done."""

    def add_a_note(catalogue: sqlite3.Connection) -> None:
        catalogue.execute("CREATE TABLE note (text TEXT)")

    keep(tmp_path, a_page(a_message("1")))
    steps = migrations.STEPS
    monkeypatch.setattr(migrations, "STEPS", (*steps, add_a_note))
    with pytest.raises(UserError, match="older mailsignals"):
        Store.open(tmp_path, mode="read")

    monkeypatch.setattr(migrations, "STEPS", (*steps, add_a_note, add_a_note))
    with pytest.raises(sqlite3.OperationalError, match="note already exists"):
        Store.open(tmp_path, mode="write")

    monkeypatch.setattr(migrations, "STEPS", (*steps, add_a_note))
    keep(tmp_path, a_page(a_message("2")))
    with Store.open(tmp_path, mode="read") as store:
        assert rows(store)["provider_id"].to_list() == ["1", "2"]


def test_a_lost_segment_is_named(tmp_path: Path) -> None:
    """A file that is missing or truncated is an error at once, not half an answer later."""
    keep(tmp_path, a_page(a_message("1")))
    with Store.open(tmp_path, mode="write") as store:
        store.compact()
    (segment,) = (tmp_path / "segments").iterdir()
    segment.write_bytes(segment.read_bytes()[:-1])
    for mode in ("read", "write"):
        with pytest.raises(UserError, match=segment.name):
            Store.open(tmp_path, mode=mode)


def test_a_second_writer_is_told_who_holds_the_store(tmp_path: Path) -> None:
    """The message names process, machine, command and time; readers come in all the same."""
    with Store.open(tmp_path, mode="write") as store:
        store.commit(INBOX, a_page(a_message("1")), at=AT)
        with pytest.raises(UserError, match=rf"process {os.getpid()} on .+: .+, since \d{{4}}-\d\d-\d\d"):
            Store.open(tmp_path, mode="write")
        with Store.open(tmp_path, mode="read") as reader:
            assert rows(reader).height == 1
    keep(tmp_path, a_page(a_message("2")))


READ = """
import sys
from pathlib import Path
from mailsignals.errors import UserError
from mailsignals.store import Store
try:
    with Store.open(Path(sys.argv[1]), mode=sys.argv[2]) as store:
        print(store.messages().collect().height)
except UserError as error:
    print(error)
"""


def without_rights(folder: Path, mode: str) -> str:
    """What a process prints that may only read the folder."""
    if sys.platform == "win32":
        pytest.skip("permission bits of folders mean nothing on Windows")
    command = [sys.executable, "-c", READ, str(folder), mode]
    if os.getuid() == 0:
        # Permission bits do not stop root, unless it gives its privileges away.
        if not shutil.which("setpriv"):
            pytest.skip("running as root, and there is no setpriv to give its privileges away")
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    paths = (folder, *folder.rglob("*"))
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    for path in paths:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.subprocess
def test_a_folder_that_may_only_be_read_can_be_read(tmp_path: Path) -> None:
    """Reading needs no permission to write, whether some messages are still in pages or all in segments."""
    keep(tmp_path, a_page(a_message("1")))
    assert without_rights(tmp_path, "read") == "1"
    with Store.open(tmp_path, mode="write") as store:
        store.compact()
    assert without_rights(tmp_path, "read") == "1"


@pytest.mark.subprocess
def test_a_folder_that_may_only_be_read_is_not_written(tmp_path: Path) -> None:
    """Writing says whose permission is missing, and leaves the store as it was."""
    keep(tmp_path, a_page(a_message("1")))
    before = contents(tmp_path)
    assert "no permission" in without_rights(tmp_path, "write")
    assert contents(tmp_path) == before


@pytest.mark.subprocess
def test_a_reader_without_rights_reads_beside_a_writer(tmp_path: Path) -> None:
    """While a writer is at work, its log is read too."""
    with Store.open(tmp_path, mode="write") as store:
        store.commit(INBOX, a_page(a_message("1")), at=AT)
        assert without_rights(tmp_path, "read") == "1"


def test_a_store_without_deliveries_gets_the_table(tmp_path: Path) -> None:
    """Nobody can send from it before somebody has opened it for writing."""
    an_older_store(tmp_path / "store", migrations.m005_deliveries)
    with pytest.raises(UserError, match="older mailsignals"), Ledger.open(tmp_path / "store", at=AT):
        pass
    Store.open(tmp_path / "store", mode="write").close()
    with Ledger.open(tmp_path / "store", at=AT), Store.open(tmp_path / "store", mode="read") as store:
        assert store.deliveries().schema == DELIVERIES_SCHEMA


def test_nobody_sends_from_a_store_that_is_not_there(tmp_path: Path) -> None:
    """And none is made."""
    with pytest.raises(UserError, match="no store here"), Ledger.open(tmp_path / "store", at=AT):
        pass
    assert not (tmp_path / "store").exists()
