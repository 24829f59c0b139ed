"""Sent once, whatever crashes: on a real store, by real threads and processes."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailsignals.errors import UserError
from mailsignals.notifications.delivery.outbox import (
    DELAYS,
    Delivery,
    DeliveryOutcome,
    deliver_once,
    may_be_sent,
    next_delivery_try,
    put_off,
    record_of,
)
from mailsignals.notifications.delivery.senders.base import (
    FolderSender,
    LaterError,
    RefusedError,
    SendError,
    UnsureError,
)
from mailsignals.store import Store
from mailsignals.store.tables.deliveries import LATER, REFUSED, SENT, SKIPPED, UNSURE, Record
from mailsignals.store.tables.ledger import Ledger
from tests.mailsignals.notifications.delivery.letters import ANA, AT, a_key, a_message, a_store

ROOT = Path(__file__).parents[4]
MINUTE = dt.timedelta(minutes=1)


class Desk:
    """Sends to one recipient, with whatever goes wrong, at a time that a test says."""

    def __init__(self, folder: Path) -> None:
        self.folder = a_store(folder)
        self.at = AT
        self.handed_over = 0

    def deliver(self, *errors: SendError, recipient: str = ANA, resend: bool = False) -> DeliveryOutcome:
        """Deliver by a run of its own, with the next of the errors if there is one."""

        def send() -> None:
            self.handed_over += 1
            for error in errors:
                raise error

        parcel = Delivery(key=a_key(recipient), id_="id@us.test", send=send)
        with Ledger.open(self.folder, at=self.at) as ledger:
            return deliver_once(ledger, parcel, now=lambda: self.at, resend=resend)

    def states(self) -> list[tuple[str, int]]:
        """State and attempts of all deliveries."""
        with Store.open(self.folder, mode="read") as store:
            return list(store.deliveries().select("state", "attempts").iter_rows())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with a store."""
    return Desk(tmp_path / "store")


LATER_ERROR = LaterError(ANA, "busy.")
REFUSED_ERROR = RefusedError(ANA, "unknown.", "Correct it.")
UNSURE_ERROR = UnsureError(ANA, "cut off.")


def test_what_was_sent_is_never_sent_again(desk: Desk) -> None:
    """Neither by the next run nor at a person's wish; another recipient is another delivery."""
    assert desk.deliver().record.state == SENT
    for resend in (False, True):
        assert desk.deliver(resend=resend) == DeliveryOutcome(
            record=Record(state=SENT, attempts=1), tried=False
        )
    assert desk.handed_over == 1
    assert desk.deliver(recipient="bo@us.test").tried


@pytest.mark.parametrize(("error", "state"), [(REFUSED_ERROR, REFUSED), (UNSURE_ERROR, UNSURE)])
def test_what_is_uncertain_or_refused_waits_for_a_person(desk: Desk, error: SendError, state: str) -> None:
    """It is reported with its reason, not repeated by itself however long it is, and repeated on request."""
    assert desk.deliver(error).record.state == state
    desk.at += dt.timedelta(hours=20)
    again = desk.deliver()
    assert (again.tried, again.record.state, again.record.problem) == (False, state, str(error))
    assert desk.deliver(resend=True).record == Record(state=SENT, attempts=2)


def test_what_was_put_off_is_tried_again_when_its_time_has_come(desk: Desk) -> None:
    """Not before; and after the last try it counts as refused."""
    for attempt, delay in enumerate(DELAYS, start=1):
        found = desk.deliver(LATER_ERROR).record
        assert (found.state, found.attempts, found.next_try_at) == (LATER, attempt, desk.at + delay)
        desk.at += delay - MINUTE / 60
        assert not desk.deliver().tried
        desk.at += MINUTE / 60
    assert desk.deliver(LATER_ERROR).record.state == REFUSED
    assert desk.states() == [(REFUSED, len(DELAYS) + 1)]


def test_a_server_may_ask_for_a_longer_wait() -> None:
    """Never for a shorter one; and there are so many tries and no more."""
    assert next_delivery_try(1, at=AT, asked=dt.timedelta(seconds=1)) == AT + MINUTE
    assert next_delivery_try(1, at=AT, asked=dt.timedelta(hours=2)) == AT + dt.timedelta(hours=2)
    assert next_delivery_try(len(DELAYS) + 1, at=AT) is None


@pytest.mark.scenario("clock-jumps")
def test_a_wait_that_began_while_the_clock_was_ahead_has_ended() -> None:
    """No wait is longer than a day; what was sent then is still never sent again."""
    far = AT + dt.timedelta(days=200)
    waits = Record(state=LATER, attempts=1, next_try_at=far)
    assert may_be_sent(waits, at=AT, resend=False)
    assert not may_be_sent(Record(state=SENT, attempts=1), at=AT, resend=False)
    assert not may_be_sent(waits, at=far - dt.timedelta(minutes=1), resend=False)


