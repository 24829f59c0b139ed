"""``import``, ``status`` and ``check`` show what programs wrote, and who is outside the account list."""

from pathlib import Path

import pytest

from mailsignals.cli.output import Output
from mailsignals.cli.tables.automated_mail import (
    ACCOUNTS_SHOWN,
    automated_accounts_table,
    automated_cell,
    tell_automated,
)
from mailsignals.usecases.automated_mail import AutomatedMail
from tests.mailsignals import small_company
from tests.mailsignals.cli.program import Program
from tests.mailsignals.usecases.test_automated_mail import frame_of_rows, row

WARNING = (
    "Warning: Customer 12 (A12): all 4 emails are automated (bulk mail 100%, such as `Precedence: bulk`)."
)


@pytest.fixture
def lists(stocked: Path) -> Path:
    """A file in which all mail of the mute customer comes from a list, and a stranger is in copy of another's mail."""
    bulk = [
        small_company.a_mail(
            f"list{place}", small_company.MIDNIGHT, "kim@a12.test", small_company.DESK
        ).replace(b"Subject:", b"Precedence: bulk\nSubject:")
        for place in range(4)
    ]
    question = small_company.a_mail("copied", small_company.MIDNIGHT, "kim@a04.test", small_company.DESK)
    path = stocked / "lists.mbox"
    path.write_bytes(b"".join(bulk) + question.replace(b"Subject:", b"Cc: lee@partner.test\nSubject:"))
    return path


def test_the_three_commands_agree(run: Program, lists: Path) -> None:
    """The same warning, and the same numbers as JSON."""
    ran = run("import", lists, "--mailbox", small_company.DESK)
    assert ran.status == 0
    assert WARNING in ran.err
    assert "automated: under 1% (bulk mail under 1%)." in ran.err
    status, check = run("status"), run("check")
    for shown in (status, check):
        assert WARNING in shown.err
        assert "Customer 12 (A12)" in shown.out
        assert "secret plan" not in shown.out + shown.err
    assert "A04, domains: partner.test" in check.out
    status, check = run("--json", "status"), run("--json", "check")
    assert status.json["automated_accounts"] == check.json["automated_accounts"]
    (box,), (stored,) = status.json["mailboxes"], check.json["stored_mailboxes"]
    assert {name: box[name] for name in ("messages", "automated", "bulk")} == {
        name: stored[name] for name in ("messages", "automated", "bulk")
    }
    assert (stored["sign"], check.json["strangers"][0]["entry"]) == ("Precedence: bulk", "partner.test")


def test_a_check_before_any_mail_has_none_of_it(run: Program, company: Path) -> None:
    """Neither a table nor a warning, and the JSON has no such frames."""
    assert "Warning" not in run("check").err
    assert not {"strangers", "stored_mailboxes"} & set(run("--json", "check").json)


def test_cells_have_no_false_zero() -> None:
    """Nothing is a plain zero, a little is under 1%, and an empty mailbox has no share."""
    shares = [automated_cell(row(mails, some), of="messages") for mails, some in ((0, 0), (9, 0), (900, 1))]
    assert shares == ["-", "0%", "under 1% (bulk mail under 1%)"]


def test_lines_are_few(capsys: pytest.CaptureFixture[str]) -> None:
    """The largest shares first; the rest is counted, with the command that lists all."""
    accounts = [row(10, 9, account_id=f"A{place}") for place in range(ACCOUNTS_SHOWN + 2)]
    few = [row(10, 1, account_id="few")]
    boxes = [row(10, 2, mailbox=f"m{place}@us.test") for place in range(12)]
    found = AutomatedMail(mailboxes=frame_of_rows(boxes), accounts=frame_of_rows([*accounts, *few]))
    tell_automated(Output(), found, [box["mailbox"] for box in boxes[:11]])  # type: ignore[misc]  # texts
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 10 + 1 + ACCOUNTS_SHOWN + 1
    assert "m11@us.test" not in "".join(lines)
    assert lines[10] == "1 more mailbox; list all with `mailsignals status --json`."
    assert "few" not in "".join(lines)
    assert lines[-1].startswith("2 more accounts")
    assert automated_accounts_table(frame_of_rows(few)) == []
