import contextlib
import dataclasses
import datetime as dt
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from connectors.base import Cursor, Message, Page, Progress, Skipped
from mailsignals.errors import UserError
from mailsignals.store import Store
from mailsignals.store.messages import compaction
from mailsignals.store.tables.deliveries import UNSURE, Key, Record
from mailsignals.store.tables.dismissals import Opening
from mailsignals.store.tables.feedback import FeedbackEntry
from mailsignals.store.tables.ledger import Ledger
from mailsignals.store.tables.mailbox_status import Trouble
from mailsignals.store.upkeep.backup import back_up
from mailsignals.store.upkeep.pseudonyms import ErasedPerson
from mailsignals.store.upkeep.restore import restore
from mailsignals.sync.pseudonyms import erase, in_threads_with
from tests.mailsignals.store.pages import AT, INBOX, MAILBOX, a_message, a_page, rows
from tests.mailsignals.store.traces import traces

ROOT = Path(__file__).parents[3]
KIM = "kim.miller@customer.example"
LOUD = "Kim.Miller@Customer.example"


def keep(store: Store, said: FeedbackEntry) -> None:
    """Let somebody say something, whatever was said before."""
    store.feedback.keep(lambda _: said)


def everywhere(number: int, address: str) -> Message:
    """A message that names a person wherever a message can."""
    return dataclasses.replace(
        a_message(f"{number}-{address}"),
        message_id=f"{number}.{address.upper()}",
        references=(f"{number - 1}.{address.upper()}", "other@mail.example.org"),
        provider_thread_id=f"thread of {address}",
        sender=address if number % 2 else MAILBOX,
        to=(MAILBOX, "jo@customer.example"),
        cc=(address,),
        bcc=(address,),
        subject=f"Re: for {address}",
        labels=(f"from {address}",),
    )


def forget(store: Store, address: str) -> tuple[ErasedPerson, dict[str, int]]:
    """Forget somebody as the command does."""
    known = store.erasure.people().among([address])
    person = known[0] if known else ErasedPerson.new(address)
    tables = store.erasure.mentions(person)
    erase(store, person, in_threads_with(store.messages(), person), urgency_words=(), at=AT)
    return person, tables


def fill(folder: Path, store: Store) -> None:
    """Have every table and file name the person."""
    for number in range(1, 60):
        store.commit(INBOX, a_page(everywhere(number, KIM), a_message(f"plain {number}")), at=AT)
    source = dataclasses.replace(INBOX, source=f"exports/{LOUD}.mbox")
    aside = Skipped(f"{KIM}.mbox, byte 1", "no headers")
    gone = Page.of([], Cursor("1"), Progress(0, None, "bytes"), skipped=[aside], removed=[f"59-{KIM}"])
    store.commit(source, gone, at=AT)
    opening = Opening(account_id="A", sender=KIM, sent_at=AT, message_id=f"1.{KIM.upper()}")
    store.dismiss(opening, at=AT, by="ana", note="Kim said so")
    saved = FeedbackEntry(account_id="A", given_at=AT, given_by=LOUD, kind="saved", note="I called them")
    later = AT + dt.timedelta(1)
    dismissed = FeedbackEntry(
        account_id="A", given_at=later, given_by="ana", kind="dismissed", note=f"ask {LOUD}!"
    )
    keep(store, saved)
    keep(store, dismissed)
    trouble = Trouble(state="odd", problem=f"no {KIM}", remedy="none", next_try_at=AT)
    store.mailbox_status.begin("memory", KIM, "identity-of-kim")
    store.mailbox_status.troubled("memory", KIM, trouble, at=AT)
    store.mailbox_status.ran("sync", started_at=AT, ended_at=AT, outcome=f"{KIM} failed")
    with Ledger.open(folder, at=AT) as ledger:
        key = Key(kind="digest", recipient=KIM, due_on=AT.date())
        ledger.claim(key, message_id="1", at=AT, may=lambda _: True)
        ledger.end(key, Record(state=UNSURE, problem=f"<{KIM}>: refused"), at=AT)
    own = dataclasses.replace(INBOX, mailbox=KIM, source="own")
    theirs = dataclasses.replace(a_message("theirs", mailbox=KIM), references=())
    store.commit(own, a_page(theirs, cursor=f"after/{KIM}"), at=AT)
    with contextlib.closing(sqlite3.connect(folder / "catalogue.sqlite")) as other:
        other.execute("PRAGMA secure_delete = OFF")  # which some systems' SQLite has on, and some has not
        for number in range(300):
            other.execute("INSERT INTO run VALUES (?, 'x', 0, 0, 0, 'done', ?)", (1000 + number, f"of {KIM}"))
        other.commit()
        other.execute("DELETE FROM run WHERE run >= 1000")
        other.commit()
    (folder / "derived" / "set").mkdir(parents=True)
    pl.DataFrame({"address": [KIM]}).write_parquet(folder / "derived" / "set" / "people.parquet")


