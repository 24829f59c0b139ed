"""Restored stores: every secret that they depend on, and none of the access that ended since the backup."""

import datetime as dt
from pathlib import Path

import pytest

from mailsignals.secret_files import BACKED_UP, SecretFile, secret
from mailsignals.store import Store
from mailsignals.store.tables.alerts import AlertTable
from mailsignals.store.tables.audit import Audit
from mailsignals.store.tables.deliveries import LATER, SENT, UNSURE, Key, Record
from mailsignals.store.tables.ledger import Ledger
from mailsignals.store.tables.open_tables import open_tables
from mailsignals.store.tables.tokens import Token, Tokens
from mailsignals.store.upkeep.backup import back_up
from mailsignals.store.upkeep.restore import RestoreReport, restore
from tests.mailsignals.store.pages import AT, a_message, a_page, keep

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with every secret that the program makes."""
    folder = tmp_path / "store"
    keep(folder, a_page(a_message("1")))
    for which in SecretFile:
        if which.value.random:
            secret(folder, which)
        else:
            (folder / which.file_name).write_text("a sign-in")
    return folder


def restored(store: Path) -> tuple[Path, RestoreReport]:
    """What a backup of now makes of a store, an hour later."""
    place = back_up(store, store.parent / "backups", at=AT, kept=None).place
    again = store.parent / "again"
    return again, restore(place, again, at=AT + HOUR, by="ops")


@pytest.mark.scenario("restored-secrets")
def test_a_restored_store_has_the_secrets_that_it_depends_on(store: Path) -> None:
    """Those of the registry are as they were, the held-back lottery's too; all others are gone, and made anew."""
    again, _ = restored(store)
    names = {which.file_name for which in SecretFile}
    kept = {which.file_name for which in BACKED_UP}
    assert "hold-back" in kept
    assert {path.name for path in again.iterdir()} & names == kept
    assert all((again / name).read_bytes() == (store / name).read_bytes() for name in kept)
    for renewed in (SecretFile.SESSIONS, SecretFile.LINKS):
        assert secret(again, renewed) != secret(store, renewed)


@pytest.mark.scenario("restored-secrets")
def test_a_token_that_was_revoked_since_stays_so(store: Path) -> None:
    """Every token of the backup is revoked and named; the audit log says who restored what."""
    tokens = Tokens(store)
    texts = [
        tokens.create(Token(name=name, role="lead", csm=None), at=AT, by="ops", expires_at=until)
        for name, until in (("grafana", None), ("old", AT + HOUR / 2), ("revoked", None))
    ]
    tokens.revoke("revoked", at=AT)
    again, report = restored(store)
    assert report.ended.tokens == ("grafana",)
    assert report.made_at == AT
    assert [Tokens(again).find(text, at=AT + HOUR) for text in texts] == [None] * 3
    (entry,) = Audit(again).frame().to_dicts()
    assert (entry["who"], entry["what"], entry["at"]) == ("ops", "restore", AT + HOUR)
    assert "grafana" in entry["detail"]
    fresh = Tokens(again).create(Token(name="next", role="lead", csm=None), at=AT, by="ops", expires_at=None)
    assert Tokens(again).find(fresh, at=AT + HOUR) is not None


@pytest.mark.scenario("restored-secrets")
def test_postponed_deliveries_become_uncertain_and_alerts_begin_anew(store: Path) -> None:
    """What may have been sent since the backup is not tried again, and old events make no new alert."""
    keys = [Key(kind="digest", recipient=f"{name}@us.test", due_on=AT.date()) for name in ("ana", "bo")]
    with Ledger.open(store, at=AT) as ledger:
        for key, state in zip(keys, (LATER, SENT), strict=True):
            ledger.claim(key, message_id="1", at=AT, may=lambda _: True)
            ledger.end(key, Record(state=state, next_try_at=AT), at=AT)
        ledger.begin_alerts(["ana@us.test"], at=AT)
    again, _ = restored(store)
    with Store.open(again, mode="read") as opened:
        states = dict(opened.deliveries().select("recipient", "state").iter_rows())
    assert states == {"ana@us.test": UNSURE, "bo@us.test": SENT}
    with open_tables(again) as catalogue:
        assert AlertTable(catalogue.sql).read().since == {"ana@us.test": AT + HOUR}
