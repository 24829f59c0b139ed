"""Retention as a command and the job carry it out: what is too old, its removal, and what that costs."""

import datetime as dt

import polars as pl

from mailsignals.accounts import Book
from mailsignals.config.retention import RetentionSection
from mailsignals.flags.feedback import outlived
from mailsignals.flags.outcomes import LOOK_AHEAD, QUARTER
from mailsignals.schema import INSTANT
from mailsignals.signals.facts import LONGEST_SPAN
from mailsignals.signals.history import PAST_TO
from mailsignals.store import Store
from mailsignals.store.upkeep.retention import FEEDBACK, KINDS, MESSAGES
from mailsignals.workspace import Workspace

REMOVED_SCHEMA = pl.Schema({"kind": pl.String(), "removed": pl.Int64(), "kept_since": INSTANT})
"""One row a kind that ``[retention]`` concerns."""

_RECORD_KINDS = ("scores", "deliveries", FEEDBACK)
_ENOUGH_RECORDS_DAYS = (LOOK_AHEAD + QUARTER).days


def too_old(workspace: Workspace, store: Store, now: dt.datetime) -> pl.DataFrame:
    """What the store holds and ``[retention]`` no longer keeps, in ``REMOVED_SCHEMA``."""
    retention = workspace.settings.retention
    mail, records = retention.mail_since(now), retention.records_since(now)
    found = store.retention.aged(mail=mail, records=records)
    if mail:
        old = store.messages().filter(pl.col("sent_at") < mail)
        found[MESSAGES] = old.select(pl.len()).collect().item()
    if records:
        feedback = store.feedback.frame()
        found[FEEDBACK] = feedback.height - outlived(feedback, records).height
    return _frame(found, retention, now)


def remove(workspace: Workspace, store: Store, now: dt.datetime) -> pl.DataFrame:
    """Remove what ``[retention]`` no longer keeps; what that was, in ``REMOVED_SCHEMA``."""
    retention = workspace.settings.retention
    records = retention.records_since(now)
    found = store.retention.prune(
        mail=retention.mail_since(now),
        records=records,
        feedback=outlived(store.feedback.frame(), records),
        at=now,
    )
    return _frame(found, retention, now)


def _frame(found: dict[str, int], retention: RetentionSection, now: dt.datetime) -> pl.DataFrame:
    mail, records = retention.mail_since(now), retention.records_since(now)
    rows = [
        (kind, found[kind], records if kind in _RECORD_KINDS else mail) for kind in KINDS if kind in found
    ]
    return pl.DataFrame(rows, schema=REMOVED_SCHEMA, orient="row")


def price(retention: RetentionSection, book: Book, now: dt.datetime) -> list[str]:
    """What figures suffer from what is not kept for long, in sentences."""
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
