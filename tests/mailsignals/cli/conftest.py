"""Folders to run commands in."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailsignals.cli.app import main
from tests.mailsignals.cli import small_company
from tests.mailsignals.cli.alert_company import CONFIG, KIM, SEND, Time, berlin
from tests.mailsignals.cli.program import Program, Ran
from tests.mailsignals.cli.small_company import DESK, a_mail
from tests.support.copies import copy_company
from tests.support.smtp import MailServer


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
    copy_company(warehouse, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def it_is(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Sets the clock."""

    def now(text: str) -> None:
        monkeypatch.setattr("mailsignals.clock.now", lambda: berlin(text).astimezone(dt.UTC))

    return now


@pytest.fixture
def desk_mails(stocked: Path, run: Program, it_is: Time) -> Iterator[MailServer]:
    """A mail server; Ana's customer A04 asks on Tuesday at 9, and has to be answered within 4 hours.

    Alerts were begun on Tuesday at 8.
    """
    (stocked / "new.mbox").write_bytes(a_mail("new", berlin("03 09:00"), KIM, DESK))
    assert run("import", "new.mbox", "--mailbox", DESK, "--quiet").status == 0
    with MailServer().running() as server:
        with (stocked / "config.toml").open("a", encoding="utf-8") as file:
            file.write(CONFIG.format(port=server.port))
        it_is("03 08:00")
        assert run(*SEND).status == 0
        assert server.taken == []
        yield server
