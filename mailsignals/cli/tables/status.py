"""The tables of ``mailsignals status``."""

import datetime as dt
from collections.abc import Mapping

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text

from mailsignals.cli.cells import UNKNOWN, number
from mailsignals.cli.output import table
from mailsignals.cli.tables.automated_mail import automated_accounts_table, automated_cell
from mailsignals.usecases.job_status import RUNNING
from mailsignals.usecases.status import System
from mailsignals.wording.numbers import date_and_time

WAITING = "waiting"
"""The state of a mailbox whose provider requested a pause."""

RESULTS = {"given back": "interrupted", "lost": "crashed", "missed": "skipped"}
"""Results of runs in the words that people read; the others read as they are named."""


def status_tables(system: System, found: Mapping[str, pl.DataFrame], timezone: str) -> RenderableType:
    """Return the tables of mailboxes, sources, skipped emails, jobs, runs and undelivered emails, if not empty."""

    def at(moment: dt.datetime | None) -> str:
        return UNKNOWN if moment is None else date_and_time(moment, timezone)

    mailboxes = [
        (
            row["mailbox"],
            row["provider"],
            number(row["messages"]),
            automated_cell(row, of="messages"),
            at(row["oldest_at"]),
            at(row["newest_at"]),
            at(row["synced_at"]),
            f"{row['word']} until {at(row['next_try_at'])}" if row["word"] == WAITING else row["word"],
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
            [
                *("mailbox", "provider", "emails", "automated", "oldest email", "newest email"),
                *("last synced", "state"),
            ],
            mailboxes,
            right=["emails"],
        ),
        *automated_accounts_table(found["automated_accounts"]),
    ]
    if sources:
        heads = ["source", "provider", "read at", "emails", "skipped", "defects"]
        parts += [Text(), table(heads, sources, right=heads[3:])]
    if found["set_aside"].height:
        reasons = [
            (row["reason"], number(row["mails"]), row["advice"])
            for row in found["set_aside"].iter_rows(named=True)
        ]
        parts += [Text(), table(["reason for skipping", "emails", "next step"], reasons, right=["emails"])]
    if found["jobs"]["last_at"].count():
        parts += [Text(), _jobs_table(found["jobs"], timezone)]
    if found["runs"].height:
        runs = [
            (at(row["started_at"]), row["kind"], _result(row["how"]) or RUNNING, row["outcome"])
            for row in found["runs"].iter_rows(named=True)
        ]
        parts += [Text(), table(["last runs", "", "result", "outcome"], runs)]
    if found["undelivered"].height:
        parts += [Text(), _undelivered_table(found["undelivered"], timezone)]
    return Group(*parts)


def _result(how: str | None) -> str | None:
    return None if how is None else RESULTS.get(how, how)


def _jobs_table(frame: pl.DataFrame, timezone: str) -> RenderableType:
    """Return the table of jobs."""
    rows = [
        (
            row["job"],
            date_and_time(row["last_at"], timezone) if row["last_at"] else "never",
            _result(row["how"]) or UNKNOWN,
            date_and_time(row["next_at"], timezone) if row["next_at"] else UNKNOWN,
            row["outcome"] or "",
        )
        for row in frame.iter_rows(named=True)
    ]
    return table(["job", "last run", "result", "next run", "outcome"], rows)


def _undelivered_table(frame: pl.DataFrame, timezone: str) -> RenderableType:
    """Return the table of recently undelivered emails with their remedies."""
    rows = [
        (
            row["kind"],
            row["recipient"],
            f"{row['due_on']}",
            row["state"],
            date_and_time(row["next_try_at"], timezone) if row["next_try_at"] else UNKNOWN,
            row["problem"] or "",
        )
        for row in frame.iter_rows(named=True)
    ]
    return table(["undelivered", "recipient", "date", "state", "next attempt", "reason"], rows)
