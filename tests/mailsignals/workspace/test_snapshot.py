"""What is known at an instant is computed once, however many ask for it."""

import collections
import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailsignals.flags.flags import FLAG_SCHEMA
from mailsignals.readmodel.tables.catalogue import tables
from mailsignals.store import Store
from mailsignals.usecases.digests import morning
from mailsignals.usecases.editions import prepare_edition
from mailsignals.usecases.import_files import import_files
from mailsignals.usecases.score import score
from mailsignals.workspace import Workspace, mail_snapshot
from tests.mailsignals import small_company

AS_OF = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
"""A Monday, an hour after digests are due."""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A small company with its mail, and with the scores of the day before."""
    folder = tmp_path_factory.mktemp("snapshot")
    small_company.write(folder)
    workspace = Workspace.load(folder / "config.toml")
    import_files(workspace, [folder / "inbox.mbox"], small_company.DESK, now=lambda: AS_OF)
    score(workspace, AS_OF - dt.timedelta(days=1))
    return workspace


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> collections.Counter[str]:
    """How often touches and dismissals are read, and touches marked."""
    counts: collections.Counter[str] = collections.Counter()

    def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            counts[name] += 1
            return function(*arguments, **options)

        return counted

    for name in ("derived", "derived_at", "marked_touches"):
        monkeypatch.setattr(mail_snapshot, name, counting(name, getattr(mail_snapshot, name)))
    monkeypatch.setattr(Store, "dismissals", counting("dismissals", Store.dismissals))
    return counts


def test_an_edition_reads_touches_and_dismissals_once(
    company: Workspace, reads: collections.Counter[str]
) -> None:
    """Signals, risk, flags, tickets and every table of pages are made of one reading."""
    assert prepare_edition(company, AS_OF) == company.book.accounts.height
    assert reads == {"derived": 1, "marked_touches": 1, "dismissals": 1}


def test_a_morning_of_digests_reads_touches_and_dismissals_once(
    company: Workspace, reads: collections.Counter[str], tmp_path: Path
) -> None:
    """All CSMs' digests in all time zones are made of one reading."""
    schedule = company.settings.schedule.model_copy(update={"digest_folder": tmp_path})
    settings = company.settings.model_copy(update={"schedule": schedule})
    assert morning(dataclasses.replace(company, settings=settings), AS_OF).written > 0
    assert reads == {"derived": 1, "marked_touches": 1, "dismissals": 1}


def test_without_recorded_days_yesterday_shares_the_reading(
    company: Workspace, reads: collections.Counter[str]
) -> None:
    """The news are then the difference to the day before, which is marked anew and read no second time."""
    with company.at(AS_OF - dt.timedelta(days=5)) as snapshot:
        assert not snapshot.is_recorded
        assert snapshot.news.height == company.book.accounts.height
        assert snapshot.flags.schema == FLAG_SCHEMA
        assert snapshot.flags.is_empty()
    assert reads["derived"] == 1


def test_nothing_is_read_before_it_is_asked_for(company: Workspace, reads: collections.Counter[str]) -> None:
    """Who wants the account list alone waits for no mail."""
    with company.at(AS_OF) as snapshot:
        assert snapshot.accounts.height == company.book.accounts.height
    assert not reads


def test_every_table_takes_a_snapshot_and_nothing_else(company: Workspace) -> None:
    """All tables of an edition come of one snapshot, twice the same."""
    with company.at(AS_OF) as snapshot:
        once, again = tables(snapshot), tables(snapshot)
        assert all(once[name].lazy().collect().equals(again[name].lazy().collect()) for name in once)
