"""``sync`` and ``check``: what is typed wrongly, and which exit status a result has."""

from pathlib import Path

import polars as pl
import pytest

from connectors.base import ConnectorError, GiveUpError, SignInError
from mailsignals.cli.commands import check, sync
from mailsignals.sync.engine import SyncReport
from mailsignals.sync.mailboxes import MailboxOutcome
from mailsignals.sync.plan import Step
from mailsignals.usecases.check import MAILBOX_CHECK_SCHEMA, Findings
from mailsignals.usecases.sync_report import SyncRun
from tests.mailsignals.cli.program import Program
from tests.mailsignals.small_company import add

REFUSED = SignInError("a@us.test", "the key was refused.", "Make a new one.")
SUSPENDED = GiveUpError("b@us.test", "it is suspended.", "Restore it.", state="suspended")


def outcome(error: ConnectorError | None = None) -> MailboxOutcome:
    """What came of a mailbox that was read, or was not for this reason."""
    report = SyncReport(added=0, changed=0, unchanged=0, skipped={}, defects={}, error=error)
    return MailboxOutcome(
        provider="gmail", mailbox="a@us.test", step=Step.INCREMENTAL, report=report, error=error
    )


@pytest.mark.parametrize(
    ("errors", "failures", "stopped", "status"),
    [
        ([None, None], [], False, 0),
        ([None, SUSPENDED], [], False, 3),
        ([None, REFUSED], [], False, 3),
        ([REFUSED, SUSPENDED], [], False, 3),
        ([REFUSED, REFUSED], [], False, 4),
        ([], [REFUSED], False, 4),
        ([None], [REFUSED], False, 3),
        ([None, None], [], True, 130),
        ([REFUSED], [], True, 130),
    ],
)
def test_a_run_has_an_exit_status(
    errors: list[ConnectorError | None], failures: list[ConnectorError], stopped: bool, status: int
) -> None:
    """Done, done in part, nothing because nobody could sign in, or stopped."""
    run = SyncRun(outcomes=[outcome(error) for error in errors], failures=failures, stopped=stopped)
    assert sync.sync_exit_status(run) == status


@pytest.mark.parametrize(
    ("mailboxes", "errors", "access", "status"),
    [
        (2, [], [], 0),
        (0, [], ["the door is open"], 3),
        (2, [REFUSED], [], 3),
        (2, [REFUSED, REFUSED], [], 4),
        (2, [REFUSED, SUSPENDED], [], 3),
        (0, [REFUSED], ["the door is open"], 4),
    ],
)
def test_a_check_has_an_exit_status(
    mailboxes: int, errors: list[ConnectorError], access: list[str], status: int
) -> None:
    """Everything works, something does not, or nothing because nobody could sign in."""
    found = Findings(
        mailboxes=pl.DataFrame({"mailbox": ["x"] * mailboxes}).match_to_schema(
            MAILBOX_CHECK_SCHEMA, missing_columns="insert"
        ),
        errors=errors,
        has_store=True,
        coverage=None,
        unclaimed=pl.DataFrame(),
        unfinished=[],
    )
    assert check.check_exit_status(found, access) == status


def test_what_is_typed_wrongly_is_said(run: Program, company: Path) -> None:
    """The option is named, and what it needs; without mailboxes it is said where to name some."""
    run("sync", "--mailbox", "ana").refused("--mailbox", "such as ana@example.com")
    run("sync", "--new-owner").refused("--new-owner requires --mailbox")
    run("sync").refused("No mailbox is configured", "mailsignals import")
    add(company, '[gmail]\nmailboxes = ["ana@us.test"]\nauth = "token"\ntoken_env = "NO_SUCH_VARIABLE"')
    run("sync").refused("gmail.token_env", "NO_SUCH_VARIABLE")
