"""``mailsignals alerts`` and its job, with a mail server on this machine and a clock of ours."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from mailsignals.store import Store
from mailsignals.store.scores import SCORES_SCHEMA
from tests.mailsignals.cli import small_company
from tests.mailsignals.cli.program import Program, Ran
from tests.mailsignals.cli.small_company import DESK, a_mail
from tests.support.smtp import MailServer

ANA, BO, LEA = "ana@us.test", "bo@us.test", "lea@us.test"
KIM = "kim@a04.test"
CONFIG = """
[digest]
enabled = true
from = "signals@us.test"
support_lead = ["lea@us.test"]

[digest.smtp]
host = "127.0.0.1"
port = {port}
security = "none"

[alerts]
enabled = true
tiers = ["gold"]
"""
SEND = ("alerts", "--send")

Time = Callable[[str], None]


def berlin(text: str) -> dt.datetime:
    """The instant of a time of March 2026, such as ``03 09:00``; the 3rd is a Tuesday."""
    return dt.datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture
def it_is(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Sets the clock."""

    def now(text: str) -> None:
        monkeypatch.setattr("mailsignals.clock.now", lambda: berlin(text).astimezone(dt.UTC))

    return now


@pytest.fixture
def mails(stocked: Path, run: Program, it_is: Time) -> Iterator[MailServer]:
    """A mail server; Ana's customer A04 asks on Tuesday at 9, and has to be answered within 4 hours.

    Alerts were begun on Tuesday at 8.
    """
    (stocked / "new.mbox").write_bytes(a_mail("new", berlin("03 09:00"), KIM, DESK))
    assert run("import", "new.mbox", "--mailbox", DESK, "--quiet").status == 0
    with MailServer().running() as server:
        with (stocked / "config.toml").open("a", encoding="utf-8") as file:
            file.write(CONFIG.format(port=server.port))
        it_is("03 08:00")
        assert run(*SEND).status == 0
        assert server.taken == []
        yield server


def to(server: MailServer) -> list[str]:
    """Who got mail, in order."""
    return [recipient for _, (recipient,) in server.envelopes]


def states(ran: Ran) -> dict[tuple[str, str], str]:
    """What becomes of each matter, by recipient and kind; what began before alerts is left out."""
    return {(row["recipient"], row["kind"]): row["state"] for row in ran.json if row["state"] != "before"}


def test_a_ticket_is_told_before_it_breaches_and_when_it_has(
    run: Program, mails: MailServer, it_is: Time
) -> None:
    """To its CSM and the support lead, the same facts, each once; no subject names a customer."""
    it_is("03 12:11")
    assert run(*SEND).status == 0
    assert mails.taken == []
    it_is("03 12:15")
    assert states(run("alerts", "--json")) == {(ANA, "due_soon"): "due", (LEA, "due_soon"): "due"}
    assert run(*SEND, "--dry-run", "--json").json[0]["state"] == "due"
    assert mails.taken == []
    for _ in range(2):
        assert run(*SEND).status == 0
        assert to(mails) == [ANA, LEA]
    assert states(run("alerts", "--json")) == {(ANA, "due_soon"): "told", (LEA, "due_soon"): "told"}
    it_is("03 13:00")
    assert states(run("alerts", "--json")) == {(ANA, "breached"): "gathered", (LEA, "breached"): "gathered"}
    it_is("03 13:15")
    assert run(*SEND).status == 0
    assert to(mails) == [ANA, LEA, ANA, LEA]
    assert [str(mail["Subject"]) for mail in mails.mails[::2]] == [
        "1 ticket about to breach - Us",
        "1 ticket breached - Us",
    ]
    first, second = mails.mails[:2]
    assert str(first["List-Id"]) == "<alert.mailsignals.us.test>"
    for kind in ("plain", "html"):
        parts = [mail.get_body((kind,)) for mail in (first, second)]
        texts = [part.get_content() for part in parts if part]
        assert texts[0] == texts[1]
        assert "Customer 4" in texts[0]
        assert KIM in texts[0]
    assert len({str(mail["Message-ID"]) for mail in mails.mails}) == 4


