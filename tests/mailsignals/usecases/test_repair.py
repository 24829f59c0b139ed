"""Repairing a company's store: how its mail comes back, and what a backup gives."""

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from connectors.base import frame_of
from mailsignals.secret_files import SecretFile, secret
from mailsignals.store import Store
from mailsignals.usecases.backup import back_up_store
from mailsignals.usecases.repair import Return, repair
from mailsignals.usecases.verify import verify
from tests.mailsignals.store.pages import INBOX, Source, a_message, a_page
from tests.mailsignals.usecases.offices import imported, loaded

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
ANA, BO = (
    Source(provider="gmail", mailbox=mailbox, source="gmail") for mailbox in ("ana@us.test", "bo@us.test")
)

pytestmark = pytest.mark.scenario("flipped-bits")


def flip(path: Path) -> None:
    """Change one bit."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 16
    path.write_bytes(content)


@pytest.fixture
def mailboxes(company: Path) -> Path:
    """A company with mail of a configured mailbox, of one that is not, and of a file, all in one segment."""
    with Store.open(company / "store", mode="write") as store:
        for source in (ANA, BO, INBOX):
            message = dataclasses.replace(a_message("1", mailbox=source.mailbox), provider=source.provider)
            store.commit(source, a_page(message), at=NOW)
        store.compact()
    return company


def test_mail_comes_back_by_its_mailbox_its_file_or_not_at_all(mailboxes: Path) -> None:
    """A provider's mailbox counts only as long as it is configured."""
    flip(next((mailboxes / "store" / "segments").glob("*.parquet")))
    report = repair(loaded(mailboxes, '[gmail]\nmailboxes = ["ana@us.test"]'), NOW)
    assert {(each.mailbox, each.emails): each.returns for each in report.mail} == {
        ("ana@us.test", 1): Return.SYNC,
        ("bo@us.test", 1): Return.NEVER,
        (INBOX.mailbox, 1): Return.IMPORT,
    }
    assert report.backup is None


def test_mail_of_an_interchange_file_comes_back_by_the_file(company: Path) -> None:
    """Its rows name mailboxes of providers, and the file is read again although it was read to its end."""
    frame_of([dataclasses.replace(a_message("1", mailbox=BO.mailbox), provider="gmail")]).write_parquet(
        company / "mail.parquet"
    )
    workspace = loaded(company)
    imported(company, "mail.parquet", mailbox=BO.mailbox)
    with Store.open(company / "store", mode="write") as store:
        store.compact()
    flip(next((company / "store" / "segments").glob("*.parquet")))
    (mail,) = repair(workspace, NOW).mail
    assert (mail.mailbox, mail.emails, mail.returns) == (BO.mailbox, 1, Return.IMPORT)
    assert [Path(source).name for source in mail.sources] == ["mail.parquet"]
    imported(company, "mail.parquet", mailbox=BO.mailbox)
    with Store.open(company / "store", mode="read") as store:
        assert store.messages().collect().height == 1


def test_a_damaged_key_comes_from_the_newest_sound_backup(stocked: Path) -> None:
    """It is copied if it is the one that was lost; nothing else changes."""
    workspace = loaded(stocked)
    with Store.open(stocked / "store", mode="write") as store:
        store.secret(SecretFile.SUBJECTS)
    with Store.open(stocked / "store", mode="write"):
        pass
    back_up_store(workspace, workspace.settings.schedule.backup_folder, NOW)
    key = stocked / "store" / "subjects.key"
    whole = key.read_bytes()
    flip(key)
    assert [damage.path for damage in verify(workspace, read_data=False).damages] == [key]
    report = repair(workspace, NOW)
    assert (report.repair.left, key.read_bytes()) == ([], whole)
    assert verify(workspace, read_data=True).sound


def test_a_damaged_key_without_a_backup_makes_way_for_a_new_one(stocked: Path) -> None:
    """It is kept aside, the report names what depended on it, and the store is sound and backed up again."""
    workspace = loaded(stocked)
    store = stocked / "store"
    secret(store, SecretFile.SUBJECTS)
    Store.open(store, mode="write").close()
    flip(store / "subjects.key")
    lost = (store / "subjects.key").read_bytes()
    report = repair(workspace, NOW)
    assert (report.new_keys, report.repair.left) == ([SecretFile.SUBJECTS], [])
    assert report.repair.aside is not None
    assert (report.repair.aside / "subjects.key").read_bytes() == lost
    assert secret(store, SecretFile.SUBJECTS) != lost
    assert verify(workspace, read_data=True).sound
    assert back_up_store(workspace, stocked / "copies", NOW).place.is_dir()
