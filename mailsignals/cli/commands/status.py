"""``mailsignals status``: what the store holds, how fresh it is, what is wrong and what to do."""

import polars as pl
import typer

from mailsignals import clock
from mailsignals.cli.run import Run
from mailsignals.cli.tables.status import status_tables
from mailsignals.usecases.automated_mail import automated_mail
from mailsignals.usecases.status import counted_status

RUNS = 5
"""How many runs are shown."""


def status_command(context: typer.Context) -> None:
    """Show mailboxes, freshness, jobs and problems."""
    run: Run = context.obj
    workspace = run.workspace()
    timezone = workspace.settings.company.timezone
    now = clock.now()
    system = counted_status(workspace.settings, now=now, timezone=timezone)
    with workspace.at(now) as snapshot:
        automated = automated_mail(snapshot)
    found = {
        "mailboxes": system.mailboxes.drop("word"),
        "sources": system.sources,
        "set_aside": _by_reason(system.set_aside),
        "automated_accounts": automated.accounts,
        "undelivered": system.undelivered,
        "jobs": system.jobs,
        "runs": system.runs.head(RUNS),
    }
    run.output.document(found, status_tables(system, found, timezone))
    for sentence in system.problems:
        run.output.complain(sentence)
    if system.jobs["last_at"].count() and not system.served:
        run.output.say("The service is not running; `mailsignals run` starts it.")
    for sentence in system.remarks:
        run.output.say(sentence)
    for sentence in automated.account_warnings:
        run.output.say(f"Warning: {sentence}")


def _by_reason(set_aside: pl.DataFrame) -> pl.DataFrame:
    """Why mails were set aside, the most first."""
    return (
        set_aside.group_by("reason", "advice")
        .agg(pl.col("mails").sum())
        .sort("mails", "reason", descending=[True, False])
    )
