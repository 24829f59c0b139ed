"""Derived tables that somebody reads: they stay until the reader has closed the store."""

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mailsignals.store import Store
from mailsignals.store.messages.folder_digests import fault_of_folder
from mailsignals.store.messages.lock import lock_shared
from mailsignals.store.upkeep import derived as module
from mailsignals.store.upkeep.derived import Directory, derived
from mailsignals.touches.build import Touches, TouchRules, build
from tests.mailsignals.store.deriver import ROUNDS
from tests.mailsignals.test_derived import (
    AT,
    DESK,
    HOUR,
    RULES,
    a_directory,
    a_message,
    derived_in,
    keep,
    rows,
    sets,
)

pytestmark = pytest.mark.subprocess

ROOT = Path(__file__).parents[2]
PROCESSES = 8


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with a question and its answer."""
    answer = a_message("2", sent_at=AT + HOUR, sender=DESK, to=("kim@a.test",), references=("1",))
    keep(tmp_path / "store", [a_message("1"), answer])
    return tmp_path / "store"


@pytest.fixture
def reader(folder: Path) -> Iterator[Store]:
    """Somebody who reads the store until the test ends, or closes it."""
    with Store.open(folder, mode="read") as store:
        yield store


def derive_others(folder: Path, number: int = 5) -> None:
    """Bring so many newer sets, each by rules of its own."""
    for merged in range(number):
        derived_in(folder, rules=dataclasses.replace(RULES, mail_merge_accounts=10 + merged))


def names(folder: Path) -> set[str]:
    """All that lies where derived tables are."""
    return {path.name for path in (folder / "derived").iterdir()}


@pytest.mark.slow
def test_eight_processes_derive_and_read_at_once(folder: Path) -> None:
    """While more account lists take turns than sets are kept, nobody loses a set that it is reading."""
    with ExitStack() as ended:
        processes = [
            ended.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.mailsignals.store.deriver", str(folder), str(seed)],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            for seed in range(PROCESSES)
        ]
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [(*process.communicate(), process.returncode) for process in processes]
    assert said == [(f"{ROUNDS}\n", "", 0)] * PROCESSES
    derive_others(folder)
    assert len(sets(folder)) == 3
    assert names(folder) - sets(folder).keys() == {f"{name}.lock" for name in sets(folder)}


def inodes(folder: Path) -> dict[str, int]:
    """The files of all sets, each by the number that another file would not have."""
    return {
        str(path.relative_to(folder)): path.stat().st_ino for path in (folder / "derived").glob("*/*.parquet")
    }


def test_a_whole_set_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds the set there after building it as well takes that one, and drops its own."""
    before: list[dict[str, int]] = []

    def slow_build(messages: pl.LazyFrame, directory: Directory, rules: TouchRules) -> Touches:
        """While this one builds, another process builds the same set and is quicker."""
        monkeypatch.setattr(module, "build", build)
        derived_in(folder)
        before.append(inodes(folder))
        return build(messages, directory, rules)

    monkeypatch.setattr(module, "build", slow_build)
    assert rows(derived_in(folder))["touches"].height == 2
    assert [inodes(folder)] == before
    assert len(names(folder)) == 2


def damage(folder: Path) -> Path:
    """Cut a file of the only set short."""
    (name,) = sets(folder)
    file = folder / "derived" / name / "touches.parquet"
    file.write_bytes(file.read_bytes()[:10])
    return file


def test_a_damaged_set_is_replaced(folder: Path) -> None:
    """A set that is not whole makes room for a whole one, and nothing of it is left."""
    whole = rows(derived_in(folder))
    before = names(folder)
    file = damage(folder)
    for name, frame in rows(derived_in(folder)).items():
        assert_frame_equal(frame, whole[name])
    assert file.stat().st_size > 10
    assert names(folder) == before


def test_a_damaged_set_that_somebody_reads_stays(folder: Path, reader: Store) -> None:
    """While a reader may still hold the set, who finds it damaged does without; later it is replaced."""
    derived(reader, a_directory(), RULES)
    file = damage(folder)
    assert rows(derived_in(folder))["touches"].height == 2
    assert file.stat().st_size == 10
    reader.close()
    derived_in(folder)
    assert file.stat().st_size > 10