def test_what_is_answered_or_dismissed_is_not_told(
    run: Program, mails: MailServer, it_is: Time, stocked: Path
) -> None:
    """However short before the mail goes out."""
    it_is("03 12:15")
    (ticket,) = {row["ticket"] for row in run("alerts", "--json").json if row["state"] == "due"}
    assert run("sla", "dismiss", ticket).status == 0
    assert run(*SEND).status == 0
    assert mails.taken == []
    assert run("sla", "dismiss", ticket, "--undo").status == 0
    assert states(run("alerts", "--json")) == {(ANA, "due_soon"): "due", (LEA, "due_soon"): "due"}
    (stocked / "answer.mbox").write_bytes(a_mail("answer", berlin("03 12:14"), DESK, KIM, after="new"))
    assert run("import", "answer.mbox", "--mailbox", DESK, "--quiet").status == 0
    assert run(*SEND).status == 0
    assert mails.taken == []


def test_nights_are_quiet_and_a_weekend_is_told_at_once(run: Program, mails: MailServer, it_is: Time) -> None:
    """What happened while nobody ran it is told together, in the reader's hours, where the reader is."""
    with Path("config.toml").open("a", encoding="utf-8") as file:
        file.write('[[people]]\naddress = "lea@us.test"\ntimezone = "America/New_York"\n')
    it_is("08 12:00")
    assert states(run("alerts", "--json")) == {(ANA, "breached"): "quiet", (LEA, "breached"): "quiet"}
    assert run(*SEND).status == 0
    assert mails.taken == []
    it_is("09 08:16")
    assert run(*SEND).status == 0
    assert to(mails) == [ANA]
    it_is("09 13:30")  # half past eight over there, where clocks changed the day before
    assert run(*SEND).status == 0
    assert to(mails) == [ANA, LEA]


def record(day: int, *, high: bool) -> None:
    """Record that A05 is at high risk on a day of March, at six, or that nobody is."""
    scored_at = berlin(f"{day:02} 06:00").astimezone(dt.UTC)
    row = {
        "account_id": "A05",
        "scored_on": scored_at.date(),
        "scored_at": scored_at,
        "state": "scored",
        "level": "high" if high else "low",
        "score": 95.0 if high else 20.0,
        "source": "scorecard",
    }
    with Store.open(Path("store"), mode="write") as store:
        store.scores.add(pl.DataFrame([row], schema=SCORES_SCHEMA))


def test_an_account_that_enters_high_risk_is_left_to_the_digest(
    run: Program, mails: MailServer, it_is: Time
) -> None:
    """The digest of the day tells; if none came, an alert does, to the CSM alone, with the card."""
    record(2, high=False)
    record(3, high=False)
    record(4, high=True)
    it_is("04 08:01")
    assert states(run("alerts", "--json"))[ANA, "at_risk"] == "digest"
    it_is("04 08:20")
    assert states(run("alerts", "--json"))[ANA, "at_risk"] == "due"
    assert run("digest", "--send", "--quiet").status == 0
    it_is("04 08:25")
    assert states(run("alerts", "--json"))[ANA, "at_risk"] == "known"
    assert run(*SEND).status == 0
    assert not [
        mail for mail in mails.mails if "at risk" in str(mail["Subject"]) and "alert" in mail["List-Id"]
    ]


def test_without_a_digest_an_alert_tells_of_risk(run: Program, mails: MailServer, it_is: Time) -> None:
    """With why and what to do, as a digest has it."""
    record(2, high=False)
    record(3, high=False)
    record(4, high=True)
    it_is("04 08:20")
    assert run(*SEND).status == 0
    (ana,) = [mail for mail in mails.mails if mail["To"].addresses[0].addr_spec == ANA]
    assert "1 account newly at risk" in str(ana["Subject"])
    part = ana.get_body(("plain",))
    assert part is not None
    assert "* Customer 5 (A05, gold)" in part.get_content()
    assert "  Next: " in part.get_content()
    lea = [mail for mail in mails.mails if mail["To"].addresses[0].addr_spec == LEA]
    assert "at risk" not in str(lea[0]["Subject"])


