"""The folder of a demo: only a demo's own files are ever removed."""

import os
import tomllib
from pathlib import Path

import pytest

from mailsignals.demo import Simulation, write_company
from mailsignals.demo.folder import dashboard_address, make_room, with_dashboard
from mailsignals.errors import UserError


def everything(folder: Path) -> dict[Path, bytes]:
    """The content of each file below a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_earlier_demo_is_replaced(company: Simulation, tmp_path: Path) -> None:
    """What it made goes; what somebody put beside it stays."""
    write_company(company, tmp_path)
    for name in ("store", "digests", "backtest", "notes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("text")
    assert make_room(tmp_path)
    assert not any((tmp_path / name).exists() for name in ("store", "digests", "backtest"))
    assert (tmp_path / "notes" / "file").read_text() == "text"


@pytest.mark.parametrize(
    "files",
    [
        {
            "config.toml": '[company]\nname = "Us"\n',
            "stories.csv": "account_id\n",
            "store/catalogue.sqlite": "mail",
        },
        {"config.toml": "# A simulated company: nobody in here exists.\n", "store/catalogue.sqlite": "mail"},
        {"stories.csv": "account_id\n", "digests/digest.html": "page"},
        {"letter.txt": "text"},
    ],
)
def test_anything_else_is_left_alone(files: dict[str, str], tmp_path: Path) -> None:
    """Real data with a store, even with a file named like one of a demo's, is no demo."""
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    before = everything(tmp_path)
    with pytest.raises(UserError, match=r"not a demo.*--folder"):
        make_room(tmp_path)
    assert everything(tmp_path) == before


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """It is named, and stays."""
    (tmp_path / "file").write_text("text")
    with pytest.raises(UserError, match=r"file: not a demo.*--folder"):
        make_room(tmp_path / "file")


def test_new_and_empty_folders_are_used(tmp_path: Path) -> None:
    """Nothing was replaced there."""
    assert not make_room(tmp_path / "new")
    assert not make_room(tmp_path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="for root every folder can be read")
def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """The error says why, and what to do."""
    tmp_path.chmod(0)
    try:
        with pytest.raises(UserError, match=r"Permission denied.*--folder"):
            make_room(tmp_path)
    finally:
        tmp_path.chmod(0o700)


def test_links_lead_to_the_dashboard(company: Simulation) -> None:
    """The configuration names the port of the dashboard, and the address that digests link to."""
    document = tomllib.loads(with_dashboard(company.config, 8400))
    assert document["service"]["port"] == 8400
    assert document["dashboard"]["url"] == dashboard_address(8400) == "http://127.0.0.1:8400"
