"""What companies that live for weeks share."""

import pytest


@pytest.fixture
def no_dashboard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job that prepares the dashboard runs, and prepares nothing; the week of pages has real editions."""
    monkeypatch.setattr("mailsignals.usecases.job_list.prepare_edition", lambda *_: 0)
