"""A store that cannot be used, or not by us: a sentence, exit status 2, and nothing is lost."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from mailsignals.errors import UserError
from mailsignals.store import Store
from tests.mailsignals import small_company
from tests.mailsignals.cli.program import Program, messages

DESK = small_company.DESK
IMPORT = ("import", "inbox.mbox", "--mailbox", DESK)


@contextlib.contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file may grow beyond this many bytes, which is how a full disk or a quota looks from within."""
    resource = pytest.importorskip("resource", reason="no limits on the size of files")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[list[str]]:
    """A folder in which nothing may be written; yields what a command must begin with so that this holds for root."""
    if sys.platform == "win32":
        pytest.skip("permission bits of folders mean nothing on Windows")
    if os.getuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("running as root, and there is no setpriv to give its privileges away")
    paths = (folder, *folder.rglob("*"))
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.getuid() == 0 else []
    finally:
        for path in paths:
            path.chmod(0o755 if path.is_dir() else 0o644)


def script(*arguments: str, under: list[str]) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own."""
    command = [*under, sys.executable, "-c", "from mailsignals.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def stored() -> int:
    """How many messages the store in the current folder holds, if there is one by now."""
    try:
        return messages().height
    except UserError:
        return 0


def more_mail(folder: Path) -> None:
    """One more mail at the end of the mbox."""
    with (folder / "inbox.mbox").open("ab") as file:
        file.write(small_company.a_mail("late", small_company.MIDNIGHT, "kim@a01.test", DESK))


@pytest.mark.parametrize("command", [("risk",), ("status",), IMPORT])
def test_a_store_of_a_newer_version_is_left_alone(
    run: Program, stocked: Path, command: tuple[str, ...]
) -> None:
    """The message says which version wrote it and to install that one."""
    with contextlib.closing(sqlite3.connect(stocked / "store" / "catalogue.sqlite")) as catalogue:
        (known,) = catalogue.execute("PRAGMA user_version").fetchone()
        catalogue.execute("PRAGMA user_version = 99")
    run(*command).refused("store", "version 99", "newer mailsignals", "is unchanged")
    with contextlib.closing(sqlite3.connect(stocked / "store" / "catalogue.sqlite")) as catalogue:
        catalogue.execute(f"PRAGMA user_version = {known}")
    assert run("status").status == 0


def test_a_store_that_is_no_store_is_refused(run: Program, company: Path) -> None:
    """A folder with something else in it is not written to."""
    (company / "store").mkdir()
    (company / "store" / "diary.txt").write_text("Dear diary")
    run(*IMPORT).refused("store", "diary.txt", "store.path")
    assert [path.name for path in (company / "store").iterdir()] == ["diary.txt"]


def test_a_full_disk_stops_an_import_and_loses_nothing(run: Program, stocked: Path) -> None:
    """The store is as it was, and the import goes on once there is space."""
    before = messages()
    more_mail(stocked)
    with files_up_to(2_000):
        run(*IMPORT).refused("store", "full")
    assert_frame_equal(messages(), before)
    assert "inbox.mbox: 1 new" in run(*IMPORT).err


@pytest.mark.parametrize("name", ["turns.csv", "turns.json", "turns.parquet"])
def test_a_full_disk_leaves_the_output_that_was_there(run: Program, stocked: Path, name: str) -> None:
    """A file that cannot be written whole is not written at all, and no draft of it remains."""
    (stocked / name).write_text("earlier")
    with Store.open(stocked / "store", mode="read"), files_up_to(1_000):
        run("export", "turns", "--output", name).refused(name, "can't be written", "space")
    assert (stocked / name).read_text() == "earlier"
    assert not list(stocked.glob(".*"))


@pytest.mark.slow
def test_a_full_disk_does_not_keep_an_answer_back(run: Program, stocked: Path) -> None:
    """Tables that cannot be kept for the next time are computed, and the answer is the same."""
    expected = run("risk", "--json", "--as-of", small_company.AS_OF).json
    shutil.rmtree(stocked / "store" / "derived")
    with Store.open(stocked / "store", mode="read"), files_up_to(1_000):
        ran = run("risk", "--json", "--as-of", small_company.AS_OF)
    assert (ran.status, ran.json) == (0, expected)
    assert not list((stocked / "store" / "derived").iterdir())


@pytest.mark.slow
@pytest.mark.subprocess
def test_a_read_only_folder_can_be_asked_but_not_imported_into(run: Program, stocked: Path) -> None:
    """Figures need no permission to write; an import says that it has none, and changes nothing."""
    expected = run("risk", "--json", "--as-of", small_company.AS_OF).json
    shutil.rmtree(stocked / "store" / "derived")
    before = messages()
    with read_only(stocked) as under:
        asked = script("risk", "--json", "--as-of", small_company.AS_OF, "--output", "-", under=under)
        imported = script(*IMPORT, under=under)
    assert (asked.returncode, asked.stderr) == (0, "")
    assert run("risk", "--json", "--as-of", small_company.AS_OF).json == expected
    assert imported.returncode == 2
    assert len(imported.stderr.splitlines()) == 1
    assert "store" in imported.stderr
    assert "permission" in imported.stderr
    assert_frame_equal(messages(), before)


@pytest.mark.slow
def test_a_second_writer_is_told_who_writes(run: Program, stocked: Path) -> None:
    """An import while another runs says which process it is; reading goes on."""
    with Store.open(stocked / "store", mode="write"):
        run(*IMPORT).refused("another program is writing", str(os.getpid()), "Wait")
        assert run("risk").status == 0
    assert run(*IMPORT).status == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for another process")
@pytest.mark.subprocess
def test_an_interrupted_import_says_so_and_goes_on_the_next_time(run: Program, company: Path) -> None:
    """Ctrl-C ends with one sentence and status 130; the same command again brings the rest, each mail once."""
    mails = [
        small_company.a_mail(f"m{number}", small_company.MIDNIGHT, "kim@a01.test", DESK)
        for number in range(20_000)
    ]
    (company / "inbox.mbox").write_bytes(b"".join(mails))
    command = [sys.executable, "-c", "from mailsignals.cli import main; main()", *IMPORT]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as importing:
        while importing.poll() is None and not stored():
            time.sleep(0.05)
        importing.send_signal(signal.SIGINT)
        _, told = importing.communicate()
    assert importing.returncode == 130, told
    assert told == "Interrupted. Emails stored so far are kept; run the same command again to continue.\n"
    before = stored()
    assert 0 < before < len(mails)
    assert f"{len(mails) - before:,} new." in run(*IMPORT).err
    assert messages()["message_id"].n_unique() == len(mails)
