"""``mailsignals digest``: its options, what it prints of sending, and the exit statuses."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailsignals.cli.send_report import sending_exit_status
from mailsignals.notifications.delivery.outbox import DeliveryOutcome
from mailsignals.store.tables.deliveries import Record
from tests.mailsignals import small_company
from tests.mailsignals.cli.program import Program, Ran
from tests.mailsignals.small_company import AS_OF
from tests.support.smtp import MailServer

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


@pytest.fixture
def mails(stocked: Path) -> Iterator[MailServer]:
    """A mail server that the company of the current folder sends by."""
    with MailServer().running() as server:
        small_company.add(stocked, SECTION.format(port=server.port))
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
    assert "nothing can be sent" in dry.err


@pytest.mark.parametrize(
    "words",
    [
        ("digest",),
        ("digest", "--send", "--to", "x"),
        ("digest", "--to", "x", "--dry-run"),
        ("digest", "--to", "x", "--resend"),
    ],
)
def test_options_that_do_not_go_together(run: Program, words: tuple[str, ...]) -> None:
    """One of the ways, and what belongs to it."""
    run(*words).refused("--send")


def test_bulletins_need_readers_and_come_one_at_a_time(run: Program, stocked: Path) -> None:
    """Without a name nobody gets one; a bulletin is of all CSMs, and one of two."""
    small_company.add(stocked, SECTION.format(port=9))
    weekly, support = (("digest", option, "--send", "--as-of", AS_OF) for option in ("--weekly", "--support"))
    run(*weekly).refused("digest.head")
    run(*weekly, "--csm", ANA).refused("--weekly and --csm")
    run(*support).refused("digest.support_lead")
    run(*support, "--weekly").refused("--weekly and --support")


@pytest.mark.parametrize(
    ("words", "page"),
    [
        (["--support"], "support.html"),
        (["--weekly"], "weekly.html"),
        (["--csm", BO], "digest-bo@us.test.html"),
    ],
)
def test_a_page_can_be_had_of_each(run: Program, stocked: Path, words: list[str], page: str) -> None:
    """Standard output has its path."""
    assert run("digest", *words, "--to", "out", "--as-of", AS_OF).out == f"out/{page}\n"
    assert (stocked / "out" / page).is_file()


@pytest.mark.parametrize(
    ("states", "status"),
    [
        (["sent", "skipped"], 0),
        (["sent", "unsure"], 3),
        (["refused", "sent"], 3),
        (["later"], 3),
        (["claimed"], 3),
    ],
)
def test_a_run_has_an_exit_status(states: list[str], status: int) -> None:
    """Done if everything that may be sent was, also before."""
    outcomes = [DeliveryOutcome(record=Record(state=state), tried=False) for state in states]
    assert sending_exit_status(outcomes) == status


@pytest.mark.slow
def test_what_was_sent_is_exit_status_0_and_shown(run: Program, mails: MailServer) -> None:
    """One CSM's or all, as mail and as bulletins; what went out before is shown as such."""
    small_company.configure(
        Path(),
        "enabled = true",
        'enabled = true\nhead = ["lea@us.test", "lea@elsewhere.test"]\nsupport_lead = ["lea@us.test"]',
    )
    assert states(run(*SEND, "--csm", BO, "--json")) == {("digest", BO): "sent"}
    again = run(*SEND)
    assert (again.status, again.out.count("sent before")) == (0, 1)
    assert [recipient for _, (recipient,) in mails.envelopes] == [BO, ANA]
    weekly = run("digest", "--weekly", "--send", "--as-of", AS_OF, "--json")
    assert states(weekly) == {("weekly", "lea@us.test"): "sent", ("weekly", "lea@elsewhere.test"): "skipped"}
    assert (weekly.status, {row["due_on"] for row in weekly.json}) == (0, {"2026-03-02"})
    support = run("digest", "--support", "--send", "--as-of", AS_OF, "--json")
    assert (support.status, states(support)) == (0, {("support", "lea@us.test"): "sent"})
    status = run("status")
    assert "Email to elsewhere.test is not allowed" in status.out.replace("\n", " ")


@pytest.mark.slow
def test_what_was_not_sent_is_exit_status_3(run: Program, mails: MailServer) -> None:
    """The run and status say why, and what to do; the address of a channel is in no output."""
    small_company.add(Path(), '[digest.webhook]\nkind = "slack"\nurl_file = "hook"')
    Path("hook").write_text("http://127.0.0.1:9/services/not-to-be-seen\n", encoding="utf-8")
    mails.replies = {ANA: "550 no such user"}
    ran = run(*SEND, "--json")
    assert ran.status == 3
    assert states(ran)["digest", ANA] == "refused"
    assert {state for (kind, _), state in states(ran).items() if kind == "slack"} == {"later"}
    assert "--resend" in ran.err
    status = run("status")
    assert "550 no such user" in status.flat
    assert "not-to-be-seen" not in ran.out + ran.err + status.out
    mails.replies = {}
    assert run(*SEND, "--csm", ANA, "--resend", "--json").json[0]["state"] == "sent"


@pytest.mark.slow
def test_a_refused_sign_in_is_exit_status_4(
    run: Program, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password is in no output."""
    monkeypatch.setenv("MAILSIGNALS_DIGEST__SMTP__USER", "signals")
    monkeypatch.setenv("MAILSIGNALS_DIGEST__SMTP__PASSWORD_ENV", "SMTP_PASSWORD")
    monkeypatch.setenv("SMTP_PASSWORD", "wrong-password")
    ran = run(*SEND, "--json")
    assert ran.status == 4
    assert "wrong-password" not in ran.out + ran.err
