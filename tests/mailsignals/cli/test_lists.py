"""Filters, orders and relative dates of lists."""

from pathlib import Path

import pytest

from tests.mailsignals import small_company
from tests.mailsignals.alert_company import Time
from tests.mailsignals.cli.program import Program

AS_OF = ("--as-of", small_company.AS_OF)
MONTHS_LATER = ("--as-of", "2026-08-01")


def ids(rows: list[dict[str, str]]) -> list[str]:
    """The accounts of rows, each once, in their order."""
    return list(dict.fromkeys(row["account_id"] for row in rows))


def test_signals_are_filtered_sorted_and_limited(run: Program, stocked: Path) -> None:
    """All windows of the accounts that are left; the default order is the account list's."""
    whole = run("signals", *AS_OF, "--json").json
    own = run("signals", *AS_OF, "--csm", "Bo@us.test", "--json").json
    assert [row for row in whole if row["account_id"] in ids(own)] == own
    assert 0 < len(ids(own)) < len(ids(whole))
    first = run("signals", *AS_OF, "--limit", "2", "--json").json
    assert ids(first) == ids(whole)[:2]
    assert len(first) == 6
    silent = run("signals", *AS_OF, "--sort", "silent", "--json").json
    days = [row["days_since_inbound"] for row in silent if row["window_days"] == 30]
    known = [value for value in days if value is not None]
    assert known == sorted(known, reverse=True)
    assert days[len(known) :] == [None] * (len(days) - len(known))
    assert sorted(map(str, silent)) == sorted(map(str, whole))
    run("signals", *AS_OF, "--account", "A99").refused("--account A99")


@pytest.mark.parametrize("what", ["--tickets", "--responses"])
def test_tickets_are_filtered_sorted_and_limited(run: Program, stocked: Path, what: str) -> None:
    """By account; with a limit the newest comes first unless another order is requested, as for people."""
    period = ("--from", "2025-01-01", *AS_OF, "--json")
    unsorted = run("sla", what, *period).json
    whole = run("sla", what, "--sort", "opened", *period).json
    opened = "opened_at" if what == "--tickets" else "started_at"
    assert [row[opened] for row in whole] == sorted((row[opened] for row in whole), reverse=True)
    assert sorted(map(str, unsorted)) == sorted(map(str, whole))
    account = whole[0]["account_id"]
    own = run("sla", what, "--account", account, *period).json
    assert own == [row for row in unsorted if row["account_id"] == account]
    assert run("sla", what, "--limit", "2", *period).json == whole[:2]
    assert ids(run("sla", what, "--sort", "account", *period).json) == sorted(ids(whole))


def test_figures_of_some_accounts_count_their_tickets_alone(run: Program, stocked: Path) -> None:
    """The tiers' tickets add up over the CSMs; what makes no sense together is refused."""
    period = ("--from", "2025-01-01", *AS_OF, "--json")

    def tickets(*words: str) -> int:
        return sum(row["met"] + row["breached"] + row["pending"] for row in run("sla", *words, *period).json)

    assert tickets() == tickets("--csm", "ana@us.test") + tickets("--csm", "bo@us.test") > 0
    run("sla", "--limit", "2").refused("--limit requires --open, --tickets or --responses")
    run("sla", "--sort", "due").refused("--sort requires")
    run("sla", "--by", "agent", "--csm", "ana@us.test").refused("--by agent", "--csm")


def test_flags_are_filtered_and_sorted(run: Program, flagged: Path) -> None:
    """By CSM, account and state in the words of the list."""
    whole = ids(run("flag", "--json").json)
    assert ids(run("flag", "--state", "open", "--json").json) == whole
    assert run("flag", "--state", "saved", "--json").json == []
    assert ids(run("flag", "--account", whole[0].lower(), "--json").json) == whole[:1]
    assert ids(run("flag", "--limit", "1", "--sort", "name", "--json").json) == whole[:1]
    assert "1 more flag beyond --limit" in run("flag", "--limit", "1").err


def test_a_flag_is_snoozed_for_some_time(run: Program, flagged: Path, it_is: Time) -> None:
    """Days and weeks ahead are counted from today in the company's time zone."""
    it_is("02 23:30")
    account = small_company.QUIET[0]
    assert "snoozed until 2026-03-16" in run("flag", "snooze", account, "--until", "2w").err
    run("flag", "snooze", account, "--until", "yesterday").refused("--until", "2026-03-01")
    run("flag", "snooze", account, "--until", "soon").refused("invalid date 'soon'", "7d")
    assert "churned on 2026-03-01" in run("flag", "churned", account, "--on", "yesterday").err


def test_status_of_one_mailbox(run: Program, stocked: Path) -> None:
    """The others are left out; an unknown one is refused with the nearest known."""
    document = run("status", "--mailbox", small_company.DESK.upper(), "--json").json
    assert {row["mailbox"] for row in document["mailboxes"]} == {small_company.DESK}
    run("status", "--mailbox", "suport@us.test").refused("did you mean support@us.test")


def test_the_history_of_one_field(run: Program, stocked: Path) -> None:
    """A field that the list lacks is refused."""
    rows = run("accounts", "history", "--field", "csm", "--limit", "3", "--json").json
    assert [row["field"] for row in rows] == ["csm"] * 3
    run("accounts", "history", "--field", "cms").refused("--field cms", "did you mean csm")


def test_tokens_by_role_and_state(run: Program, stocked: Path) -> None:
    """A revoked token is still listed, as such."""
    for name, role in (("a", "head"), ("b", "operator")):
        assert run("token", "create", name, "--role", role).status == 0
    run("token", "revoke", "b")
    for words, names in (
        (("--state", "valid"), ["a"]),
        (("--state", "revoked"), ["b"]),
        (("--role", "operator"), ["b"]),
        (("--limit", "1"), ["a"]),
    ):
        assert [row["name"] for row in run("token", "list", *words, "--json").json] == names
    assert run("token", "list", "--state", "expired").out == "No tokens.\n"


@pytest.mark.parametrize("command", ["risk", "signals", "flag"])
def test_old_mail_is_named_with_the_day_to_request(run: Program, stocked: Path, command: str) -> None:
    """In one line, and only for people; with recent mail there is no such line."""
    late = run(command, *MONTHS_LATER)
    (line,) = [line for line in late.err.splitlines() if line.startswith("The newest mail is from ")]
    day = line.split("--as-of ")[1].rstrip("`.")
    assert line.endswith(f"--as-of {day}`.")
    assert "newest mail" not in run(command, "--as-of", day).err
    assert run(command, *MONTHS_LATER, "--json").err == ""
