"""The jobs of the service: each is a command's work, with its times and what may be made up for."""

import datetime as dt
import logging
import threading

import polars as pl

from connectors.base import Page
from mailsignals.cli.alert_jobs import alert_jobs
from mailsignals.cli.assessing import assessed_at, fit_at, record
from mailsignals.cli.digest_jobs import TODAY, digest_jobs
from mailsignals.cli.preparing import prepare_edition
from mailsignals.cli.retaining import remove
from mailsignals.cli.sync_command import summary
from mailsignals.cli.tenants import opened
from mailsignals.cli.train_command import train
from mailsignals.config import Settings
from mailsignals.config.gmail import GmailSection
from mailsignals.config.microsoft365 import Microsoft365Section
from mailsignals.jobs.job import Context, GaveBackError, Job
from mailsignals.jobs.schedule import Daily, Every
from mailsignals.store.upkeep.backup import back_up
from mailsignals.sync.mailboxes import Outcome, SyncOptions, sync
from mailsignals.sync.plan import Step
from mailsignals.training.dataset import Target
from mailsignals.wording.numbers import counted
from mailsignals.workspace import Workspace

log = logging.getLogger(__name__)

SLICE_MINUTES = 20.0
"""How long one reading may keep the store: after that others get their turn, and it goes on."""
TRAIN_AT = dt.time(3)
PREPARE = "prepare"


def jobs(workspace: Workspace) -> list[Job]:
    """Every job that the configuration asks for."""
    settings, schedule = workspace.settings, workspace.settings.schedule
    zone = settings.company.timezone
    found = [_sync(workspace, name) for name in ("gmail", "microsoft365") if getattr(settings, name).used]
    found += [
        Job(
            name="score",
            does="Assess every account and record its score.",
            trigger=Daily(at=schedule.score_at, zones=(zone,)),
            grace=TODAY,
            work=lambda context: score(workspace, context),
        ),
        *digest_jobs(workspace),
        prepare_job(workspace),
        *alert_jobs(workspace),
        Job(
            name="drift",
            does="Ask whether the model in use still fits.",
            trigger=Daily(at=schedule.score_at, zones=(zone,), weekdays=frozenset({0})),
            grace=dt.timedelta(days=3),
            work=lambda context: doubts(workspace, context),
        ),
        *_retention(workspace),
        Job(
            name="compact",
            does="Put the store's files in order.",
            trigger=Daily(at=schedule.compact_at, zones=(zone,)),
            grace=None,
            work=lambda context: compact(workspace, context),
        ),
    ]
    if schedule.backups_kept:
        found.append(
            Job(
                name="backup",
                does="Copy the store.",
                trigger=Daily(at=schedule.backup_at, zones=(zone,)),
                grace=None,
                work=lambda context: _back_up(workspace, context),
            )
        )
    if schedule.train == "monthly":
        found.append(
            Job(
                name="train",
                does="Learn anew from customers who left.",
                trigger=Daily(at=TRAIN_AT, zones=(zone,), first_of_month=True),
                grace=dt.timedelta(days=7),
                work=lambda context: _train(workspace, context),
            )
        )
    return found


def prepare_job(workspace: Workspace) -> Job:
    """What keeps the pages of the dashboard fresh."""
    return Job(
        name=PREPARE,
        does="Prepare what the dashboard shows.",
        trigger=Every(minutes=workspace.settings.dashboard.refresh_minutes),
        grace=None,
        work=lambda context: f"{counted(prepare_edition(workspace, context.now()), 'account')} prepared",
    )


def _retention(workspace: Workspace) -> list[Job]:
    """Before the files are put in order and backed up, so that neither has what is to go."""
    settings = workspace.settings
    if not (settings.retention.mail_days or settings.retention.records_days):
        return []
    return [
        Job(
            name="retention",
            does="Remove for good what is no longer kept.",
            trigger=Daily(at=settings.schedule.prune_at, zones=(settings.company.timezone,)),
            grace=None,
            work=lambda context: prune(workspace, context),
        )
    ]


