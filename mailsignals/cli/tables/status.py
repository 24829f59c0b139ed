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


def status_tables(system: System, found: Mapping[str, pl.DataFrame], timezone: str) -> RenderableType:
    """Return mailboxes, sources, what was set aside, jobs, runs and undelivered mails, as far as there are any."""

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
            [
                *("mailbox", "provider", "messages", "automated", "oldest mail", "newest mail"),
                *("up to date at", "state"),
            ],
            mailboxes,
            right=["messages"],
        ),
        *automated_accounts_table(found["automated_accounts"]),
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
        parts += [Text(), _jobs_table(found["jobs"], timezone)]
    if found["runs"].height:
        runs = [
            (at(row["started_at"]), row["kind"], row["how"] or RUNNING, row["outcome"])
            for row in found["runs"].iter_rows(named=True)
        ]
        parts += [Text(), table(["last runs", "", "ended", "what came of it"], runs)]
    if found["undelivered"].height:
        parts += [Text(), _undelivered_table(found["undelivered"], timezone)]
    return Group(*parts)


def _jobs_table(frame: pl.DataFrame, timezone: str) -> RenderableType:
    """The jobs as a table."""
    rows = [
        (
            row["job"],
            date_and_time(row["last_at"], timezone) if row["last_at"] else "never",
            row["how"] or UNKNOWN,
            date_and_time(row["next_at"], timezone) if row["next_at"] else UNKNOWN,
            row["outcome"] or "",
        )
        for row in frame.iter_rows(named=True)
    ]
    return table(["job", "last run", "ended", "next run", "what came of it"], rows)


def _undelivered_table(frame: pl.DataFrame, timezone: str) -> RenderableType:
    """What was not delivered of late, and what to do."""
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
    return table(["not delivered", "for", "of", "state", "next try", "why, and what to do"], rows)
