import contextlib
import datetime as dt
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.base import Message, frame_of
from mailsignals.store import Store
from mailsignals.store.messages import compaction
from mailsignals.store.tables.deliveries import SENT, Key, Record
from mailsignals.store.tables.dismissals import Opening
from mailsignals.store.tables.feedback import FEEDBACK_SCHEMA
from mailsignals.store.tables.ledger import Ledger
from mailsignals.store.tables.scores import SCORES_SCHEMA
from mailsignals.store.upkeep import retention
from mailsignals.store.upkeep.backup import back_up
from tests.mailsignals.store.pages import AT, INBOX, MAILBOX, a_page, in_order, keep, rows
from tests.mailsignals.store.traces import traces

ROOT = Path(__file__).parents[3]
DAY = dt.timedelta(days=1)
DAYS = 200
NO_FEEDBACK = pl.DataFrame(schema=FEEDBACK_SCHEMA)


def a_letter(age: int) -> Message:
    """A message that is so many days old, known by its subject."""
    return Message(
        mailbox=MAILBOX,
        provider="memory",
        provider_id=f"letter {age}",
        sent_at=AT - age * DAY,
        sender="kim@customer.example",
        to=(MAILBOX,),
        subject=f"subject-of-{age}-days",
    )


def subjects(age: int) -> list[str]:
    """Those of all letters from an age on."""
    return [f"subject-of-{each}-days" for each in range(age, DAYS)]


def prune(store: Store, *, mail: int | None = None, records: int | None = None) -> dict[str, int]:
    """Keep mail and records of so many days."""
    since = {"mail": mail, "records": records}
    limits = {name: None if days is None else AT - days * DAY for name, days in since.items()}
    return store.retention.prune(**limits, feedback=store.feedback.frame(), at=AT)


def test_old_mail_goes_from_every_place_where_it_lay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From segments, from newest pages, from versions before the last one, and from the disk; the rest stays."""
    monkeypatch.setattr(compaction, "FOLD_ROWS", 40)
    with Store.open(tmp_path, mode="write") as store:
        for first in range(0, DAYS, 20):
            store.commit(INBOX, a_page(*map(a_letter, range(first, first + 20))), at=AT)
        store.commit(INBOX, a_page(*(a_letter(age) for age in (5, 150))), at=AT)
        before, revision = rows(store), store.revision
        for age in (101, 150, 199):
            assert traces(tmp_path, f"subject-of-{age}-days"), "the search finds nothing at all"
        assert prune(store, mail=100) == {
            "messages": 99,
            "dismissals": 0,
            "ids of mail deleted in its mailbox": 0,
        }
        assert_frame_equal(rows(store), before.filter(pl.col("sent_at") >= AT - 100 * DAY))
        assert store.revision > revision
        assert store.retention.wipe()
        assert traces(tmp_path, *subjects(101)) == []
        assert store.retention.since == AT - 100 * DAY
        assert store.known("memory", MAILBOX, ["letter 100", "letter 101"]) == {"letter 100"}


def test_again_removes_nothing(tmp_path: Path) -> None:
    """A second time there is nothing to remove, and what is derived from the messages stays current."""
    with Store.open(tmp_path, mode="write") as store:
        store.commit(INBOX, a_page(*map(a_letter, range(DAYS))), at=AT)
        prune(store, mail=100)
        revision, before = store.revision, rows(store)
        assert not any(prune(store, mail=100).values())
        assert (store.revision, store.retention.wipe()) == (revision, True)
        assert_frame_equal(rows(store), before)


def test_a_store_may_lose_everything(tmp_path: Path) -> None:
    """Where all mail is too old none is left, and new mail comes in as ever."""
    with Store.open(tmp_path, mode="write") as store:
        store.commit(INBOX, a_page(*map(a_letter, range(50, DAYS))), at=AT)
        assert prune(store, mail=10)["messages"] == DAYS - 50
        assert rows(store).is_empty()
    with Store.open(tmp_path, mode="write") as store:
        store.commit(INBOX, a_page(a_letter(3)), at=AT)
        assert rows(store)["provider_id"].to_list() == ["letter 3"]
        assert list((tmp_path / "segments").iterdir()) == []


@pytest.mark.slow
def test_who_reads_keeps_what_is_being_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader sees the moment at which it began, to the end; the disk is wiped by the next writer after it."""
    monkeypatch.setattr(retention, "WAIT_TRIES", 2)
    keep(tmp_path, a_page(*map(a_letter, range(DAYS))))
    with Store.open(tmp_path, mode="read") as reader:
        with Store.open(tmp_path, mode="write") as store:
            prune(store, mail=100)
            assert not store.retention.wipe()
            assert not store.retention.wiped
        assert rows(reader).height == DAYS
    assert traces(tmp_path, "subject-of-150-days")
    with Store.open(tmp_path, mode="write") as store:
        assert store.retention.wiped
        assert rows(store).height == 101
    assert traces(tmp_path, "subject-of-150-days") == []