def test_an_outdated_set_stays_until_its_reader_ends(folder: Path, reader: Store) -> None:
    """Newer sets push the older ones out, but not what an open store has handed out."""
    tables = derived(reader, a_directory(), RULES)
    (read,) = sets(folder)
    derive_others(folder)
    assert len(sets(folder)) == 4
    assert rows(tables)["touches"].height == 2
    reader.close()
    derive_others(folder, 6)
    assert read not in sets(folder)
    assert len(sets(folder)) == 3


def test_locks_go_with_their_sets(folder: Path) -> None:
    """There is one lock a set, and a lock that a dead program left without a set goes."""
    derived_in(folder)
    (folder / "derived" / "gone.lock").touch()
    derive_others(folder)
    assert names(folder) - sets(folder).keys() == {f"{name}.lock" for name in sets(folder)}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_who_cannot_write_reads_what_is_there(folder: Path) -> None:
    """A set in a folder that only others can write to is read, with its lock or without."""
    whole = rows(derived_in(folder))
    place = folder / "derived"
    for lock in place.glob("*.lock"):
        lock.unlink()
    place.chmod(0o500)
    try:
        found = rows(derived_in(folder))
    finally:
        place.chmod(0o700)
    assert_frame_equal(found["touches"], whole["touches"])


def no_lock(_: Path) -> None:
    """A lock that can't be had: its file can't be created on a full disk or without permission."""


@pytest.mark.scenario("two-derivations-at-once")
def test_who_has_no_lock_keeps_what_it_read(
    folder: Path, reader: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A set that another process removes while an unlocked reader has it is still whole for that reader."""
    derived_in(folder)
    with monkeypatch.context() as full_disk:
        full_disk.setattr(module, "lock_shared", no_lock)
        tables = derived(reader, a_directory(), RULES)
    (read,) = sets(folder)
    derive_others(folder)
    assert read not in sets(folder)
    assert rows(tables)["touches"].height == 2


@pytest.mark.scenario("two-derivations-at-once")
def test_a_set_that_vanishes_while_it_is_opened_is_built_again(
    folder: Path, reader: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was there when the reader looked, and is gone when it has the lock."""
    derived_in(folder)

    def late_lock(path: Path) -> None:
        shutil.rmtree(path.with_suffix(""))

    monkeypatch.setattr(module, "lock_shared", late_lock)
    monkeypatch.setattr(module, "_keep", lambda *_: None)
    assert rows(derived(reader, a_directory(), RULES))["touches"].height == 2


@pytest.mark.scenario("two-derivations-at-once")
def test_a_reader_of_a_restored_store_is_safe_from_its_first_writer(folder: Path, reader: Store) -> None:
    """A restored store has no lock files; a writer that wipes deleted data must notice the reader all the same."""
    reader.close()
    for path in folder.glob("*.lock"):
        path.unlink()
    with Store.open(folder, mode="read") as first:
        tables = derived(first, a_directory(), RULES)
        with Store.open(folder, mode="write") as writer:
            writer.retention.prune(mail=AT + HOUR, records=None, feedback=writer.feedback.frame(), at=AT)
        with Store.open(folder, mode="write"):  # would remove what nobody reads
            pass
        assert rows(tables)["touches"].height == 2


@pytest.mark.scenario("flipped-bits")
@pytest.mark.parametrize("name", ["touches", "links", "programs", "strangers", "people", "unsettled"])
def test_a_set_with_a_changed_bit_is_built_again(
    folder: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is never read as other touches; the log names the file."""
    whole = rows(derived_in(folder))
    (path,) = (folder / "derived").glob(f"*/{name}.parquet")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    for part, frame in rows(derived_in(folder)).items():
        assert_frame_equal(frame, whole[part])
    assert [(record.message, record.file) for record in caplog.records][:1] == [  # type: ignore[attr-defined]
        ("derived_set_damaged", f"{name}.parquet")
    ]
    assert fault_of_folder(path.parent, read=True) is None


def test_a_set_that_is_removed_before_it_is_locked_is_not_called_damaged(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is built again, as if it had not been there, and nothing is logged."""

    def removed_first(path: Path) -> object:
        shutil.rmtree(path.with_suffix(""), ignore_errors=True)
        return lock_shared(path)

    derive_others(folder)
    (found, *_) = sets(folder)
    with Store.open(folder, mode="read") as store:
        monkeypatch.setattr(module, "lock_shared", removed_first)
        assert module._open(store, folder / "derived" / found) is None
    assert [record for record in caplog.records if record.message == "derived_set_damaged"] == []
