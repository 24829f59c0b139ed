"""Alerts where something goes wrong: nobody is told twice, and nothing is lost."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mailsignals.store.messages.lock import lock_for_sending
from tests.mailsignals.cli.alert_company import ANA, LEA, SEND, Time, berlin, claimed, states, to
from tests.mailsignals.cli.program import Program
from tests.support.smtp import MailServer
from tests.support.waiting import wait_until


@pytest.mark.slow
def test_mail_goes_to_allowed_domains_alone(
    run: Program, desk_mails: MailServer, it_is: Time, stocked: Path
) -> None:
    """Whoever is elsewhere is skipped once a day, status says why, and is told once they are allowed."""
    book = stocked / "accounts.csv"
    book.write_text(book.read_text(encoding="utf-8").replace(ANA, "ana@elsewhere.test"), encoding="utf-8")
    it_is("03 12:05")
    assert run(*SEND).status == 0
    for minute in (15, 20):
        it_is(f"03 12:{minute}")
        assert run(*SEND).status == 0
        assert to(desk_mails) == [LEA]
    (skipped,) = run("status", "--json").json["undelivered"]
    assert (skipped["recipient"], skipped["state"]) == ("ana@elsewhere.test", "skipped")
    config = stocked / "config.toml"
    text = config.read_text(encoding="utf-8")
    allowed = 'enabled = true\nallowed_domains = ["us.test", "elsewhere.test"]\nfrom'
    config.write_text(text.replace("enabled = true\nfrom", allowed), encoding="utf-8")
    assert run(*SEND).status == 0
    assert to(desk_mails) == [LEA, "ana@elsewhere.test"]


@pytest.mark.slow
def test_a_server_that_is_away_loses_nothing(run: Program, desk_mails: MailServer, it_is: Time) -> None:
    """The alert is tried again after a while, with what is true by then."""
    desk_mails.replies = {ANA: "451 come back later"}
    it_is("03 12:15")
    assert run(*SEND).status == 3
    desk_mails.replies = {}
    it_is("03 13:05")
    assert run(*SEND).status == 0
    assert to(desk_mails) == [LEA, ANA]
    assert str(desk_mails.mails[1]["Subject"]) == "1 ticket breached - Us"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.subprocess
def test_a_run_that_is_killed_repeats_nothing_by_itself(
    run: Program, desk_mails: MailServer, it_is: Time
) -> None:
    """What it was sending is uncertain; a person may repeat it, and the others are told."""
    it_is("03 12:15")
    desk_mails.answering.clear()
    then = berlin("03 12:15").astimezone(dt.UTC)
    words = f"import datetime, mailsignals.clock; mailsignals.clock.now = lambda t={then!r}: t"
    program = [sys.executable, "-c", f"{words}; from mailsignals.cli import main; main()"]
    with subprocess.Popen(
        [*program, *SEND],
        env=os.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as sender:
        wait_until(lambda: claimed(run) and desk_mails.at_work == 1)
        os.kill(sender.pid, signal.SIGKILL)
    desk_mails.answering.set()
    wait_until(lambda: desk_mails.at_work == 0)  # the server takes what it has
    before = to(desk_mails)
    it_is("03 12:20")
    assert run(*SEND).status == 0
    assert to(desk_mails) == [*before, LEA]
    assert states(run("alerts", "--json")) == {(ANA, "due_soon"): "unsure", (LEA, "due_soon"): "told"}
    assert "nobody knows" in run("status").out.replace("\n", " ").lower()
    assert run(*SEND, "--resend").status == 0
    assert to(desk_mails) == [*before, LEA, ANA]


@pytest.mark.slow
def test_a_channel_is_told_once(run: Program, desk_mails: MailServer, it_is: Time, stocked: Path) -> None:
    """Of tickets, not once for each reader; its trouble keeps no mail back."""
    with (stocked / "config.toml").open("a", encoding="utf-8") as file:
        file.write('[digest.webhook]\nkind = "slack"\nurl_file = "hook"\n')
    (stocked / "hook").write_text("http://127.0.0.1:9/not-to-be-seen\n", encoding="utf-8")
    it_is("03 12:05")
    assert run(*SEND).status == 0
    it_is("03 12:15")
    ran = run(*SEND, "--json")
    assert {(row["kind"], row["recipient"]): row["state"] for row in ran.json} == {
        ("alert", ANA): "sent",
        ("alert", LEA): "sent",
        ("slack", "alerts"): "later",
    }
    assert "not-to-be-seen" not in ran.out + ran.err + json.dumps(run("status", "--json").json)


@pytest.mark.slow
def test_a_job_waits_until_another_has_sent(
    run: Program, desk_mails: MailServer, it_is: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At eight several of them want to; each has its turn, and none fails for it."""
    monkeypatch.setattr("mailsignals.usecases.send.BUSY_SECONDS", 0.01)
    monkeypatch.setattr("mailsignals.usecases.send.BUSY_TRIES", 100_000)
    it_is("03 12:15")
    held = lock_for_sending(Path("store"))
    release = threading.Timer(1.0, held.close)
    release.start()
    assert run("run", "--once", "alerts").err == "alerts: 2 sent.\n"
    assert to(desk_mails) == [ANA, LEA]
    with lock_for_sending(Path("store")):
        monkeypatch.setattr("mailsignals.usecases.send.BUSY_TRIES", 2)
        it_is("03 13:30")
        assert "another program is sending" in run("run", "--once", "alerts").err
    assert run("run", "--once", "alerts").err == "alerts: 2 sent.\n"
