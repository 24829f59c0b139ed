"""A store that was written before messages had ``dated_at``."""

import dataclasses
import datetime as dt
import io
import sqlite3
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from connectors.base import Skipped
from mailsignals.store import Store
from mailsignals.store.messages import migrations
from mailsignals.store.messages.catalogue import FILE
from tests.mailsignals.store.pages import AT, INBOX, a_message, a_page, keep, rows

FIRST, SECOND = a_message("1"), a_message("2", subject="again")
SKIPPED = Skipped("7", "draft")


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A store with one message in a segment and one in a page, as the program before the step wrote it."""
    keep(tmp_path, a_page(FIRST))
    with Store.open(tmp_path, mode="write") as store:
        store.compact()
    keep(tmp_path, a_page(SECOND, cursor="2", skipped=(SKIPPED,), unreadable_date=1))
    with Store.open(tmp_path, mode="write"):  # which sweeps what was replaced
        pass
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as catalogue:
        for (segment,) in catalogue.execute("SELECT segment FROM segment").fetchall():
            path = tmp_path / "segments" / f"{segment:08}.parquet"
            pl.read_parquet(path).drop("dated_at").write_parquet(path)
            catalogue.execute("UPDATE segment SET bytes = ?", (path.stat().st_size,))
        for page, blob in catalogue.execute("SELECT page, messages FROM page").fetchall():
            before = io.BytesIO()
            pl.read_ipc(blob).drop("dated_at").write_ipc(before)
            catalogue.execute("UPDATE page SET messages = ? WHERE page = ?", (before.getvalue(), page))
        catalogue.execute("UPDATE state SET hashing = 'of before'")
        catalogue.execute("DROP TABLE schedule")
        catalogue.execute("DROP TABLE provider_limit")
        catalogue.execute("DROP TABLE table_digest")
        catalogue.execute("DROP TABLE key_digest")
        for column in ("segment DROP COLUMN digest", "segment DROP COLUMN mailboxes"):
            catalogue.execute(f"ALTER TABLE {column}")
        for column in ("digest", "provider", "mailbox"):
            catalogue.execute(f"ALTER TABLE page DROP COLUMN {column}")
        catalogue.execute("DROP TABLE account_fact")
        catalogue.execute("DROP TABLE sign")
        catalogue.execute("DROP TABLE risk_card")
        catalogue.execute("ALTER TABLE state DROP COLUMN rules")
        for column in ("quiet", "leaving"):
            catalogue.execute(f"ALTER TABLE score DROP COLUMN {column}")
        catalogue.execute(f"PRAGMA user_version = {migrations.STEPS.index(migrations.m010_dated_at)}")
    return tmp_path


def test_its_messages_are_there_without_the_date(older: Path) -> None:
    """Nothing is lost, and the column is null."""
    with Store.open(older, mode="write") as store:
        found = rows(store)
    assert found["provider_id"].to_list() == ["1", "2"]
    assert found["dated_at"].to_list() == [None, None]


def test_its_sources_are_read_again(older: Path) -> None:
    """The next sync or import begins at the start, and counts anew what it sets aside."""
    with Store.open(older, mode="write") as store:
        assert store.cursor(INBOX.provider, INBOX.mailbox, INBOX.source) is None
        assert store.skipped().is_empty()
        assert store.defects().is_empty()


@pytest.mark.parametrize("compacted", [False, True])
def test_what_is_read_again_gets_its_date_and_is_not_doubled(older: Path, *, compacted: bool) -> None:
    """A message that comes again takes the place of its older self; one that does not come stays."""
    dated = dataclasses.replace(FIRST, dated_at=AT.replace(microsecond=0))
    with Store.open(older, mode="write") as store:
        if compacted:
            store.compact()
        counts = store.commit(INBOX, a_page(dated), at=AT + dt.timedelta(days=1))
        assert (counts.added, rows(store)["dated_at"].to_list()) == (0, [dated.dated_at, None])
    with Store.open(older, mode="write") as store:
        store.compact()
        assert rows(store)["dated_at"].to_list() == [dated.dated_at, None]