@pytest.mark.slow
def test_nothing_in_the_folder_names_who_was_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in any table, file, free page or log, in any case; before, it was in all of them."""
    monkeypatch.setattr(compaction, "FOLD_ROWS", 50)
    monkeypatch.setattr(sys, "argv", ["mailsignals", "forget", KIM])
    with Store.open(tmp_path, mode="write") as store:
        fill(tmp_path, store)
        before = rows(store)
        found = traces(tmp_path, KIM)
        assert {"catalogue.sqlite", "catalogue.sqlite-wal", "derived/set/people.parquet"} < set(found)
        assert sum(name.startswith("segments/") for name in found) > 1
        person, tables = forget(store, KIM)
        assert tables.keys() == {
            *("dismissal", "delivery", "feedback", "mailbox", "page", "source", "skipped", "run", "gone")
        }
        assert store.retention.wipe()
        assert traces(tmp_path, KIM, "identity-of-kim", "Kim said so", "I called them") == []
        now = rows(store)
        assert now.height == before.height
        assert now.filter(pl.col("provider_id").str.starts_with("plain")).equals(
            before.filter(pl.col("provider_id").str.starts_with("plain"))
        )
        assert traces(tmp_path, person.token)
        assert store.cursor("memory", person.token, "own") is None
        assert store.deliveries()["recipient"].to_list() == [person.token]
        assert store.feedback.frame()["note"].to_list() == [None, f"ask {person.token}!"]
        assert store.known("memory", MAILBOX, [f"3-{person.token}", "plain 3"]) == {
            f"3-{person.token}",
            "plain 3",
        }
    assert traces(tmp_path, KIM) == []
    assert traces(tmp_path, "jo@customer.example")


@pytest.mark.slow
def test_again_is_harmless(tmp_path: Path) -> None:
    """The same person gets the same name, and nothing is changed any more."""
    with Store.open(tmp_path, mode="write") as store:
        fill(tmp_path, store)
        person, _ = forget(store, KIM)
        before, told = rows(store), store.deliveries()
        again, tables = forget(store, KIM)
        assert again == person
        assert tables == {}
        assert rows(store).equals(before)
        assert store.deliveries().equals(told)


def test_names_are_drawn_by_lot(tmp_path: Path) -> None:
    """Another store has another name, and the same address another hash: nothing leads back, or from one to another."""
    names: set[str] = set()
    hashes: set[bytes] = set()
    for folder in (tmp_path / "a", tmp_path / "b"):
        with Store.open(folder, mode="write") as store:
            names.add(forget(store, KIM)[0].token)
            hashes.update(store.erasure.people().tokens)
    assert (len(names), len(hashes)) == (2, 2)


def test_a_backup_knows_who_was_forgotten(tmp_path: Path) -> None:
    """Restored, it stores their mail without their name; without its key nobody could tell, and it says so."""
    with Store.open(tmp_path / "store", mode="write") as store:
        person, _ = forget(store, KIM)
    place = back_up(tmp_path / "store", tmp_path / "backups", at=AT, kept=None).place
    restore(place, tmp_path / "again", at=AT, by="ops")
    with Store.open(tmp_path / "again", mode="read") as store:
        assert store.erasure.people().among([KIM, "jo@customer.example"]) == [person]
    (tmp_path / "again" / "forgotten.key").unlink()
    with (
        Store.open(tmp_path / "again", mode="read") as store,
        pytest.raises(UserError, match=r"forgotten\.key"),
    ):
        store.erasure.people()


PEOPLE = [f"person{number}@customer.example" for number in range(40)]

FORGET_ON = """
import os, sys
from pathlib import Path
from mailsignals.store import Store
from tests.mailsignals.store.test_erasure import PEOPLE, forget
for line in sys.stdin:
    child = os.fork()
    if not child:
        with Store.open(Path(sys.argv[1]), mode="write") as store:
            for person in PEOPLE[int(line):]:
                forget(store, person)
                store.retention.wipe()
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
@pytest.mark.subprocess
def test_a_kill_at_any_moment_leaves_a_person_whole_or_forgotten(tmp_path: Path) -> None:
    """After each kill a person is in all tables and messages or in none; who is in none is on the disk no more."""
    dice = random.Random(6)
    with Store.open(tmp_path, mode="write") as store:
        store.commit(INBOX, a_page(*(everywhere(3, person) for person in PEOPLE)), at=AT)
        for number, person in enumerate(PEOPLE):
            at = AT + dt.timedelta(number)
            keep(store, FeedbackEntry(account_id="A", given_at=at, given_by=person, kind="saved"))
    done = kills = 0
    patience = 0.1
    command = [sys.executable, "-c", FORGET_ON, str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdin
        assert starter.stdout
        while done < len(PEOPLE) and kills < 30:
            starter.stdin.write(f"{done}\n")
            starter.stdin.flush()
            child = int(starter.stdout.readline())
            time.sleep(dice.uniform(0, patience))
            with contextlib.suppress(ProcessLookupError):  # it came to its end
                os.kill(child, signal.SIGKILL)
            starter.stdout.readline()
            kills += 1
            with Store.open(tmp_path, mode="read") as store:
                left = set(rows(store)["sender"])
                before, done = done, len(store.erasure.people().tokens)
                patience *= 0.8 if done > before + 2 else 1.2
                assert left & set(PEOPLE) == set(PEOPLE[done:])
                assert set(store.feedback.frame()["given_by"]) == left
            with Store.open(tmp_path, mode="write") as store:
                assert store.retention.wiped
            assert traces(tmp_path, *PEOPLE[:done]) == []
    assert kills > 3
    assert done > 5
