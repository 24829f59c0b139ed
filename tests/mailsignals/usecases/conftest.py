"""The small company, to do something with."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from mailsignals.notifications.digest.digest import Digest
from mailsignals.usecases.digests import chosen_pages
from mailsignals.workspace import Workspace
from tests.mailsignals import small_company
from tests.mailsignals.usecases.offices import MIDNIGHT


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """The folder of a small company whose mail is not imported yet."""
    small_company.write(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def ready_digests(warehouse: Path) -> Sequence[Digest]:
    """The digests of the small company at ``MIDNIGHT``: of Ana, of Bo, and of accounts without a CSM."""
    with Workspace.load(warehouse / "config.toml").at(MIDNIGHT) as snapshot:
        return [page.digest for page in chosen_pages(snapshot, csm=None)]
