"""``mailsignals sync``: bring the store up to date with Gmail and Microsoft 365."""

import os
import threading
from collections.abc import Sequence
from typing import Annotated

import polars as pl
import typer

from connectors.base import SignInError
from mailsignals import clock
from mailsignals.accounts import mailbox_of
from mailsignals.cli.cells import number
from mailsignals.cli.exit_status import DONE, INTERRUPTED, PARTIAL, SIGN_IN
from mailsignals.cli.output import Output, table
from mailsignals.cli.progress import Bars, working
from mailsignals.cli.run import Run
from mailsignals.cli.tables.automated_mail import tell_automated
from mailsignals.credentials import Runtime
from mailsignals.errors import UserError
from mailsignals.usecases.automated_mail import automated_mail
from mailsignals.usecases.sync import UnknownMailboxError, sync
from mailsignals.usecases.sync_report import COUNTS, SyncRun, troubles


def sync_command(
    context: typer.Context,
    *,
    mailbox: Annotated[
        list[str] | None, typer.Option(metavar="ADDRESS", help="Only this mailbox; repeatable.")
    ] = None,
    new_owner: Annotated[
        bool, typer.Option("--new-owner", help="Accept that --mailbox now belongs to someone else.")
    ] = False,
) -> int:
    """Fetch new mail from the configured mailboxes."""
    run: Run = context.obj
    workspace = run.workspace()
    only = _addresses(mailbox or [])
    if new_owner and not only:
        raise UserError("--new-owner requires --mailbox.")
    runtime = Runtime(environ=os.environ, now=clock.now, stop=threading.Event(), say=run.output.complain)
    try:
        with Bars(run.output) as bars:
            found = sync(workspace, runtime, bars, only=only, new_owner=new_owner)
    except UnknownMailboxError as error:
        raise UserError(f"--mailbox: {error}") from None
    _report(run.output, found.frame, workspace.timezone)
    if changed := found.changed_mailboxes:
        with working(run.output, "Summarising mail"), workspace.at(clock.now()) as snapshot:
            automated = automated_mail(snapshot)
        tell_automated(run.output, automated, changed)
    for failure in found.failures:
        run.output.complain(str(failure))
    return sync_exit_status(found)


def _addresses(given: Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(mailbox_of(text) for text in given)
    except ValueError as error:
        raise UserError(f"--mailbox: {error}.") from None


def sync_exit_status(found: SyncRun) -> int:
    """Return the exit status of a run."""
    if found.stopped:
        return INTERRUPTED
    if found.complete:
        return DONE
    return SIGN_IN if all(isinstance(error, SignInError) for error in found.errors) else PARTIAL


def _report(output: Output, found: pl.DataFrame, timezone: str) -> None:
    heads = ["mailbox", "provider", "step", "new", "changed", "deleted", "skipped", "state"]
    shown = found.filter(~pl.col("complete") | (pl.col("added") + pl.col("changed") + pl.col("removed") > 0))
    rows = [
        (
            row["mailbox"],
            row["provider"],
            row["step"],
            *(number(row[count]) for count in COUNTS),
            row["state"],
        )
        for row in shown.iter_rows(named=True)
    ]
    if output.as_json or rows:
        output.result(found, table(heads, rows, right=heads[3:7]), to=None)
    quiet = found.height - shown.height
    if quiet:
        output.say(f"{quiet:,} {'mailbox' if quiet == 1 else 'mailboxes'} without changes.")
    for sentence in troubles(found, timezone):
        output.complain(sentence)
