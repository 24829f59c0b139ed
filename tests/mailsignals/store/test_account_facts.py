"""The kept values of the account list: noted beside a writer, each once, in backups, and without forgotten people."""

import datetime as dt
from pathlib import Path

import polars as pl

from mailsignals.accounts.dated import FACT_SCHEMA
from mailsignals.store import Store
from mailsignals.store.messages import migrations
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.tables.account_facts import AccountFacts
from mailsignals.store.upkeep.backup import back_up, backups
from mailsignals.store.upkeep.pseudonyms import ErasedPerson, mentions, reword
from tests.mailsignals.store.pages import an_older_store

AT = dt.datetime(2026, 3, 1, 12, 0, 0, 7, tzinfo=dt.UTC)
ROWS: list[tuple[str, str, str | None, dt.date | None, dt.datetime]] = [
    ("A", "csm", "ana@us.example", None, AT),
    ("A", "csm", None, AT.date(), AT + dt.timedelta(hours=1)),
    ("A", "owner", "Ana <ana@us.example>", None, AT),
]
FACTS = pl.DataFrame(ROWS, schema=FACT_SCHEMA, orient="row")


def kept(folder: Path) -> list[tuple[object, ...]]:
    """What a store keeps, in order."""
    with Store.open(folder, mode="read") as store:
        return store.account_facts.frame().sort("field", "seen_at").rows()


def note(folder: Path) -> int:
    """Note what is not kept yet."""
    with AccountFacts.open(folder) as table:
        return table.note(lambda rows, _: FACTS.join(rows, on=["account_id", "field", "seen_at"], how="anti"))


def test_facts_are_noted_beside_a_writer_and_each_once(tmp_path: Path) -> None:
    """As instants and days, to the microsecond; whoever reads mail for hours is not disturbed."""
    folder = tmp_path / "store"
    with Store.open(folder, mode="write") as writer:
        assert writer.account_facts.newest() is None
        assert note(folder) == 3
        assert note(folder) == 0
        assert writer.account_facts.newest() == AT + dt.timedelta(hours=1)
    assert kept(folder) == ROWS


def test_an_older_store_gets_the_table(tmp_path: Path) -> None:
    """It is empty until a list is read."""
    folder = tmp_path / "store"
    an_older_store(folder, migrations.m015_account_facts)
    with Store.open(folder, mode="write") as store:
        assert store.account_facts.frame().is_empty()
    assert note(folder) == 3


def test_a_backup_has_them(tmp_path: Path) -> None:
    """The past of the list cannot be read again from anywhere."""
    folder = tmp_path / "store"
    with Store.open(folder, mode="write"):
        pass
    note(folder)
    back_up(folder, tmp_path / "backups", at=AT, kept=None)
    (copy,) = backups(tmp_path / "backups")
    assert kept(copy) == ROWS


def test_who_is_forgotten_is_in_no_fact(tmp_path: Path) -> None:
    """As a CSM, and within the text of a further column."""
    folder = tmp_path / "store"
    with Store.open(folder, mode="write"):
        pass
    note(folder)
    person = ErasedPerson.new("ana@us.example")
    catalogue = Catalogue.for_notes(folder)
    try:
        assert mentions(catalogue, person) == {"account_fact": 2}
        with catalogue.transaction(durable=True):
            reword(catalogue, person)
    finally:
        catalogue.close()
    assert [row[2] for row in kept(folder)] == [person.token, None, f"Ana <{person.token}>"]
