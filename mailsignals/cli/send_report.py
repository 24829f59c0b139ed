"""The outcome of sending digests and alerts: a table, and the exit status."""

import dataclasses
import datetime as dt
import os
import threading
from collections.abc import Sequence

import polars as pl

from mailsignals import clock
from mailsignals.cli.cells import UNKNOWN
from mailsignals.cli.output import Output, table
from mailsignals.cli.run import DONE, PARTIAL, SIGN_IN, Run
from mailsignals.credentials import Runtime
from mailsignals.notifications.delivery.dispatch import Envelope
from mailsignals.notifications.delivery.outbox import DeliveryOutcome
from mailsignals.notifications.delivery.senders.base import RefusedError
from mailsignals.schema import INSTANT
from mailsignals.store.tables.deliveries import SENT, SKIPPED
from mailsignals.usecases.send import preview, send_now
from mailsignals.wording.numbers import date_and_time
from mailsignals.workspace import Workspace

SENDINGS_SCHEMA = pl.Schema(
    {
        "kind": pl.String(),
        "recipient": pl.String(),
        "due_on": pl.Date(),
        "subject": pl.String(),
        "state": pl.String(),
        "now": pl.Boolean(),
        "next_try_at": INSTANT,
        "problem": pl.String(),
    }
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wishes:
    """The options of a run that sends emails."""

    dry_run: bool
    resend: bool


def send_all(run: Run, workspace: Workspace, wanted: Sequence[Envelope], wishes: Wishes) -> int:
    """Send what is due, or preview it; return the exit status."""
    settings = workspace.settings
    if wishes.dry_run:
        outcomes = preview(workspace, wanted, at=clock.now(), resend=wishes.resend)
    else:
        runtime = Runtime(environ=os.environ, now=clock.now, stop=threading.Event(), say=run.output.say)
        outcomes = send_now(workspace, wanted, runtime, resend=wishes.resend)
    rows = [_row(due, outcome) for due, outcome in zip(wanted, outcomes, strict=True)]
    _report(run.output, pl.DataFrame(rows, schema=SENDINGS_SCHEMA, orient="row"), workspace)
    if wishes.dry_run:
        if not settings.digest.enabled:
            run.output.say("digest.enabled is false, so without --dry-run nothing can be sent.")
        return DONE
    status = sending_exit_status(outcomes)
    if status != DONE:
        run.output.say(
            "Not everything was sent. Run the command again after the next attempt is due, or now with --resend. "
            "It never repeats what was sent."
        )
    return status


def sending_exit_status(outcomes: Sequence[DeliveryOutcome]) -> int:
    """Return the exit status: 0 if everything that may be sent was sent now or before."""
    errors = [outcome.error for outcome in outcomes]
    if any(isinstance(error, RefusedError) and error.sign_in for error in errors):
        return SIGN_IN
    return DONE if all(outcome.record.state in {SENT, SKIPPED} for outcome in outcomes) else PARTIAL


def _row(due: Envelope, outcome: DeliveryOutcome) -> tuple[object, ...]:
    record = outcome.record
    return (
        *(due.key.kind, due.key.recipient, due.key.due_on, due.content.subject),
        *(record.state, outcome.tried, record.next_try_at, record.problem),
    )


def _report(output: Output, frame: pl.DataFrame, workspace: Workspace) -> None:
    rows = [
        (
            row["kind"],
            workspace.names.with_address(row["recipient"]),
            row["subject"],
            "sent before" if row["state"] == SENT and not row["now"] else row["state"],
            _again(row["next_try_at"], workspace.timezone),
            row["problem"] or "",
        )
        for row in frame.iter_rows(named=True)
    ]
    output.result(
        frame, table(["kind", "recipient", "subject", "state", "next attempt", "reason"], rows), to=None
    )


def _again(at: dt.datetime | None, timezone: str) -> str:
    return UNKNOWN if at is None else date_and_time(at, timezone)
