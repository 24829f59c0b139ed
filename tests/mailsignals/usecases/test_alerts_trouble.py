"""Alerts where something goes wrong: nobody is told twice, and nothing is lost."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mailsignals.jobs.job import Context
from mailsignals.store.messages.lock import lock_for_sending
from mailsignals.usecases.job_list import job_list
from mailsignals.workspace import Workspace
from tests.mailsignals import small_company
from tests.mailsignals.alert_company import ANA, LEA, to
from tests.mailsignals.usecases.alerting import delivered, states, tell, utc
from tests.mailsignals.usecases.offices import loaded
from tests.mailsignals.usecases.sending import claimed, undelivered
from tests.support.smtp import MailServer
from tests.support.waiting import wait_until

AlertDesk = tuple[Path, MailServer]


@pytest.mark.slow
def test_mail_goes_to_allowed_domains_alone(alert_desk: AlertDesk) -> None:
    """Whoever is elsewhere is skipped once a day, status says why, and is told once they are allowed."""
    folder, server = alert_desk
    book = folder / "accounts.csv"
    book.write_text(book.read_text(encoding="utf-8").replace(ANA, "ana@elsewhere.test"), encoding="utf-8")
    small_company.list_from_the_start(folder)
    tell(folder, "03 12:05")
    for minute in (15, 20):
        tell(folder, f"03 12:{minute}")
        assert to(server) == [LEA]
    (skipped,) = undelivered(loaded(folder), utc("03 12:20")).to_dicts()
    assert (skipped["recipient"], skipped["state"]) == ("ana@elsewhere.test", "skipped")
    allowed = 'enabled = true\nallowed_domains = ["us.test", "elsewhere.test"]\nfrom'
    small_company.configure(folder, "enabled = true\nfrom", allowed)
    tell(folder, "03 12:20")
    assert to(server) == [LEA, "ana@elsewhere.test"]


def test_a_server_that_is_away_loses_nothing(alert_desk: AlertDesk) -> None:
    """The alert is tried again after a while, with what is true by then."""
    folder, server = alert_desk
    server.replies = {ANA: "451 come back later"}
    assert [one.record.state for one in tell(folder, "03 12:15")] == ["later", "sent"]
    server.replies = {}
    assert [one.record.state for one in tell(folder, "03 13:05")] == ["sent"]
    assert to(server) == [LEA, ANA]
    assert str(server.mails[1]["Subject"]) == "1 ticket breached - Us"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.subprocess
def test_a_run_that_is_killed_repeats_nothing_by_itself(alert_desk: AlertDesk) -> None:
    """What it was sending is uncertain; a person may repeat it, and the others are told."""
    folder, server = alert_desk
    server.answering.clear()
    module = "tests.mailsignals.usecases.sending"
    words = [str(folder / "config.toml"), utc("03 12:15").isoformat(), "alerts"]
    with subprocess.Popen(
        [sys.executable, "-m", module, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as sender:
        wait_until(lambda: server.at_work == 1 and claimed(folder))
        os.kill(sender.pid, signal.SIGKILL)
    server.answering.set()
    wait_until(lambda: server.at_work == 0)  # the server takes what it has
    before = to(server)
    tell(folder, "03 12:20")
    assert to(server) == [*before, LEA]
    assert states(folder, "03 12:20") == {(ANA, "due_soon"): "unsure", (LEA, "due_soon"): "told"}
    (problem,) = undelivered(loaded(folder), utc("03 12:20"))["problem"]
    assert "may or may not have arrived" in problem.lower()
    tell(folder, "03 12:20", resend=True)
    assert to(server) == [*before, LEA, ANA]


def test_a_channel_is_told_once(alert_desk: AlertDesk) -> None:
    """Of tickets, not once for each reader; its trouble keeps no mail back."""
    folder, _ = alert_desk
    small_company.add(folder, '[digest.webhook]\nkind = "slack"\nurl_file = "hook"')
    (folder / "hook").write_text("http://127.0.0.1:9/not-to-be-seen\n", encoding="utf-8")
    tell(folder, "03 12:05")
    outcomes = tell(folder, "03 12:15")
    assert len(outcomes) == 3
    assert delivered(folder) == {("alert", ANA): "sent", ("alert", LEA): "sent", ("slack", "alerts"): "later"}
    assert "not-to-be-seen" not in repr(outcomes)
    assert "not-to-be-seen" not in undelivered(loaded(folder), utc("03 12:15")).write_json()


@pytest.mark.slow
def test_a_job_waits_until_another_has_sent(alert_desk: AlertDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """At eight several of them want to; each has its turn, and none fails for it."""
    folder, server = alert_desk
    monkeypatch.setattr("mailsignals.usecases.send.BUSY_SECONDS", 0.01)
    monkeypatch.setattr("mailsignals.usecases.send.BUSY_TRIES", 100_000)
    workspace = Workspace.load(folder / "config.toml")
    (job,) = [job for job in job_list(workspace.settings) if job.name == "alerts"]

    def outcome(at: str) -> str:
        now = utc(at)
        return job.work(workspace, Context(due_at=now, now=lambda: now, stop=threading.Event()))

    held = lock_for_sending(folder / "store")
    release = threading.Timer(1.0, held.close)
    release.start()
    assert outcome("03 12:15") == "2 sent"
    assert to(server) == [ANA, LEA]
    with lock_for_sending(folder / "store"):
        monkeypatch.setattr("mailsignals.usecases.send.BUSY_TRIES", 2)
        assert "another program is sending" in outcome("03 13:30")
    assert outcome("03 13:30") == "2 sent"
