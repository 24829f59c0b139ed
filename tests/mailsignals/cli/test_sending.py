"""``mailsignals digest --send`` with a mail server on this machine."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mailsignals.cli.program import Program, Ran
from tests.mailsignals.cli.small_company import AS_OF
from tests.support.smtp import PASSWORD, MailServer
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

ANA, BO = "ana@us.test", "bo@us.test"
SECTION = """
[digest]
enabled = true
from = "signals@us.test"

[digest.smtp]
host = "127.0.0.1"
port = {port}
security = "none"
"""
SEND = ("digest", "--send", "--as-of", AS_OF)


def add(folder: Path, text: str) -> None:
    """Add to the configuration."""
    with (folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write(text)


@pytest.fixture
def mails(stocked: Path) -> Iterator[MailServer]:
    """A mail server that the company of the current folder sends by."""
    with MailServer().running() as server:
        add(stocked, SECTION.format(port=server.port))
        yield server


def states(ran: Ran) -> dict[tuple[str, str], str]:
    """What became of each, by way and recipient."""
    return {(row["kind"], row["recipient"]): row["state"] for row in ran.json}


def test_nothing_is_sent_unless_it_is_enabled(run: Program, stocked: Path) -> None:
    """The sentence says which key it is; a dry run shows what would be sent all the same."""
    run(*SEND).refused("digest.enabled")
    dry = run(*SEND, "--dry-run", "--json")
    assert dry.status == 0
    assert states(dry) == {("digest", ANA): "due", ("digest", BO): "due", ("digest", "nobody"): "skipped"}
    assert "would be refused" in dry.err


@pytest.mark.parametrize(
    "words",
    [
        ("digest",),
        ("digest", "--send", "--to", "x"),
        ("digest", "--to", "x", "--dry-run"),
        ("digest", "--to", "x", "--resend"),
    ],
)
def test_options_that_do_not_go_together(run: Program, stocked: Path, words: tuple[str, ...]) -> None:
    """One of the ways, and what belongs to it."""
    run(*words).refused("--send")


def test_each_csm_gets_one_mail_a_day(run: Program, mails: MailServer) -> None:
    """A complete one, with a subject that names no customer; the second run sends nothing."""
    dry = run(*SEND, "--dry-run", "--json")
    assert mails.taken == []
    first, second = run(*SEND, "--json"), run(*SEND)
    assert (dry.status, first.status, second.status) == (0, 0, 0)
    assert states(first)["digest", ANA] == "sent"
    assert second.out.count("sent before") == 2
    assert [recipient for _, (recipient,) in mails.envelopes] == [ANA, BO]
    mail = mails.mails[0]
    assert str(mail["Subject"]) == "Nothing new - Us"
    assert "Customer" not in mail["Subject"]
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert "Customer 1" in part.get_content()
    assert run("status", "--json").json["undelivered"] == []


def test_the_head_gets_one_weekly_digest_in_a_calendar_week(run: Program, mails: MailServer) -> None:
    """Whoever is named, if mail may go there; without a name it is refused, and it is of all CSMs."""
    weekly = ("digest", "--weekly", "--send", "--as-of")
    run(*weekly, AS_OF).refused("digest.head")
    run(*weekly, AS_OF, "--csm", ANA).refused("--weekly and --csm")
    config = Path("config.toml")
    named = config.read_text(encoding="utf-8").replace(
        "enabled = true", 'enabled = true\nhead = ["lea@us.test", "lea@elsewhere.test"]'
    )
    config.write_text(named, encoding="utf-8")
    first = run(*weekly, AS_OF, "--json")
    assert states(first) == {("weekly", "lea@us.test"): "sent", ("weekly", "lea@elsewhere.test"): "skipped"}
    assert {row["due_on"] for row in first.json} == {"2026-03-02"}
    assert run(*weekly, "2026-03-08", "--json").json[0]["now"] is False
    assert run(*weekly, "2026-03-09").status == 0
    assert [str(mail["List-Id"]) for mail in mails.mails] == ["<weekly.mailsignals.us.test>"] * 2
    assert str(mails.mails[0]["Subject"]) == "Week until 2 March 2026: 2 of 12 accounts at risk - Us"


def test_a_support_lead_gets_one_digest_a_day(run: Program, mails: MailServer) -> None:
    """With the day before; one kind of digest is asked for at a time, and a page can be had of each."""
    support = ("digest", "--support", "--send", "--as-of")
    run(*support, AS_OF).refused("digest.support_lead")
    run(*support, AS_OF, "--weekly").refused("--weekly and --support")
    config = Path("config.toml")
    named = config.read_text(encoding="utf-8").replace(
        "enabled = true", 'enabled = true\nsupport_lead = ["lea@us.test"]'
    )
    config.write_text(named, encoding="utf-8")
    assert states(run(*support, AS_OF, "--json")) == {("support", "lea@us.test"): "sent"}
    assert run(*support, "2026-03-03").status == 0
    assert [str(mail["List-Id"]) for mail in mails.mails] == ["<support.mailsignals.us.test>"] * 2
    assert "on 1 March 2026" in mails.mails[0]["Subject"]
    for option, page in (("--support", "support.html"), ("--weekly", "weekly.html")):
        assert run("digest", option, "--to", "out", "--as-of", AS_OF).out == f"out/{page}\n"


def test_one_csm_and_another_day(run: Program, mails: MailServer) -> None:
    """A CSM may be sent to alone; the next day is another delivery."""
    assert run(*SEND, "--csm", BO).status == 0
    assert run("digest", "--send", "--as-of", "2026-03-03", "--csm", BO).status == 0
    assert [recipient for _, (recipient,) in mails.envelopes] == [BO, BO]


def test_mail_goes_to_allowed_domains_alone(run: Program, mails: MailServer, stocked: Path) -> None:
    """A CSM elsewhere gets nothing, and status says why; what is wrong with one does not stop the others."""
    book = stocked / "accounts.csv"
    book.write_text(book.read_text(encoding="utf-8").replace(ANA, "ana@elsewhere.test"), encoding="utf-8")
    assert run(*SEND).status == 0
    assert [recipient for _, (recipient,) in mails.envelopes] == [BO]
    assert "Mail may not go to elsewhere.test" in run("status").out.replace("\n", " ")


def test_a_recipient_who_is_refused_is_reported(run: Program, mails: MailServer) -> None:
    """In the run and in status, with what to do; on request it is tried again, and the others are not."""
    mails.replies = {ANA: "550 no such user"}
    refused = run(*SEND, "--json")
    assert refused.status == 3
    assert states(refused)["digest", ANA] == "refused"
    assert "550 no such user" in run("status").out
    mails.replies = {}
    assert run(*SEND).status == 3
    assert run(*SEND, "--resend").status == 0
    assert [recipient for _, (recipient,) in mails.envelopes] == [BO, ANA]


def test_a_refused_sign_in_stops_the_run(
    run: Program, mails: MailServer, stocked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody's mail is tried any more, all wait for the next try, and the exit status says why."""
    monkeypatch.setenv("MAILSIGNALS_DIGEST__SMTP__USER", "signals")
    monkeypatch.setenv("MAILSIGNALS_DIGEST__SMTP__PASSWORD_ENV", "SMTP_PASSWORD")
    run(*SEND).refused("SMTP_PASSWORD")
    monkeypatch.setenv("SMTP_PASSWORD", "wrong-password")
    ran = run(*SEND, "--json")
    assert ran.status == 4
    assert "wrong-password" not in ran.out + ran.err
    assert mails.taken == []
    assert [row["state"] for row in run("status", "--json").json["undelivered"]] == [
        "later",
        "later",
    ]
    monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
    assert run(*SEND).status == 3
    assert run(*SEND, "--resend").status == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.subprocess