def test_records_go_by_their_own_age(tmp_path: Path) -> None:
    """Scores and deliveries by day; dismissals go with the mail they are about; what is younger stays."""
    ages = (1, 99, 101, 199)
    with Store.open(tmp_path, mode="write") as store:
        for age in sorted(ages, reverse=True):
            at = AT - age * DAY
            row = ("A", at.date(), at, "active", "high", None, 0.3, 0.2, 0.1, "quiet+scorecard", None)
            store.scores.add(pl.DataFrame([row], schema=SCORES_SCHEMA, orient="row"))
            opening = Opening(account_id="A", sender="kim@customer.example", sent_at=at, message_id=None)
            store.dismiss(opening, at=AT, by="ana", note=None)
        with Ledger.open(tmp_path, at=AT) as ledger:
            for age in ages:
                key = Key(kind="digest", recipient=MAILBOX, due_on=(AT - age * DAY).date())
                ledger.claim(key, message_id="1", at=AT, may=lambda _: True)
                ledger.end(key, Record(state=SENT), at=AT)
        assert prune(store, records=100) == {"scores": 2, "deliveries": 2, "feedback": 0}
        assert store.deliveries().height == 2
        assert store.dismissals().height == 4
        assert store.scores.last_day((AT - 100 * DAY).date()) is None
        assert prune(store, mail=100)["dismissals"] == 2
        assert store.dismissals()["sent_at"].min() == AT - 99 * DAY


def test_a_backup_of_before_is_as_it_was(tmp_path: Path) -> None:
    """Backups share nothing with the store, and lose nothing when it does."""
    keep(tmp_path / "store", a_page(*map(a_letter, range(DAYS))))
    with Store.open(tmp_path / "store", mode="write") as store:
        store.compact()
    place = back_up(tmp_path / "store", tmp_path / "backups", at=AT, kept=1).place
    with Store.open(tmp_path / "store", mode="write") as store:
        prune(store, mail=100)
        assert store.retention.wipe()
    with Store.open(place, mode="read") as backup:
        assert rows(backup).height == DAYS


def test_keeping_mail_for_longer_has_sources_read_again(tmp_path: Path) -> None:
    """Bookmarks go once, when mail is kept from an earlier day on than before; not while that day only moves."""
    with Store.open(tmp_path, mode="write") as store:
        store.commit(INBOX, a_page(*map(a_letter, range(DAYS)), cursor="7"), at=AT)
        assert not store.retention.extend_history(AT - 100 * DAY), "nothing was ever removed"
        prune(store, mail=100)
        assert not store.retention.extend_history(AT - 99 * DAY)
        assert store.cursor("memory", MAILBOX, "inbox") == "7"
        assert store.retention.extend_history(AT - 150 * DAY)
        assert store.cursor("memory", MAILBOX, "inbox") is None
        store.commit(INBOX, a_page(cursor="8"), at=AT)
        assert not store.retention.extend_history(AT - 150 * DAY)
        assert store.retention.extend_history(None)
        assert not store.retention.extend_history(None)


PRUNE_ON = """
import os, sys
from pathlib import Path
from mailsignals.store import Store
from tests.mailsignals.store.test_retention import prune
for line in sys.stdin:
    child = os.fork()
    if not child:
        with Store.open(Path(sys.argv[1]), mode="write") as store:
            for days in range(int(line), 0, -1):
                prune(store, mail=days)
                store.retention.wipe()
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
@pytest.mark.subprocess
def test_a_kill_at_any_moment_leaves_all_or_nothing_of_a_day(tmp_path: Path) -> None:
    """After each kill the messages are those from the noted day on; the next writer wipes the disk of the others."""
    dice = random.Random(5)
    every = in_order(frame_of(map(a_letter, range(DAYS))))
    keep(tmp_path, *(a_page(*map(a_letter, range(first, first + 20))) for first in range(0, DAYS, 20)))
    days, kills, patience = DAYS, 0, 0.1
    command = [sys.executable, "-c", PRUNE_ON, str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdin
        assert starter.stdout
        while days > 20 and kills < 25:
            starter.stdin.write(f"{days}\n")
            starter.stdin.flush()
            child = int(starter.stdout.readline())
            time.sleep(dice.uniform(0, patience))
            with contextlib.suppress(ProcessLookupError):  # it came to its end
                os.kill(child, signal.SIGKILL)
            starter.stdout.readline()
            kills += 1
            with Store.open(tmp_path, mode="read") as store:
                since = store.retention.since or AT - DAYS * DAY
                assert_frame_equal(rows(store), every.filter(pl.col("sent_at") >= since))
            before, days = days, (AT - since).days
            patience *= 0.8 if days < before - 10 else 1.2
            with Store.open(tmp_path, mode="write") as store:
                assert store.retention.wiped
            assert traces(tmp_path, *subjects(days + 1)) == []
    assert days < DAYS - 5, "hardly anything was removed"
    assert kills > 3
