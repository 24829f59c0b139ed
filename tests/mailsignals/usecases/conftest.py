"""The small company, to do something with."""

import shutil
from pathlib import Path

import pytest

from mailsignals import clock
from mailsignals.usecases.import_files import import_files
from mailsignals.workspace import Workspace
from tests.mailsignals.cli import small_company


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small company with its mail imported, to be copied."""
    folder = tmp_path_factory.mktemp("small")
    small_company.write(folder)
    workspace = Workspace.load(folder / "config.toml")
    (report,) = import_files(workspace, [folder / "inbox.mbox"], small_company.DESK, now=clock.now)
    assert report.report is not None
    return folder


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """The folder of a small company whose mail is not imported yet."""
    small_company.write(tmp_path)
    return tmp_path


@pytest.fixture
def stocked(warehouse: Path, tmp_path: Path) -> Path:
    """The folder of a small company whose mail is imported."""
    folder = tmp_path / "stocked"
    shutil.copytree(warehouse, folder)
    return folder
