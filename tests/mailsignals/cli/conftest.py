"""Folders to run commands in."""

import datetime as dt
from pathlib import Path

import pytest

from mailsignals.cli.app import main
from tests.mailsignals import small_company
from tests.mailsignals.alert_company import Time, berlin
from tests.mailsignals.cli.program import Program, Ran
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


@pytest.fixture
def stocked(stocked: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a small company whose mail is imported."""
    monkeypatch.chdir(stocked)
    return stocked


@pytest.fixture
def flagged(flagged: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a small company that has a recorded day; its quiet customers are flagged."""
    monkeypatch.chdir(flagged)
    return flagged


@pytest.fixture
def trained(trained: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a simulated company that has a model in use."""
    monkeypatch.chdir(trained)
    return trained


@pytest.fixture
def it_is(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Sets the clock."""

    def now(text: str) -> None:
        monkeypatch.setattr("mailsignals.clock.now", lambda: berlin(text).astimezone(dt.UTC))

    return now


@pytest.fixture
def desk_mails(alert_desk: tuple[Path, MailServer], monkeypatch: pytest.MonkeyPatch) -> MailServer:
    """The mail server of the company in the current folder, whose customer A04 asks; see ``alert_desk``."""
    folder, server = alert_desk
    monkeypatch.chdir(folder)
    return server
