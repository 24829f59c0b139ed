"""The tables of alerts, and a store from before there were any."""

import datetime as dt
from pathlib import Path

import pytest

from mailsignals.store import Store
from mailsignals.store.messages import migrations
from mailsignals.store.messages.catalogue import Catalogue
from mailsignals.store.tables.deliveries import Key
from mailsignals.store.tables.ledger import Ledger
from tests.mailsignals.store.pages import an_older_store

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
TODAY = AT.date()
ANA = "ana@us.test"


def test_what_was_sent_before_there_were_alerts_stays_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the first of its day."""
    old = migrations.STEPS[: migrations.STEPS.index(migrations.m008_alerts)]
    an_older_store(tmp_path, migrations.m008_alerts)
    with monkeypatch.context() as before:
        before.setattr(migrations, "STEPS", old)
        catalogue = Catalogue.for_notes(tmp_path)
        catalogue.sql.execute(
            "INSERT INTO delivery VALUES ('digest', ?, 20514, 'id@us.test', 'sent', 2, 1, 2, NULL, NULL)",
            (ANA,),
        )
        catalogue.close()
    with Store.open(tmp_path, mode="write") as store:
        (row,) = store.deliveries().to_dicts()
        alerted = store.alerted()
    assert (row["kind"], row["recipient"], row["due_on"], row["number"]) == ("digest", ANA, TODAY, 0)
    assert (row["message_id"], row["state"], row["attempts"]) == ("id@us.test", "sent", 2)
    assert (alerted.since, alerted.told.height) == ({}, 0)


def test_a_claim_notes_what_it_tells_of_and_a_new_one_of_the_same_key_anew(tmp_path: Path) -> None:
    """With the claim or not at all; deliveries of one day are told apart by their numbers."""
    Store.open(tmp_path, mode="write").close()
    first, second = (Key(kind="alert", recipient=ANA, due_on=TODAY, number=number) for number in (0, 1))
    with Ledger.open(tmp_path, at=AT) as ledger:
        ledger.begin_alerts([ANA], at=AT)
        ledger.begin_alerts([ANA], at=AT + dt.timedelta(days=1))
        ledger.know({ANA: ["k"]}, at=AT)
        ledger.claim(first, message_id="1", at=AT, may=lambda _: True, matters=["a", "b"])
        ledger.claim(second, message_id="2", at=AT, may=lambda _: True, matters=["c"])
        ledger.claim(first, message_id="1", at=AT, may=lambda record: record is None, matters=["z"])
        ledger.claim(first, message_id="1", at=AT, may=lambda _: True, matters=["b", "d"])
        found = [ledger.find(key) for key in (first, second)]
    assert [record.attempts for record in found if record is not None] == [2, 1]
    with Store.open(tmp_path, mode="read") as store:
        alerted = store.alerted()
    assert alerted.since == {ANA: AT}
    assert list(alerted.told.select("matter", "due_on", "number").iter_rows()) == [
        ("b", TODAY, 0),
        ("c", TODAY, 1),
        ("d", TODAY, 0),
        ("k", None, None),
    ]