def _sync(workspace: Workspace, provider: str) -> Job:
    return Job(
        name=f"sync-{provider}",
        does="Read what is new in the mailboxes.",
        trigger=Every(minutes=workspace.settings.schedule.sync_minutes),
        grace=None,
        work=lambda context: read_new(workspace, provider, context),
    )


class _Silent:
    """Nobody watches how a run goes."""

    def begins(self, provider: str, mailbox: str, step: Step) -> None:
        pass

    def moves(self, provider: str, mailbox: str, page: Page) -> None:
        pass

    def ends(self, outcome: Outcome) -> None:
        pass


def read_new(workspace: Workspace, provider: str, context: Context) -> str:
    """Bring the store up to date with the mailboxes of one provider."""
    with (
        opened(_alone(workspace.settings, provider), stop=context.stop, say=lambda _: None) as tenants,
        workspace.writing_when_free(context.stop) as store,
    ):
        alarm = threading.Timer(60 * SLICE_MINUTES, context.stop.set)
        alarm.daemon = True
        alarm.start()
        through = workspace.border(store, now=context.now())
        orders = SyncOptions(border=through, now=context.now, stop=context.stop, patient=True)
        outcomes = [each for tenant in tenants for each in sync(tenant, store, orders, _Silent())]
        alarm.cancel()
    said = summary(outcomes)
    if context.stop.is_set() and not all(outcome.complete for outcome in outcomes):
        raise GaveBackError(said)
    return said


def _alone(settings: Settings, provider: str) -> Settings:
    """The settings with one provider only, so that what is wrong with the other does not matter."""
    others = {"gmail": GmailSection(), "microsoft365": Microsoft365Section()}
    del others[provider]
    return settings.model_copy(update=others)


def score(workspace: Workspace, context: Context) -> str:
    """Assess every account now, and record it, the first time of the day."""
    now = context.now()
    with workspace.reading() as store:
        assessed = assessed_at(workspace, store, now)
    recorded = record(workspace, assessed, now)
    states = assessed.frame["state"]
    levels = assessed.frame["level"]
    scored, high = int((states == "scored").sum()), int((levels == "high").sum())
    source = assessed.model.id if assessed.model else "the scorecard"
    kept = "recorded" if recorded.rows.height else f"the record of {recorded.on} stays as it was"
    return f"{counted(scored, 'account')} scored by {source}, {high:,} at high risk; {kept}"


def doubts(workspace: Workspace, context: Context) -> str:
    """Why the model in use may no longer fit."""
    now = context.now()
    with workspace.reading() as store:
        current = store.models.in_use(now)
        if current is None:
            return "the scorecard is in use, which learnt nothing"
        fit = fit_at(workspace, store, store.models.read(current), now)
    if not fit.doubts:
        return "the model still fits"
    log.warning("model_doubted", extra={"model": current, "doubts": " ".join(fit.doubts)})
    return " ".join(fit.doubts)


def prune(workspace: Workspace, context: Context) -> str:
    """Remove what is too old, and wipe it from the disk."""
    with workspace.writing_when_free(context.stop) as store:
        removed = remove(workspace, store, context.now())
        wiped = store.retention.wipe()
    parts = [f"{row['removed']:,} {row['kind']}" for row in removed.iter_rows(named=True) if row["removed"]]
    said = f"{', '.join(parts)} removed" if parts else "nothing was too old"
    return said if wiped else f"{said}; files with it are still being read, and are wiped later"


def compact(workspace: Workspace, context: Context) -> str:
    """Fold pages and merge files."""
    with workspace.writing_when_free(context.stop) as store:
        store.compact()
        rows = store.messages().select(pl.len()).collect().item()
    return f"{counted(rows, 'message')} in order"


def _back_up(workspace: Workspace, context: Context) -> str:
    schedule = workspace.settings.schedule
    place = back_up(
        workspace.settings.store.path, schedule.backup_folder, at=context.now(), kept=schedule.backups_kept
    )
    return f"{place.name} written"


def _train(workspace: Workspace, context: Context) -> str:
    now = context.now()
    with workspace.reading() as store:
        found = train(workspace, store, now, Target.CHURN, now=now, whole=False)
    return f"{found.artifact.id} is in use"
