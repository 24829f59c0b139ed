"""Another simulated company, smaller than that of the other pages."""

from collections.abc import Iterator

import pytest

from mailsignals import clock
from mailsignals.demo import simulate, write_company
from mailsignals.service.http import serve_app
from mailsignals.usecases.editions import prepare_edition
from mailsignals.usecases.import_files import import_files
from mailsignals.web.app import application
from mailsignals.workspace import Workspace
from tests.mailsignals.web.conftest import NOW, site_of


@pytest.fixture(scope="session")
def another(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Another simulated company, with an edition of the same instant."""
    folder = tmp_path_factory.mktemp("another") / "company"
    write_company(simulate(accounts=12, seed=11, until=NOW.replace(hour=0)), folder)
    workspace = Workspace.load(folder / "config.toml")
    desk = f"support@{workspace.settings.company.domains[0]}"
    import_files(workspace, [folder / "messages.parquet"], desk, now=clock.now)
    prepare_edition(workspace, NOW)
    return workspace


@pytest.fixture(scope="session")
def small_dashboard(another: Workspace) -> Iterator[str]:
    """Its dashboard, served on this machine."""
    with serve_app(application(site_of(another)), host="127.0.0.1", port=0) as port:
        yield f"http://127.0.0.1:{port}"
