"""``mailsignals status``: mailboxes, freshness, jobs, and problems with their remedies."""

import dataclasses
from collections.abc import Sequence
from typing import Annotated

import polars as pl
import typer

from mailsignals import clock
from mailsignals.accounts.nearest import did_you_mean
from mailsignals.cli.progress import working
from mailsignals.cli.run import Run
from mailsignals.cli.tables.status import status_tables
from mailsignals.errors import UserError
from mailsignals.usecases.automated_mail import automated_mail
from mailsignals.usecases.status import System, counted_status

RUNS = 5
"""The number of runs that are shown."""


def status_command(
    context: typer.Context,
    *,
    mailbox: Annotated[
        list[str] | None, typer.Option("--mailbox", metavar="ADDRESS", help="Only this mailbox; repeatable.")
    ] = None,
    runs: Annotated[
        int, typer.Option("--runs", min=0, metavar="N", help="At most N of the last runs.")
    ] = RUNS,
) -> None:
    """Show mailboxes, freshness, jobs and problems."""
    run: Run = context.obj
    workspace = run.workspace()
    timezone = workspace.settings.company.timezone
    now = clock.now()
    with working(run.output, "Counting mail"):
        system = _chosen(counted_status(workspace.settings, now=now, timezone=timezone), mailbox or [])
        with workspace.at(now) as snapshot:
            automated = automated_mail(snapshot)
    found = {
        "mailboxes": system.mailboxes.drop("word"),
        "sources": system.sources,
        "set_aside": _by_reason(system.set_aside),
        "automated_accounts": automated.accounts,
        "undelivered": system.undelivered,
        "jobs": system.jobs,
        "runs": system.runs.head(runs),
    }
    run.output.document(found, status_tables(system, found, timezone))
    for sentence in system.problems:
        run.output.complain(sentence)
    if system.jobs["last_at"].count() and not system.served:
        run.output.say(
            "The background service isn't running, so nothing is synced or sent automatically. "
            "To start it: `mailsignals run`."
        )
    for sentence in system.remarks:
        run.output.say(sentence)
    for sentence in automated.account_warnings:
        run.output.say(f"Warning: {sentence}")


def _chosen(system: System, mailboxes: Sequence[str]) -> System:
    """Return the status with some mailboxes only, or all where none is given.

    Raises:
        UserError: a mailbox has no mail and isn't synced.
    """
    if not mailboxes:
        return system
    wanted = [address.strip().lower() for address in mailboxes]
    known = system.mailboxes["mailbox"].unique().sort().to_list()
    for address in wanted:
        if address not in known:
            raise UserError(
                f"--mailbox {address}: no such mailbox{did_you_mean(address, known, what='mailboxes')}."
            )
    own = pl.col("mailbox").is_in(wanted)
    return dataclasses.replace(
        system,
        mailboxes=system.mailboxes.filter(own),
        sources=system.sources.filter(own),
        set_aside=system.set_aside.filter(own),
    )


def _by_reason(set_aside: pl.DataFrame) -> pl.DataFrame:
    """Return the skipped emails by reason, most frequent first."""
    return (
        set_aside.group_by("reason", "advice")
        .agg(pl.col("mails").sum())
        .sort("mails", "reason", descending=[True, False])
    )
