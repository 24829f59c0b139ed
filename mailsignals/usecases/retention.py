"""Delete data that is older than ``[retention]`` allows, and preview the consequences."""

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
from mailsignals.usecases.clock_state import check_clock
from mailsignals.workspace import Workspace

REMOVED_SCHEMA = pl.Schema({"kind": pl.String(), "removed": pl.Int64(), "kept_since": INSTANT})
"""One row per kind of data that ``[retention]`` concerns."""

NOTHING_SET = (
    "No retention is configured, so everything is kept. Set mail_days and records_days under [retention] in "
    "config.toml; docs/operate/privacy.md shows what that costs."
)

_RECORD_KINDS = ("scores", "deliveries", FEEDBACK)
_ENOUGH_RECORDS_DAYS = (LOOK_AHEAD + QUARTER).days


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Pruning:
    """The result of a deletion."""

    removed: pl.DataFrame
    """``REMOVED_SCHEMA``."""
    wiped: bool
    """False while another program still reads files that hold deleted data."""
    backups: int
    """The number of backups, which may hold deleted data, too."""

    @property
    def summary(self) -> str:
        """Return the deletion in one line, such as ``120 messages, 2 scores deleted``."""
        parts = [
            f"{row['removed']:,} {row['kind']}"
            for row in self.removed.iter_rows(named=True)
            if row["removed"]
        ]
        text = f"{', '.join(parts)} deleted" if parts else "nothing was too old"
        return text if self.wiped else f"{text}; files in use are wiped later"


def preview_pruning(workspace: Workspace, now: dt.datetime) -> pl.DataFrame:
    """Return the data that ``prune`` would delete, in ``REMOVED_SCHEMA``; nothing is changed.

    Raises:
        UserError: ``[retention]`` keeps everything, the store does not exist, or it can't be read.
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
    """Delete data that is older than ``[retention]`` allows, and wipe it from the disk.

    Raises:
        ClockDoubtError: the clock is wrong; nothing was deleted.
        UserError: ``[retention]`` keeps everything, the store does not exist, or another program writes to it.
    """
    _check_limits(workspace)
    path = workspace.settings.store.path
    if not (path / FILE).is_file():
        raise missing_store(path)
    check_clock(workspace, now)
    with Store.open(path, mode="write") as store:
        return _pruned(workspace, store, now)


def prune_by_job(workspace: Workspace, context: Context) -> str:
    """Prune once no other program writes to the store, and return the summary.

    Raises:
        StoreBusyError: another program writes for minutes.
        StoppedError: ``context.stop`` was set.
    """
    with workspace.writing_when_free(context.stop) as store:
        return _pruned(workspace, store, context.now()).summary


def price(retention: RetentionSection, book: Book, now: dt.datetime) -> list[str]:
    """Return sentences on the figures that suffer from short retention."""
    found = []
    days = retention.mail_days
    if 0 < days < LONGEST_SPAN:
        found.append(
            f"retention.mail_days = {days}: signals look back up to {LONGEST_SPAN} days, so several are too low or "
            "missing. Keep mail for longer, or use only the figures over 30 to 90 days."
        )
    elif 0 < days < PAST_TO:
        found.append(
            f"retention.mail_days = {days}: accounts are compared with their own past of up to {PAST_TO} days. "
            "With less, changes are found later and with more false alarms."
        )
    since = retention.mail_since(now)
    left = book.accounts["churned_on"].drop_nulls()
    lost = 0 if since is None else int((left < since.date()).sum())
    if lost:
        found.append(
            f"retention.mail_days = {days}: {lost:,} of {left.len():,} churn dates in the account list are older, so "
            "no model can be trained on them."
        )
    if 0 < retention.records_days < _ENOUGH_RECORDS_DAYS:
        found.append(
            f"retention.records_days = {retention.records_days}: the outcome of a flag is known after "
            f"{LOOK_AHEAD.days} days and reported for a quarter. Under {_ENOUGH_RECORDS_DAYS} days digests can't "
            "report the precision of flags."
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