def test_mail_goes_to_allowed_domains_alone(
    run: Program, mails: MailServer, it_is: Time, stocked: Path
) -> None:
    """Whoever is elsewhere is skipped once a day, status says why, and is told once they are allowed."""
    book = stocked / "accounts.csv"
    book.write_text(book.read_text(encoding="utf-8").replace(ANA, "ana@elsewhere.test"), encoding="utf-8")
    it_is("03 12:05")
    assert run(*SEND).status == 0
    for minute in (15, 20):
        it_is(f"03 12:{minute}")
        assert run(*SEND).status == 0
        assert to(mails) == [LEA]
    (skipped,) = run("status", "--json").json["undelivered"]
    assert (skipped["recipient"], skipped["state"]) == ("ana@elsewhere.test", "skipped")
    config = stocked / "config.toml"
    text = config.read_text(encoding="utf-8")
    allowed = 'enabled = true\nallowed_domains = ["us.test", "elsewhere.test"]\nfrom'
    config.write_text(text.replace("enabled = true\nfrom", allowed), encoding="utf-8")
    assert run(*SEND).status == 0
    assert to(mails) == [LEA, "ana@elsewhere.test"]


def test_a_server_that_is_away_loses_nothing(run: Program, mails: MailServer, it_is: Time) -> None:
    """The alert is tried again after a while, with what is true by then."""
    mails.replies = {ANA: "451 come back later"}
    it_is("03 12:15")
    assert run(*SEND).status == 3
    mails.replies = {}
    it_is("03 13:05")
    assert run(*SEND).status == 0
    assert to(mails) == [LEA, ANA]
    assert str(mails.mails[1]["Subject"]) == "1 ticket breached - Us"


def test_the_job_tells_and_status_shows_it(run: Program, mails: MailServer, it_is: Time) -> None:
    """It is one of the jobs where alerts are enabled; a dry run of the service lists it."""
    assert "alerts" in [row["job"] for row in run("run", "--dry-run", "--json").json]
    it_is("03 12:15")
    assert run("run", "--once", "alerts").err == "alerts: 2 sent.\n"
    assert run("run", "--once", "alerts").err == "alerts: nothing to tell.\n"
    (job,) = [row for row in run("status", "--json").json["jobs"] if row["job"] == "alerts"]
    assert (job["how"], job["outcome"]) == ("done", "nothing to tell")


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_run_that_is_killed_repeats_nothing_by_itself(run: Program, mails: MailServer, it_is: Time) -> None:
    """What it was sending is uncertain; a person may repeat it, and the others are told."""
    it_is("03 12:15")
    mails.slow = {"DATA": 2.0}
    then = berlin("03 12:15").astimezone(dt.UTC)
    words = f"import datetime, mailsignals.clock; mailsignals.clock.now = lambda t={then!r}: t"
    program = [sys.executable, "-c", f"{words}; from mailsignals.cli import main; main()"]
    with subprocess.Popen(
        [*program, *SEND],
        env=os.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as sender:
        until = time.monotonic() + 30
        while not claimed(run) and time.monotonic() < until:
            time.sleep(0.05)
        os.kill(sender.pid, signal.SIGKILL)
    mails.slow = {}
    time.sleep(2.5)  # the server takes what it has
    before = to(mails)
    it_is("03 12:20")
    assert run(*SEND).status == 0
    assert to(mails) == [*before, LEA]
    assert states(run("alerts", "--json")) == {(ANA, "due_soon"): "unsure", (LEA, "due_soon"): "told"}
    assert "nobody knows" in run("status").out.replace("\n", " ").lower()
    assert run(*SEND, "--resend").status == 0
    assert to(mails) == [*before, LEA, ANA]


def claimed(run: Program) -> bool:
    """Whether a mail is being sent."""
    return any(row["state"] == "claimed" for row in run("status", "--json").json["undelivered"])


def test_a_channel_is_told_once(run: Program, mails: MailServer, it_is: Time, stocked: Path) -> None:
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


def test_nothing_is_told_unless_it_is_enabled(run: Program, stocked: Path) -> None:
    """Neither digests nor alerts are by default; the list shows what there is to tell all the same."""
    run(*SEND).refused("digest.enabled")
    listed = run("alerts", "--as-of", small_company.AS_OF)
    assert (listed.status, "alerts.enabled is false" in listed.err) == (0, True)
    assert "Customer 3" in listed.out
    run("alerts", "--dry-run").refused("--send")
    with (stocked / "config.toml").open("a", encoding="utf-8") as file:
        file.write(CONFIG.format(port=9).replace("[alerts]\nenabled = true\n", "[alerts]\n"))
    run(*SEND).refused("alerts.enabled")
    assert "alerts" not in [row["job"] for row in run("run", "--dry-run", "--json").json]
