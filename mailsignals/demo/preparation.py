"""Write the files of the prepared company anew: ``python -m mailsignals.demo.preparation``, which takes minutes."""

import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals.demo.places import HOME
from mailsignals.demo.prepared_company import (
    ACCOUNTS,
    DAY_COLUMNS,
    DAYS_FILE,
    DAYS_RECORDED,
    FEEDBACK_FILE,
    SEED,
    UNSEEN,
    UNTIL,
)
from mailsignals.demo.simulation import MESSAGES_FILE, Simulation, simulate, write_company
from mailsignals.errors import UserError
from mailsignals.flags.feedback_rules import FeedbackRules
from mailsignals.formats import csv_rows
from mailsignals.store.tables.feedback import FeedbackEntry
from mailsignals.usecases.feedback import all_feedback, give
from mailsignals.usecases.import_files import import_files
from mailsignals.usecases.score import score
from mailsignals.workspace import Workspace

FOLDER = Path(__file__).parent / "prepared"

ZSTD_LEVEL = 19
"""Slow to write once, and small in every package."""
DIGITS = 6
"""Digits of recorded chances."""

SNOOZED_DAYS = 21
FEEDBACK = (
    (18, "snooze", "Their project pauses until the new year; we talk again in three weeks."),
    (12, "dismiss", "Spoke to them: they are happy, and plan a second team."),
)
"""Days before the end on which a CSM gives feedback on the oldest flag without any, how, and their note."""


def write_prepared(folder: Path) -> None:
    """Write the mail, account list, configuration and record of the prepared company into a folder.

    Raises:
        UserError: the folder cannot be written, or a flag for feedback is missing.
    """
    simulation = prepared_simulation()
    write_company(simulation, folder)
    simulation.messages.write_parquet(
        folder / MESSAGES_FILE, compression="zstd", compression_level=ZSTD_LEVEL
    )
    with tempfile.TemporaryDirectory() as workplace:
        workspace = imported(simulation, Path(workplace))
        days = pl.concat(record_dates(workspace, list(recorded_dates())))
        feedback = all_feedback(workspace.settings, now=UNTIL)
    (folder / DAYS_FILE).write_text(csv_rows(days), encoding="utf-8", newline="\n")
    (folder / FEEDBACK_FILE).write_text(csv_rows(feedback), encoding="utf-8", newline="\n")


def prepared_simulation() -> Simulation:
    """Return the prepared company as it is simulated, with its copies of an email side by side.

    In this order the file is a sixth smaller.
    """
    simulation = simulate(accounts=ACCOUNTS, seed=SEED, until=UNTIL)
    first = pl.col("sent_at").min().over("message_id")
    by_email = simulation.messages.sort(first, "message_id", "mailbox", "provider_id")
    return Simulation(**{**vars(simulation), "messages": by_email})


def imported(simulation: Simulation, folder: Path) -> Workspace:
    """Return the company with its mail in a store of its own.

    Raises:
        UserError: the folder cannot be written.
    """
    write_company(simulation, folder)
    workspace = Workspace.load(folder / "config.toml")
    desk = f"support@{workspace.settings.company.domains[0]}"
    import_files(workspace, [folder / MESSAGES_FILE], desk, now=lambda: UNTIL)
    return workspace


def recorded_dates() -> Iterator[dt.date]:
    """Yield each recorded date in order; the last ones are needed on some weekdays alone."""
    end = UNTIL.astimezone(ZoneInfo(HOME.zone)).date() - UNSEEN
    for ago in reversed(range(DAYS_RECORDED + UNSEEN.days)):
        yield end - dt.timedelta(days=ago)


def record_dates(workspace: Workspace, dates: Sequence[dt.date]) -> Iterator[pl.DataFrame]:
    """Record the risk of each date at its midnight, and yield it in ``DAY_COLUMNS``; CSMs give feedback in between.

    Raises:
        UserError: a flag for feedback is missing.
    """
    for on in dates:
        at = workspace.instant(f"{on}", now=UNTIL)
        rows = score(workspace, at).recorded.rows.select(DAY_COLUMNS.names())
        yield rows.sort("account_id").with_columns(pl.selectors.float().round(DIGITS))
        for ago, kind, note in FEEDBACK:
            if on == UNTIL.date() - dt.timedelta(days=ago):
                _give_feedback(workspace, at + dt.timedelta(hours=10, minutes=24), kind, note)


def _give_feedback(workspace: Workspace, at: dt.datetime, kind: str, note: str) -> None:
    with workspace.at(at) as snapshot:
        given = all_feedback(workspace.settings, now=UNTIL)["account_id"]
        flags = snapshot.flags.filter(
            pl.col("closed_on").is_null(), ~pl.col("account_id").is_in(given.implode())
        )
        accounts = snapshot.accounts
    if flags.is_empty():
        raise UserError(f"{at:%Y-%m-%d}: no open flag without feedback. Choose another seed.")
    account_id = flags.sort("opened_on", "account_id")["account_id"][0]
    account = accounts.row(by_predicate=pl.col("account_id") == account_id, named=True)

    def word(rules: FeedbackRules) -> FeedbackEntry:
        until = rules.today + dt.timedelta(days=SNOOZED_DAYS)
        return rules.snoozed(until, note) if kind == "snooze" else rules.dismissed(note)

    give(workspace.settings, account, by=str(account["csm"]), at=at, word=word)


if __name__ == "__main__":
    write_prepared(FOLDER)
