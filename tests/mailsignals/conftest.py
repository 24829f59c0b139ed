"""Companies that several rooms look at: each store is made once, and copied for whoever changes it."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailsignals import clock
from mailsignals.demo import simulate, write_company
from mailsignals.usecases.alerts import alerts_to_send
from mailsignals.usecases.import_files import import_files
from mailsignals.usecases.score import score
from mailsignals.usecases.train import train
from mailsignals.workspace import Workspace
from tests.mailsignals import alert_company, small_company
from tests.mailsignals.demo.conftest import UNTIL
from tests.support.copies import copy_company
from tests.support.shared import copy_of
from tests.support.smtp import MailServer


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small company with its mail imported, to be copied."""
    folder = tmp_path_factory.mktemp("small")
    small_company.write(folder)
    workspace = Workspace.load(folder / "config.toml")
    (imported,) = import_files(workspace, [folder / "inbox.mbox"], small_company.DESK, now=clock.now)
    assert imported.report is not None
    with workspace.at(clock.now()) as snapshot:
        assert snapshot.risk.height  # which keeps the derived tables too
    return folder


@pytest.fixture
def stocked(warehouse: Path, tmp_path: Path) -> Path:
    """The folder of a small company whose mail is imported."""
    folder = tmp_path / "stocked"
    copy_company(warehouse, folder)
    return folder


@pytest.fixture(scope="session")
def flagged_warehouse(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small company with a recorded day, to be copied; its quiet customers are flagged."""
    folder = tmp_path_factory.mktemp("flagged") / "company"
    copy_company(warehouse, folder)
    day = score(Workspace.load(folder / "config.toml"), small_company.MIDNIGHT.astimezone(dt.UTC))
    assert day.recorded.rows.height
    return folder


@pytest.fixture
def flagged(flagged_warehouse: Path, tmp_path: Path) -> Path:
    """The folder of a small company with a recorded day; its quiet customers are flagged."""
    folder = tmp_path / "flagged"
    copy_company(flagged_warehouse, folder)
    return folder


@pytest.fixture(scope="session")
def alerting_warehouse(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small company that ``alert_desk`` is a copy of."""
    folder = tmp_path_factory.mktemp("alerting") / "company"
    copy_company(warehouse, folder)
    with (folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write(alert_company.CONFIG)
    asked_at = alert_company.berlin("03 09:00")
    mail = small_company.a_mail("new", asked_at, alert_company.KIM, small_company.DESK)
    (folder / "new.mbox").write_bytes(mail)
    workspace = Workspace.load(folder / "config.toml")
    import_files(workspace, [folder / "new.mbox"], small_company.DESK, now=clock.now)
    assert alerts_to_send(workspace, alert_company.berlin("03 08:00").astimezone(dt.UTC)) == []
    return folder


@pytest.fixture
def alert_desk(alerting_warehouse: Path, tmp_path: Path) -> Iterator[tuple[Path, MailServer]]:
    """A company's folder, and the mail server that it sends by.

    Ana's customer A04 asks on Tuesday at 9, and has to be answered within 4 hours. Alerts were begun on Tuesday at 8.
    """
    folder = tmp_path / "alerting"
    copy_company(alerting_warehouse, folder)
    with MailServer().running() as server:
        small_company.configure(folder, alert_company.PORT, f"port = {server.port}")
        yield folder, server


@pytest.fixture(scope="session")
def trained_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated company with its mail, and a model trained on what was known at ``UNTIL``, to be copied."""
    return copy_of(tmp_path_factory, "trained", _make_trained)


def _make_trained(folder: Path) -> None:
    write_company(simulate(accounts=60, seed=4, until=UNTIL), folder)
    workspace = Workspace.load(folder / "config.toml")
    import_files(workspace, [folder / "messages.parquet"], "support@larkspur.example", now=clock.now)
    as_of = workspace.instant(f"{UNTIL:%Y-%m-%d}", now=UNTIL)
    assert train(workspace, as_of, now=clock.now(), whole=False).in_use


@pytest.fixture
def trained(trained_warehouse: Path, tmp_path: Path) -> Path:
    """The folder of a simulated company with a model in use."""
    folder = tmp_path / "trained"
    copy_company(trained_warehouse, folder)
    return folder
