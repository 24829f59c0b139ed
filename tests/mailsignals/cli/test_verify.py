"""A damaged store at the command line: every file of it, one at a time, is named with a remedy, or not needed."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mailsignals.secret_files import SecretFile, secret
from mailsignals.store import Store
from tests.mailsignals import small_company
from tests.mailsignals.cli.program import Program, messages
from tests.support.copies import copy_company

AS_OF = ("--as-of", small_company.AS_OF)
READING = [("risk", *AS_OF), ("backup", "copies"), ("flag",), ("run", "--once", "score"), ("status",)]
IMPORT = ("import", "inbox.mbox", "--mailbox", small_company.DESK)


def flip(path: Path) -> None:
    """Change one bit in the middle."""
    content = bytearray(path.read_bytes())
    if content:
        content[len(content) // 2] ^= 16
    path.write_bytes(content)


def make_folder(path: Path) -> None:
    """Put a folder in the place of a file."""
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "flipped": flip,
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"x"),
    "empty": lambda path: path.write_bytes(b""),
    "removed": lambda path: path.unlink(),
    "folder": make_folder,
}


@pytest.fixture(scope="session")
def folded_warehouse(flagged_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small company with one segment, a recorded day, keys and derived tables."""
    folder = tmp_path_factory.mktemp("folded") / "company"
    copy_company(flagged_warehouse, folder)
    store = folder / "store"
    for _ in range(2):  # the second writer removes what the first replaced
        with Store.open(store, mode="write") as opened:
            opened.compact()
            opened.models._write([])
    secret(store, SecretFile.SUBJECTS)
    return folder


@pytest.fixture
def folded(folded_warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with that company."""
    copy_company(folded_warehouse, tmp_path / "folded")
    monkeypatch.chdir(tmp_path / "folded")
    return tmp_path / "folded"


@pytest.mark.slow
@pytest.mark.scenario("disk-errors-in-words")
@pytest.mark.parametrize("damage", DAMAGES)
def test_each_command_names_a_damaged_file_or_does_without(run: Program, folded: Path, damage: str) -> None:
    """One line with the file and a command that helps; computed files and locks are made anew.

    The commands take turns, because the store is opened in the same way for all of them.
    """
    whole = folded / "whole"
    (folded / "store").rename(whole)
    for number, path in enumerate(_files(whole), start=len(damage)):
        shutil.rmtree(folded / "store", ignore_errors=True)
        copy_company(whole, folded / "store")
        DAMAGES[damage](folded / "store" / path)
        ran = run(*READING[number % len(READING)])
        if ran.status:
            ran.refused(path.name)
            assert "`mailsignals " in ran.err or "from a backup" in ran.err, ran.err
        if path.parts[0] == "segments" or (
            path.name == "catalogue.sqlite" and damage not in ("flipped", "longer")
        ):
            assert ran.status == 2


def _files(store: Path) -> list[Path]:
    """One file of each kind in a store."""
    found: dict[tuple[str, str], Path] = {}
    for path in sorted(store.rglob("*")):
        place = path.relative_to(store)
        if path.is_file():
            found.setdefault((place.parts[0] if len(place.parts) > 1 else "", path.suffix), place)
    return list(found.values())


@pytest.mark.slow
@pytest.mark.scenario("flipped-bits")
def test_a_damaged_store_is_verified_repaired_and_imported_again(run: Program, folded: Path) -> None:
    """The statuses are 3, 0 and 0; repair names the file to import, and its mail is back after that."""
    before = messages()
    assert run("verify").status == 0
    (segment,) = (folded / "store" / "segments").glob("*.parquet")
    flip(segment)
    found = run("verify", "--json")
    assert (found.status, found.json["verified"][0]["damages"]) == (3, 1)
    assert found.json["damages"][0]["file"].endswith(segment.name)
    run("risk", *AS_OF).refused(segment.name, "mailsignals repair")
    run("run", "--once", "verify").refused(segment.name)
    repaired = run("repair")
    assert (repaired.status, "import the files again" in repaired.out) == (0, True)
    assert "inbox.mbox again" in repaired.err
    assert messages().is_empty()
    assert run(*IMPORT).status == 0
    assert messages().equals(before)
    assert run("run", "--once", "verify").err.startswith("verify: ")
    assert run("verify", "--read-data").status == 0


@pytest.mark.slow
@pytest.mark.scenario("disk-errors-in-words")
def test_a_lost_catalogue_leads_to_the_newest_sound_backup(run: Program, folded: Path) -> None:
    """A damaged backup is passed over; without a sound one, the way is to read everything again."""
    assert run("backup", "backups").status == 0
    (good,) = (folded / "backups").glob("2*")
    copy_company(good, folded / "backups" / "2999-01-01T000000Z")
    flip(next((folded / "backups" / "2999-01-01T000000Z").rglob("*.parquet")))
    (folded / "store" / "catalogue.sqlite").write_bytes(b"nothing")
    run("repair").refused("catalogue.sqlite", f"mailsignals restore backups/{good.name}")
    flip(next(good.rglob("*.parquet")))
    run("repair").refused("catalogue.sqlite", "No sound backup", "mailsignals import")
