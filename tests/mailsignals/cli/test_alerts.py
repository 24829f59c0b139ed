"""``mailsignals alerts``: the list, sending, and the exit statuses."""

import json
from pathlib import Path

import pytest

from tests.mailsignals import small_company
from tests.mailsignals.alert_company import ANA, CONFIG, LEA, Time
from tests.mailsignals.cli.program import Program, Ran
from tests.support.smtp import MailServer

SEND = ("alerts", "--send")


def states(ran: Ran) -> dict[tuple[str, str], str]:
    """What becomes of each matter, by recipient and kind; what began before alerts is left out."""
    return {(row["recipient"], row["kind"]): row["state"] for row in ran.json if row["state"] != "before"}


@pytest.mark.slow
def test_what_there_is_to_tell_is_listed_and_sent(run: Program, desk_mails: MailServer, it_is: Time) -> None:
    """A dry run sends nothing; where a channel fails the rest goes out, and its address is in no output."""
    small_company.add(Path(), '[digest.webhook]\nkind = "slack"\nurl_file = "hook"')
    Path("hook").write_text("http://127.0.0.1:9/not-to-be-seen\n", encoding="utf-8")
    it_is("03 12:05")
    assert run(*SEND).status == 0
    it_is("03 12:15")
    due = {(who, "due_soon"): "due" for who in (ANA, LEA, "alerts")}
    assert states(run("alerts", "--json")) == due
    assert run(*SEND, "--dry-run", "--json").json[0]["state"] == "due"
    assert desk_mails.taken == []
    ran = run(*SEND, "--json")
    assert ran.status == 3
    assert {(row["kind"], row["recipient"]): row["state"] for row in ran.json} == {
        ("alert", ANA): "sent",
        ("alert", LEA): "sent",
        ("slack", "alerts"): "later",
    }
    assert "not-to-be-seen" not in ran.out + ran.err + json.dumps(run("status", "--json").json)
    again = run(*SEND, "--resend", "--json")
    assert (again.status, [row["kind"] for row in again.json]) == (3, ["slack"])


def test_the_job_tells(run: Program, desk_mails: MailServer, it_is: Time) -> None:
    """What came of it is said, with nothing to tell too."""
    it_is("03 12:15")
    assert run("run", "--once", "alerts").err == "alerts: 2 sent.\n"
    assert run("run", "--once", "alerts").err == "alerts: no alerts.\n"


def test_nothing_is_told_unless_it_is_enabled(run: Program, stocked: Path) -> None:
    """Neither digests nor alerts are by default; the list shows what there is to tell all the same."""
    run(*SEND).refused("digest.enabled")
    listed = run("alerts", "--as-of", small_company.AS_OF)
    assert (listed.status, "alerts.enabled is false" in listed.err) == (0, True)
    assert "Customer 3" in listed.out
    run("alerts", "--dry-run").refused("--send")
    small_company.add(stocked, CONFIG.replace("[alerts]\nenabled = true\n", "[alerts]\n"))
    run(*SEND).refused("alerts.enabled")
