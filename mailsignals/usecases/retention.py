"""Remove for good what ``[retention]`` no longer keeps, and foresee what that costs."""

import dataclasses
import datetime as dt

import polars as pl

from mailsignals.accounts import Book
from mailsignals.config.retention import RetentionSection
from mailsignals.errors import UserError
from mailsignals.flags.feedback import retained_feedback
from mailsignals.flags.outcomes import LOOK_AHEAD, QUARTER
from mailsignals.jobs.job import Context
from mailsignals.schema import INSTANT
from mailsignals.signals.facts import LONGEST_SPAN
from mailsignals.signals.history import PAST_TO
from mailsignals.store import Store
from mailsignals.store.messages.catalogue import FILE
from mailsignals.store.messages.errors import missing_store
from mailsignals.store.upkeep.backup import backups
from mailsignals.store.upkeep.retention import FEEDBACK, KINDS, MESSAGES
from mailsignals.workspace import Workspace

REMOVED_SCHEMA = pl.Schema({"kind": pl.String(), "removed": pl.Int64(), "kept_since": INSTANT})
"""One row per kind of data that ``[retention]`` concerns."""

NOTHING_SET = (
    "Everything is kept, as nothing else is configured. Say under [retention] in config.toml for how many days mail "
    "(mail_days) and records (records_days) are kept; docs/operate/privacy.md shows what that costs."
)

_RECORD_KINDS = ("scores", "deliveries", FEEDBACK)
_ENOUGH_RECORDS_DAYS = (LOOK_AHEAD + QUARTER).days


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Pruning:
    """The result of a removal."""

    removed: pl.DataFrame
    """``REMOVED_SCHEMA``."""
    wiped: bool
    """Whether all of it is off the disk; else some program still reads files that hold it."""
    backups: int
    """How many backups there are, which may hold it too."""

    @property
    def summary(self) -> str:
        """The removal in one line, such as ``120 messages, 2 scores removed``."""
        parts = [
            f"{row['removed']:,} {row['kind']}"
            for row in self.removed.iter_rows(named=True)
            if row["removed"]
        ]
        text = f"{', '.join(parts)} removed" if parts else "nothing was too old"
        return text if self.wiped else f"{text}; files with it are still being read, and are wiped later"


def preview_pruning(workspace: Workspace, now: dt.datetime) -> pl.DataFrame:
    """Return what ``prune`` would remove, in ``REMOVED_SCHEMA``; nothing is changed.

    Raises:
        UserError: ``[retention]`` keeps everything, there is no store, or it cannot be read.
    """
    _check_limits(workspace)
    retention = workspace.settings.retention
    mail, records = retention.mail_since(now), retention.records_since(now)
    with workspace.reading() as store:
        found = store.retention.aged(mail=mail, records=records)
        if mail:
            old = store.messages().filter(pl.col("sent_at") < mail)
            found[MESSAGES] = old.select(pl.len()).collect().item()
        if records:
            feedback = store.feedback.frame()
            found[FEEDBACK] = feedback.height - retained_feedback(feedback, records).height
    return _frame(found, retention, now)


def prune(workspace: Workspace, now: dt.datetime) -> Pruning:
    """Remove what ``[retention]`` no longer keeps, and wipe it from the disk.

    Raises:
        UserError: ``[retention]`` keeps everything, there is no store, or another program writes to it.
    """
    _check_limits(workspace)
    path = workspace.settings.store.path
    if not (path / FILE).is_file():
        raise missing_store(path)
    with Store.open(path, mode="write") as store:
        return _pruned(workspace, store, now)


def prune_by_job(workspace: Workspace, context: Context) -> str:
    """Do as ``prune`` once no other program writes to the store, and return its summary.

    Raises:
        StoreBusyError: another program writes for minutes.
        StoppedError: ``context.stop`` was set.
    """
    with workspace.writing_when_free(context.stop) as store:
        return _pruned(workspace, store, context.now()).summary


def price(retention: RetentionSection, book: Book, now: dt.datetime) -> list[str]:
    """Return what figures suffer from what is not kept for long, in sentences."""
    found = []
    days = retention.mail_days
    if 0 < days < LONGEST_SPAN:
        found.append(
            f"retention.mail_days = {days}: signals look back up to {LONGEST_SPAN} days, so several of them will be "
            "too low or missing. Keep mail for longer, or use the figures of 30 to 90 days alone."
        )
    elif 0 < days < PAST_TO:
        found.append(
            f"retention.mail_days = {days}: an account is compared with its own past of up to {PAST_TO} days; "
            "with less, a change is seen later and more often by mistake."
        )
    since = retention.mail_since(now)
    left = book.accounts["churned_on"].drop_nulls()
    lost = 0 if since is None else int((left < since.date()).sum())
    if lost:
        found.append(
            f"retention.mail_days = {days}: {lost:,} of {left.len():,} departures in the account book are from before "
            "what is kept, so no model can learn from them."
        )
    if 0 < retention.records_days < _ENOUGH_RECORDS_DAYS:
        found.append(
            f"retention.records_days = {retention.records_days}: whether a flag was right is known after "
            f"{LOOK_AHEAD.days} days, and is told for a quarter. Under {_ENOUGH_RECORDS_DAYS} days digests cannot say "
            "how often flags are right."
        )
    return found


def _check_limits(workspace: Workspace) -> None:
    retention = workspace.settings.retention
    if not (retention.mail_days or retention.records_days):
        raise UserError(NOTHING_SET)


def _pruned(workspace: Workspace, store: Store, now: dt.datetime) -> Pruning:
    retention = workspace.settings.retention
    records = retention.records_since(now)
    found = store.retention.prune(
        mail=retention.mail_since(now),
        records=records,
        feedback=retained_feedback(store.feedback.frame(), records),
        at=now,
    )
    return Pruning(
        removed=_frame(found, retention, now),
        wiped=store.retention.wipe(),
        backups=len(backups(workspace.settings.schedule.backup_folder)),
    )


def _frame(found: dict[str, int], retention: RetentionSection, now: dt.datetime) -> pl.DataFrame:
    mail, records = retention.mail_since(now), retention.records_since(now)
    rows = [
        (kind, found[kind], records if kind in _RECORD_KINDS else mail) for kind in KINDS if kind in found
    ]
    return pl.DataFrame(rows, schema=REMOVED_SCHEMA, orient="row")