def test_trouble_of_everybody_is_tried_again_by_itself() -> None:
    """A wrong password refuses every mail: once it is put right, nobody has to name them."""
    everybody = RefusedError("mail.us.test", "wrong password.", "Correct it.", everywhere=True, sign_in=True)
    assert record_of(everybody, attempt=1, at=AT).state == LATER
    assert record_of(REFUSED_ERROR, attempt=1, at=AT).state == REFUSED


def test_others_wait_for_the_same_trouble_to_pass(desk: Desk) -> None:
    """They are noted with its reason and its next try, unless they were sent before."""
    cause = Record(state=LATER, attempts=1, next_try_at=AT + MINUTE, problem="down.")
    desk.deliver(recipient="bo@us.test")
    with Ledger.open(desk.folder, at=AT) as ledger:
        for recipient, state in ((ANA, LATER), ("bo@us.test", SENT)):
            parcel = Delivery(key=a_key(recipient), id_="id@us.test", send=lambda: None)
            assert put_off(ledger, parcel, cause, now=lambda: AT).record.state == state
    assert desk.states() == [(LATER, 0), (SENT, 1)]
    assert not desk.deliver().tried
    desk.at += MINUTE
    assert desk.deliver().record == Record(state=SENT, attempts=1)


def test_what_was_skipped_goes_out_once_it_may(desk: Desk) -> None:
    """A recipient whose domain was not allowed yesterday gets today's mail once it is."""
    with Ledger.open(desk.folder, at=AT) as ledger:
        skipped = Record(state=SKIPPED, problem="not allowed")
        ledger.pass_over(a_key(), skipped, message_id="id@us.test", at=AT)
    assert desk.states() == [(SKIPPED, 0)]
    assert desk.deliver().record.state == SENT
    with Ledger.open(desk.folder, at=AT) as ledger:
        ledger.pass_over(a_key(), skipped, message_id="id@us.test", at=AT)
    assert desk.states() == [(SENT, 1)]


def test_one_program_sends_at_a_time_and_needs_no_writer_to_end(desk: Desk) -> None:
    """A second sender is told who sends; somebody who writes messages is in nobody's way."""
    with Store.open(desk.folder, mode="write"):
        assert desk.deliver().record.state == SENT
    with (
        Ledger.open(desk.folder, at=AT),
        pytest.raises(UserError, match=f"another program is sending from this store: process {os.getpid()}"),
        Ledger.open(desk.folder, at=AT),
    ):
        pass


@contextmanager
def unlocked(folder: Path) -> Iterator[Ledger]:
    """A ledger as on a file system on which locks do nothing."""
    with Ledger.open(folder, at=AT) as ledger:
        (folder / "sender.lock").unlink()
        yield ledger


def test_of_many_that_race_for_a_delivery_one_sends(desk: Desk) -> None:
    """The claim alone decides, without the lock: eight threads, each with a connection of its own."""
    start, sent = threading.Barrier(8), []
    outcomes: list[DeliveryOutcome] = []
    opened: list[threading.Event] = [threading.Event() for _ in range(9)]
    opened[0].set()

    def one(number: int) -> None:
        opened[number].wait()
        with unlocked(desk.folder) as ledger:
            opened[number + 1].set()
            start.wait()
            parcel = Delivery(key=a_key(), id_="id@us.test", send=lambda: sent.append(number))
            outcomes.append(deliver_once(ledger, parcel, now=lambda: AT))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sent) == 1
    assert [outcome.tried for outcome in outcomes].count(True) == 1
    assert desk.states() == [(SENT, 1)]


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.subprocess
def test_a_sender_that_is_killed_leaves_something_uncertain(desk: Desk) -> None:
    """Between claim and record nobody knows: the next run reports it and sends nothing; a person may."""
    command = [
        sys.executable,
        "-m",
        "tests.mailsignals.notifications.delivery.hanging_sender",
        str(desk.folder),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as sender:
        assert sender.stdout
        assert sender.stdout.readline() == "handing over\n"
        with Store.open(desk.folder, mode="read") as store:
            assert store.deliveries()["state"].to_list() == ["claimed"]
        os.kill(sender.pid, signal.SIGKILL)
    outcome = desk.deliver()
    assert (outcome.tried, outcome.record.state) == (False, UNSURE)
    assert "may or may not have arrived" in str(outcome.record.problem)
    assert desk.handed_over == 0
    assert desk.deliver(resend=True).record == Record(state=SENT, attempts=2)


def test_a_folder_takes_each_mail_once_for_its_owner_alone(tmp_path: Path) -> None:
    """The same mail again takes the same place, and a folder that cannot be written is everybody's trouble."""
    folder = FolderSender(tmp_path / "out")
    for _ in range(2):
        folder.send(a_message())
    (file,) = (tmp_path / "out").iterdir()
    assert file.suffix == ".eml"
    assert file.read_bytes() == a_message().as_bytes()
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(RefusedError) as refused:
        FolderSender(file).send(a_message())
    assert refused.value.everywhere
