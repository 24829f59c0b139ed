"""Folders to run commands in."""

import shutil
from pathlib import Path

import pytest

from mailsignals.cli.app import main
from tests.mailsignals.cli import small_company
from tests.mailsignals.cli.program import Program, Ran


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Program:
    """Runs a command in this process."""

    def ran(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return ran


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the files of a small company whose mail is not imported yet."""
    small_company.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small company with its mail imported, to be copied."""
    folder = tmp_path_factory.mktemp("small")
    small_company.write(folder)
    config, inbox = str(folder / "config.toml"), str(folder / "inbox.mbox")
    assert main(["import", inbox, "--mailbox", small_company.DESK, "--config", config]) == 0
    assert main(["risk", "--quiet", "--config", config]) == 0  # which keeps the derived tables too
    return folder


@pytest.fixture
def stocked(warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a small company whose mail is imported."""
    folder = tmp_path / "stocked"
    shutil.copytree(warehouse, folder)
    monkeypatch.chdir(folder)
    return folder
