"""Files and folders that the program writes: for their owner alone, whatever the shell's umask is."""

import contextlib
import datetime as dt
import logging
import os
import stat
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailsignals.errors import UserError
from mailsignals.file_modes import close_to_others, open_to_others
from mailsignals.jobs.job import Context
from mailsignals.secret_files import SecretFile
from mailsignals.service import job_process
from mailsignals.usecases.job_list import job_list
from mailsignals.workspace import Workspace
from tests.mailsignals.cli.program import Program
from tests.mailsignals.small_company import DESK, add

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")

DATES = [dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC) for day in (2, 30)]


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """The umask that a shell has."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    """The permissions of a file or folder."""
    return stat.S_IMODE(path.lstat().st_mode)


def clock_at(at: dt.datetime) -> Callable[[], dt.datetime]:
    """A clock that stands still."""
    return lambda: at


def open_paths(folder: Path) -> dict[str, str]:
    """The files and folders at and below a folder that others have permissions on."""
    found = (path for path in folder.rglob("*") if not path.is_symlink() and mode(path) & 0o077)
    return {str(path.relative_to(folder)): oct(mode(path)) for path in found}


def written(folder: Path, given: frozenset[Path]) -> dict[Path, int]:
    """The permissions of everything in a folder but what was given."""
    return {path: mode(path) for path in folder.rglob("*") if path not in given}


def refuse(path: Path, mode: int) -> None:
    """Another user's file can't be changed."""
    raise PermissionError(1, f"not {mode:o}", str(path))


@pytest.mark.scenario("file-modes")
@pytest.mark.slow
def test_a_month_of_running_writes_nothing_that_others_can_read(run: Program, company: Path) -> None:
    """Every job and every command that writes, from the first import on: folders are 0700 and files 0600."""
    add(company, '[retention]\nmail_days = 9000\n\n[schedule]\ntrain = "monthly"\n\n[model]\nhold_back = 0.5')
    given = frozenset(company.rglob("*"))
    assert run("import", "inbox.mbox", "--mailbox", DESK).status == 0
    workspace = Workspace.load(company / "config.toml")
    for at in DATES:
        for job in job_list(workspace.settings):
            with contextlib.suppress(UserError):  # such as too few churned accounts to train on
                job.work(workspace, Context(due_at=at, now=clock_at(at), stop=threading.Event()))
    paths = written(company, given)
    for command in (
        ["risk", "--output", "risk.csv"],
        ["signals", "--output", "signals.parquet"],
        ["export", "touches", "--output", "touches.json"],
        ["digest", "--to", "pages"],
        ["flag", "record"],
        ["token", "create", "grafana", "--role", "lead"],
        ["backup", "copies"],
        ["prune"],
        ["forget", "kim@a03.test"],
        ["config", "example", "--output", "example.toml"],
    ):
        assert run(*command).status == 0
    (copy,) = (company / "copies").iterdir()
    (company / "store").rename(company / "before")
    assert run("restore", copy).status == 0
    paths |= written(company, given)
    names = {path.name for path in paths}
    assert {"touches.parquet", "accounts.parquet", "backup.json", "risk.csv", "hold-back"} <= names
    assert {str(path): oct(bits) for path, bits in paths.items() if bits & 0o077} == {}
    secrets = {path.name for path in paths if path.suffix == ".key" or path.name == "hold-back"}
    assert secrets <= {which.file_name for which in SecretFile}


@pytest.mark.scenario("file-modes")
def test_a_store_that_was_open_is_closed_when_it_is_opened(
    run: Program, stocked: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A store of an older version or of a careless copy; where that fails, the log says so once, and check says how."""
    for path in (stocked / "store", *(stocked / "store").rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert open_paths(stocked / "store")
    run("status")
    assert open_paths(stocked / "store") == {}
    (stocked / "store" / "catalogue.sqlite").chmod(0o644)
    monkeypatch.setattr(Path, "chmod", refuse)
    with caplog.at_level(logging.WARNING):
        told = run("check")
        run("status")
    assert "chmod go= store/catalogue.sqlite" in " ".join(told.err.split())
    assert [record.message for record in caplog.records].count("open_to_others") == 1


@pytest.mark.scenario("file-modes")
def test_a_job_of_the_service_starts_private(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it reads anything, whatever umask the service was given."""
    monkeypatch.setattr(os, "dup", lambda _: sys.exit())
    with pytest.raises(SystemExit):
        job_process.main()
    assert os.umask(0o022) == 0o077


@pytest.mark.scenario("file-modes")
def test_files_named_by_the_configuration_are_checked() -> None:
    """A secret that the group or everybody can read is named with the remedy, unless nobody else gets to it."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        file = folder / "key.json"
        file.write_text("{}")
        file.chmod(0o640)
        if os.getuid():
            assert open_to_others([("gmail.key_file", file)], group=True)
        assert open_to_others([("gmail.key_file", file)], group=False) == []
        file.chmod(0o644)
        (told,) = open_to_others([("gmail.key_file", file)], group=False)
        assert told == f"gmail.key_file: every user of this machine can read {file}. Run `chmod 600 {file}`."
        folder.chmod(0o700)
        assert open_to_others([("gmail.key_file", file)], group=True) == []


def test_links_are_not_followed(tmp_path: Path) -> None:
    """What a link in a store points to is somebody else's."""
    (tmp_path / "store").mkdir()
    other = tmp_path / "other"
    other.write_text("x")
    (tmp_path / "store" / "link").symlink_to(other)
    assert close_to_others(tmp_path / "store") == []
    assert mode(other) == 0o644
    assert mode(tmp_path / "store") == 0o700


@pytest.mark.scenario("file-modes")
def test_a_file_that_others_may_read_stays_so(run: Program, stocked: Path) -> None:
    """A result that is written again keeps the permissions that somebody gave it."""
    run("risk", "--output", "risk.csv")
    assert mode(stocked / "risk.csv") == 0o600
    (stocked / "risk.csv").chmod(0o644)
    run("risk", "--output", "risk.csv")
    assert mode(stocked / "risk.csv") == 0o644
