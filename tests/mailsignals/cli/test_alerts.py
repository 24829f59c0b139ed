"""``mailsignals alerts`` and its job, with a mail server on this machine and a clock of ours."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from mailsignals.store import Store
from mailsignals.store.tables.scores import SCORES_SCHEMA
from tests.mailsignals.cli import small_company
from tests.mailsignals.cli.alert_company import ANA, CONFIG, KIM, LEA, SEND, Time, berlin, states, to
from tests.mailsignals.cli.program import Program
from tests.mailsignals.cli.small_company import DESK, a_mail
from tests.support.smtp import MailServer


@pytest.mark.slow
def test_a_ticket_is_told_before_it_breaches_and_when_it_has(
    run: Program, desk_mails: MailServer, it_is: Time
) -> None:
    """To its CSM and the support lead, the same facts, each once; no subject names a customer."""
    it_is("03 12:11")
    assert run(*SEND).status == 0
    assert desk_mails.taken == []
    it_is("03 12:15")
    assert states(run("alerts", "--json")) == {(ANA, "due_soon"): "due", (LEA, "due_soon"): "due"}
    assert run(*SEND, "--dry-run", "--json").json[0]["state"] == "due"
    assert desk_mails.taken == []
    for _ in range(2):
        assert run(*SEND).status == 0
        assert to(desk_mails) == [ANA, LEA]
    assert states(run("alerts", "--json")) == {(ANA, "due_soon"): "told", (LEA, "due_soon"): "told"}
    it_is("03 13:00")
    assert states(run("alerts", "--json")) == {(ANA, "breached"): "gathered", (LEA, "breached"): "gathered"}
    it_is("03 13:15")
    assert run(*SEND).status == 0
    assert to(desk_mails) == [ANA, LEA, ANA, LEA]
    assert [str(mail["Subject"]) for mail in desk_mails.mails[::2]] == [
        "1 ticket about to breach - Us",
        "1 ticket breached - Us",
    ]
    first, second = desk_mails.mails[:2]
    assert str(first["List-Id"]) == "<alert.mailsignals.us.test>"
    for kind in ("plain", "html"):
        parts = [mail.get_body((kind,)) for mail in (first, second)]
        texts = [part.get_content() for part in parts if part]
        assert texts[0] == texts[1]
        assert "Customer 4" in texts[0]
        assert KIM in texts[0]
    assert len({str(mail["Message-ID"]) for mail in desk_mails.mails}) == 4


@pytest.mark.slow
def test_what_is_answered_or_dismissed_is_not_told(
    run: Program, desk_mails: MailServer, it_is: Time, stocked: Path
) -> None:
    """However short before the mail goes out."""
    it_is("03 12:15")
    (ticket,) = {row["ticket"] for row in run("alerts", "--json").json if row["state"] == "due"}
    assert run("sla", "dismiss", ticket).status == 0
    assert run(*SEND).status == 0
    assert desk_mails.taken == []
    assert run("sla", "dismiss", ticket, "--undo").status == 0
    assert states(run("alerts", "--json")) == {(ANA, "due_soon"): "due", (LEA, "due_soon"): "due"}
    (stocked / "answer.mbox").write_bytes(a_mail("answer", berlin("03 12:14"), DESK, KIM, after="new"))
    assert run("import", "answer.mbox", "--mailbox", DESK, "--quiet").status == 0
    assert run(*SEND).status == 0
    assert desk_mails.taken == []


@pytest.mark.slow
def test_nights_are_quiet_and_a_weekend_is_told_at_once(
    run: Program, desk_mails: MailServer, it_is: Time
) -> None:
    """What happened while nobody ran it is told together, in the reader's hours, where the reader is."""
    with Path("config.toml").open("a", encoding="utf-8") as file:
        file.write('[[people]]\naddress = "lea@us.test"\ntimezone = "America/New_York"\n')
    it_is("08 12:00")
    assert states(run("alerts", "--json")) == {(ANA, "breached"): "quiet", (LEA, "breached"): "quiet"}
    assert run(*SEND).status == 0
    assert desk_mails.taken == []
    it_is("09 08:16")
    assert run(*SEND).status == 0
    assert to(desk_mails) == [ANA]
    it_is("09 13:30")  # half past eight over there, where clocks changed the day before
    assert run(*SEND).status == 0
    assert to(desk_mails) == [ANA, LEA]


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


@pytest.mark.slow
def test_an_account_that_enters_high_risk_is_left_to_the_digest(
    run: Program, desk_mails: MailServer, it_is: Time
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
        mail for mail in desk_mails.mails if "at risk" in str(mail["Subject"]) and "alert" in mail["List-Id"]
    ]


@pytest.mark.slow
def test_without_a_digest_an_alert_tells_of_risk(run: Program, desk_mails: MailServer, it_is: Time) -> None:
    """With why and what to do, as a digest has it."""
    record(2, high=False)
    record(3, high=False)
    record(4, high=True)
    it_is("04 08:20")
    assert run(*SEND).status == 0
    (ana,) = [mail for mail in desk_mails.mails if mail["To"].addresses[0].addr_spec == ANA]
    assert "1 account newly at risk" in str(ana["Subject"])
    part = ana.get_body(("plain",))
    assert part is not None
    assert "* Customer 5 (A05, gold)" in part.get_content()
    assert "  Next: " in part.get_content()
    lea = [mail for mail in desk_mails.mails if mail["To"].addresses[0].addr_spec == LEA]
    assert "at risk" not in str(lea[0]["Subject"])


@pytest.mark.slow
def test_the_job_tells_and_status_shows_it(run: Program, desk_mails: MailServer, it_is: Time) -> None:
    """It is one of the jobs where alerts are enabled; a dry run of the service lists it."""
    assert "alerts" in [row["job"] for row in run("run", "--dry-run", "--json").json]
    it_is("03 12:15")
    assert run("run", "--once", "alerts").err == "alerts: 2 sent.\n"
    assert run("run", "--once", "alerts").err == "alerts: nothing to tell.\n"
    (job,) = [row for row in run("status", "--json").json["jobs"] if row["job"] == "alerts"]
    assert (job["how"], job["outcome"]) == ("done", "nothing to tell")


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
