"""``mailsignals status``: what the store holds, how fresh it is, what is wrong and what to do."""

import datetime as dt

import polars as pl
import typer
from rich.console import Group, RenderableType
from rich.text import Text

from mailsignals import clock
from mailsignals.cli.cells import UNKNOWN, day, number
from mailsignals.cli.output import table
from mailsignals.cli.run import Run
from mailsignals.cli.sending import undelivered_table
from mailsignals.cli.status_jobs import RUNNING, shown
from mailsignals.cli.system import Counted, system_at
from mailsignals.readmodel.tables.system import held_by_mailbox
from mailsignals.usecases.status import System

RUNS = 5
"""How many runs are shown."""


def status_command(context: typer.Context) -> None:
    """What the store holds, how fresh it is, and what is wrong."""
    run: Run = context.obj
    workspace = run.workspace()
    timezone = workspace.settings.company.timezone
    now = clock.now()
    with workspace.reading() as store:
        messages = store.messages()
        counted = Counted(held=held_by_mailbox(messages), bounces=messages)
        system = system_at(workspace, store, counted, now=now, timezone=timezone)
    found = {
        "mailboxes": system.mailboxes.drop("word"),
        "sources": system.sources,
        "set_aside": _by_reason(system.set_aside),
        "undelivered": system.undelivered,
        "jobs": system.jobs,
        "runs": system.runs.head(RUNS),
    }
    run.output.document(found, _tables(system, found, timezone))
    for sentence in system.problems:
        run.output.complain(sentence)
    if system.jobs["last_at"].count() and not system.served:
        run.output.say("The service is not running; `mailsignals run` starts it.")
    for sentence in system.remarks:
        run.output.say(sentence)


def _by_reason(set_aside: pl.DataFrame) -> pl.DataFrame:
    """Why mails were set aside, the most first."""
    return (
        set_aside.group_by("reason", "advice")
        .agg(pl.col("mails").sum())
        .sort("mails", "reason", descending=[True, False])
    )


def _tables(system: System, found: dict[str, pl.DataFrame], timezone: str) -> RenderableType:
    def at(moment: dt.datetime | None) -> str:
        return UNKNOWN if moment is None else day(moment, timezone)

    mailboxes = [
        (
            row["mailbox"],
            row["provider"],
            number(row["messages"]),
            at(row["oldest_at"]),
            at(row["newest_at"]),
            at(row["synced_at"]),
            row["word"],
        )
        for row in system.mailboxes.iter_rows(named=True)
    ]
    sources = [
        (
            row["source"],
            row["provider"],
            at(row["read_at"]),
            number(row["messages"]),
            number(row["set_aside"]),
            number(row["defects"]),
        )
        for row in found["sources"].iter_rows(named=True)
    ]
    parts = [
        table(
            ["mailbox", "provider", "messages", "oldest mail", "newest mail", "up to date at", "state"],
            mailboxes,
            right=["messages"],
        ),
        Text(),
        table(
            ["read from", "provider", "read at", "brought", "set aside", "defects"],
            sources,
            right=["brought", "set aside", "defects"],
        ),
    ]
    if found["set_aside"].height:
        reasons = [
            (row["reason"], number(row["mails"]), row["advice"])
            for row in found["set_aside"].iter_rows(named=True)
        ]
        parts += [Text(), table(["set aside because", "mails", "what to do"], reasons, right=["mails"])]
    if found["jobs"]["last_at"].count():
        parts += [Text(), shown(found["jobs"], timezone)]
    if found["runs"].height:
        runs = [
            (at(row["started_at"]), row["kind"], row["how"] or RUNNING, row["outcome"])
            for row in found["runs"].iter_rows(named=True)
        ]
        parts += [Text(), table(["last runs", "", "ended", "what came of it"], runs)]
    if found["undelivered"].height:
        parts += [Text(), undelivered_table(found["undelivered"], timezone)]
    return Group(*parts)
