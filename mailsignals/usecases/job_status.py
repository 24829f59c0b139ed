"""The state of each job of the background service: last runs and next run."""

import datetime as dt

import polars as pl

from mailsignals.config import Settings
from mailsignals.jobs.due import credible_runs, owed_run
from mailsignals.jobs.health import JobRuns
from mailsignals.jobs.runs import How, RunRow
from mailsignals.schema import INSTANT
from mailsignals.usecases.job_list import job_list

STATUS_SCHEMA = pl.Schema(
    {
        "job": pl.String(),
        "does": pl.String(),
        "last_at": INSTANT,
        "ended_at": INSTANT,
        "how": pl.String(),
        "outcome": pl.String(),
        "next_at": INSTANT,
    }
)
RUNNING = "running"


def with_runs(settings: Settings, runs: pl.DataFrame) -> list[JobRuns]:
    """Return every job with its runs, newest first; ``runs`` in ``RUNS_SCHEMA``."""
    rows = [_run(row) for row in runs.iter_rows(named=True)]
    return [
        JobRuns(job=job, history=[row for row in rows if row.kind == job.name]) for job in job_list(settings)
    ]


def _run(row: dict[str, object]) -> RunRow:
    how = row.pop("how")
    return RunRow(how=None if how is None else How(str(how)), **row)  # type: ignore[arg-type]  # RUNS_SCHEMA


def job_states(found: list[JobRuns], *, now: dt.datetime) -> pl.DataFrame:
    """Return the last and next run of each job, in ``STATUS_SCHEMA``."""
    rows = []
    for each in found:
        last = next(iter(credible_runs(each.history, now=now)), None)
        due = owed_run(each.job, each.history, now=now)
        next_at = each.job.trigger.next_after(now) if due is None or due.late else max(due.run_at, now)
        how = None if last is None else (last.how or RUNNING)
        job, began, ended = each.job, last and last.started_at, last and last.ended_at
        rows.append((job.name, job.does, began, ended, how, last and last.outcome, next_at))
    return pl.DataFrame(rows, schema=STATUS_SCHEMA, orient="row")