def test_a_run_that_is_killed_is_uncertain_and_not_repeated(
    run: Program, mails: MailServer, stocked: Path
) -> None:
    """The mail server has the mail, the program dies before it notes so: nobody gets it twice by itself."""
    mails.answering.clear()
    program = [sys.executable, "-c", "from mailsignals.cli import main; main()", *SEND]
    with subprocess.Popen(
        program, cwd=stocked, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as sender:
        wait_until(lambda: claimed(run) and mails.at_work == 1)
        os.kill(sender.pid, signal.SIGKILL)
    mails.answering.set()
    after = run(*SEND, "--json")
    assert after.status == 3
    assert states(after) == {
        ("digest", ANA): "unsure",
        ("digest", BO): "sent",
        ("digest", "nobody"): "skipped",
    }
    assert "--resend" in after.err
    assert "nobody knows" in run("status").out.replace("\n", " ")
    assert run(*SEND, "--resend").status == 0


def claimed(run: Program) -> bool:
    """Whether a mail is being sent."""
    return any(row["state"] == "claimed" for row in run("status", "--json").json["undelivered"])


@pytest.mark.subprocess
def test_many_that_run_at_once_send_one_mail_each(mails: MailServer, stocked: Path) -> None:
    """Each CSM has one mail, whoever sent it; who came too late says that somebody else is sending."""
    program = [sys.executable, "-c", "from mailsignals.cli import main; main()", *SEND]
    runs = [
        subprocess.Popen(program, cwd=stocked, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    ends = [(one.communicate()[1], one.returncode) for one in runs]
    assert sorted(recipient for _, (recipient,) in mails.envelopes) == [ANA, BO]
    assert {status for _, status in ends} <= {0, 2}
    assert all("another program is sending" in said for said, status in ends if status == 2)


def test_a_channel_gets_the_short_form(run: Program, mails: MailServer, stocked: Path) -> None:
    """Through the same outbox; a channel out of reach keeps no mail back, and its address is in no output."""
    add(stocked, '\n[digest.webhook]\nkind = "slack"\nurl_file = "hook"\n')
    (stocked / "hook").write_text("http://127.0.0.1:9/services/not-to-be-seen\n", encoding="utf-8")
    ran = run(*SEND, "--json")
    assert ran.status == 3
    assert {state for (kind, _), state in states(ran).items() if kind == "slack"} == {"later"}
    assert len(mails.taken) == 2
    assert "not-to-be-seen" not in ran.out + ran.err + run("status").out
    (stocked / "hook").write_text("http://example.test/x", encoding="utf-8")
    run(*SEND).refused("digest.webhook.url", "https://")
    assert "example.test/x" not in json.dumps(run("status", "--json").json)
