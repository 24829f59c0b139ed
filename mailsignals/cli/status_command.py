"""``mailsignals status``: what the store holds, how fresh it is, what is wrong and what to do."""

import datetime as dt

import polars as pl
import typer
from rich.console import Group, RenderableType
from rich.text import Text

from mailsignals import clock
from mailsignals.cli.output import table
from mailsignals.cli.run import Run
from mailsignals.cli.sending import undelivered_table
from mailsignals.cli.status_jobs import RUNNING, problems, shown, states, with_runs
from mailsignals.cli.sync_command import troubles
from mailsignals.cli.words import UNKNOWN, day, number
from mailsignals.cli.workspace import Workspace
from mailsignals.deliver.report import undelivered
from mailsignals.errors import UserError
from mailsignals.prepared.mailboxes import held
from mailsignals.service.runs import SERVICE, Runs
from mailsignals.store import Store

KEYS = ["provider", "mailbox", "source"]
RUNS = 5
"""How many runs are shown."""


def status_command(context: typer.Context) -> None:
    """What the store holds, how fresh it is, and what is wrong."""
    run: Run = context.obj
    workspace = run.workspace()
    timezone = workspace.settings.company.timezone
    now = clock.now()
    with workspace.reading() as store:
        runs = store.standings.runs()
        found_jobs = with_runs(workspace, runs)
        found = {
            "mailboxes": held(store.messages(), store.standings.frame()).collect(),
            "sources": _sources(store),
            "set_aside": _set_aside(store),
            "undelivered": undelivered(store.deliveries(), store.messages(), now=now),
            "jobs": states(found_jobs, now=now),
            "runs": runs.head(RUNS),
        }
    run.output.document(found, _tables(found, timezone))
    for sentence in troubles(found["mailboxes"], timezone):
        run.output.complain(sentence)
    for sentence in problems(found_jobs, now=now):
        run.output.complain(sentence)
    if found["jobs"]["last_at"].count() and not _is_served(workspace):
        run.output.say("The service is not running; `mailsignals run` starts it.")
    for row in found["sources"].filter(pl.col("done") < pl.col("total")).iter_rows(named=True):
        run.output.say(f"{row['source']} was not read to its end; {_go_on(row['unit'])} to go on.")


def _go_on(unit: str) -> str:
    """How to read on: files have bytes, providers messages."""
    return "import it again" if unit == "bytes" else "run `mailsignals sync`"


def _is_served(workspace: Workspace) -> bool:
    """Whether the service of the store runs, as far as one may know."""
    try:
        held = Runs(workspace.settings.store.path).lock(SERVICE)
    except UserError:
        return True
    if held is None:
        return True
    held.close()
    return False


def _sources(store: Store) -> pl.DataFrame:
    """What was read: when, how far, what it brought, and what could not be used."""
    aside = store.skipped().group_by(KEYS).agg(set_aside=pl.len())
    flawed = store.defects().group_by(KEYS).agg(defects=pl.col("messages").sum())
    return (
        store.sources()
        .rename({"last_committed_at": "read_at"})
        .join(aside, on=KEYS, how="left")
        .join(flawed, on=KEYS, how="left")
        .with_columns(pl.col("set_aside", "defects").fill_null(0))
        .sort("mailbox", "source", "provider")
    )


def _set_aside(store: Store) -> pl.DataFrame:
    """Why mails were set aside."""
    return (
        store.skipped()
        .group_by("reason")
        .agg(mails=pl.len())
        .sort("mails", "reason", descending=[True, False])
    )


def _tables(found: dict[str, pl.DataFrame], timezone: str) -> RenderableType:
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
            row["state"] or "imported",
        )
        for row in found["mailboxes"].iter_rows(named=True)
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
        reasons = [(row["reason"], number(row["mails"])) for row in found["set_aside"].iter_rows(named=True)]
        parts += [Text(), table(["set aside because", "mails"], reasons, right=["mails"])]
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
