"""The jobs that keep the store in order: deletion by age, compaction, backup, verification and training."""

import datetime as dt

import polars as pl

from mailsignals.config import Settings
from mailsignals.jobs.job import Context
from mailsignals.jobs.schedule import Daily
from mailsignals.usecases.account_list import note_accounts
from mailsignals.usecases.backup import back_up_by_job
from mailsignals.usecases.clock_state import when_clock_is_right
from mailsignals.usecases.listed_job import ListedJob, daily
from mailsignals.usecases.retention import prune_by_job
from mailsignals.usecases.train import train
from mailsignals.usecases.verify import verify_by_job
from mailsignals.wording.numbers import count_noun
from mailsignals.workspace import Workspace

TRAIN_AT = dt.time(3)
SUNDAY = frozenset({6})


def upkeep_jobs(settings: Settings) -> list[ListedJob]:
    """Return the upkeep of the store; retention comes first, so that no later copy has deleted data."""
    schedule, found = settings.schedule, []
    if settings.retention.mail_days or settings.retention.records_days:
        found.append(
            ListedJob(
                name="retention",
                does="Delete data past its retention period.",
                trigger=daily(settings, schedule.prune_at),
                grace=None,
                work=when_clock_is_right(prune_by_job, deletes=True),
            )
        )
    found.append(
        ListedJob(
            name="compact",
            does="Compact the store's files.",
            trigger=daily(settings, schedule.compact_at),
            grace=None,
            work=_compact,
        )
    )
    if schedule.backups_kept:
        found.append(
            ListedJob(
                name="backup",
                does="Back up the store.",
                trigger=daily(settings, schedule.backup_at),
                grace=None,
                work=back_up_by_job,
            )
        )
    found.append(
        ListedJob(
            name="verify",
            does="Verify every file of the store.",
            trigger=daily(settings, schedule.verify_at, weekdays=SUNDAY),
            grace=None,
            work=verify_by_job,
        )
    )
    if schedule.train == "monthly":
        found.append(
            ListedJob(
                name="train",
                does="Train the chance of churn again.",
                trigger=Daily(at=TRAIN_AT, zones=(settings.company.timezone,), first_of_month=True),
                grace=dt.timedelta(days=7),
                work=when_clock_is_right(_train),
            )
        )
    return found


def _compact(workspace: Workspace, context: Context) -> str:
    with workspace.writing_when_free(context.stop) as store:
        store.compact()
        rows = store.messages().select(pl.len()).collect().item()
    return f"{count_noun(rows, 'email')} compacted"


def _train(workspace: Workspace, context: Context) -> str:
    now = context.now()
    note_accounts(workspace, now)
    return f"{train(workspace, now, now=now, whole=False).artifact.id} is in use"
