"""The report of a sync, and sentences on the mailboxes that were not read."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

import polars as pl

from connectors.base import ConnectorError
from mailsignals.schema import INSTANT
from mailsignals.sync.mailboxes import MailboxOutcome
from mailsignals.wording.numbers import count_noun, date_and_time

COUNTS = ("added", "changed", "removed", "set_aside")
"""Columns that count messages."""
OUTCOME_SCHEMA = pl.Schema(
    {
        "provider": pl.String(),
        "mailbox": pl.String(),
        "step": pl.String(),
        "complete": pl.Boolean(),
        **{count: pl.Int64() for count in COUNTS},
        "state": pl.String(),
        "problem": pl.String(),
        "remedy": pl.String(),
        "next_try_at": INSTANT,
    }
)
"""One row per mailbox."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SyncRun:
    """The result of a sync."""

    outcomes: Sequence[MailboxOutcome]
    """One per mailbox, in the order of completion."""
    failures: Sequence[ConnectorError]
    """One per provider whose mailboxes can't be listed."""
    stopped: bool
    """Whether the sync was interrupted."""

    @property
    def complete(self) -> bool:
        """Return whether every mailbox is up to date."""
        return not self.failures and all(outcome.complete for outcome in self.outcomes)

    @property
    def errors(self) -> list[ConnectorError | None]:
        """Return one error per failure, then one per mailbox; None where it was read, or has to wait."""
        return [*self.failures, *(outcome.error for outcome in self.outcomes)]

    @property
    def changed_mailboxes(self) -> frozenset[str]:
        """Return the addresses of the mailboxes with new or changed mail."""
        return frozenset(
            outcome.mailbox
            for outcome in self.outcomes
            if outcome.report and (outcome.report.added or outcome.report.changed)
        )

    @property
    def summary(self) -> str:
        """Return the sync in one line, such as ``2 of 3 mailboxes up to date, 1,200 new emails``."""
        complete = sum(outcome.complete for outcome in self.outcomes)
        paused = sum(bool(outcome.trouble and outcome.trouble.demanded) for outcome in self.outcomes)
        added = sum(outcome.report.added for outcome in self.outcomes if outcome.report)
        waiting = f", {paused:,} waiting for the provider" if paused else ""
        return (
            f"{complete:,} of {len(self.outcomes):,} mailboxes up to date{waiting}, "
            f"{count_noun(added, 'new email')}"
        )

    @property
    def frame(self) -> pl.DataFrame:
        """Return the outcomes in ``OUTCOME_SCHEMA``, sorted by provider and mailbox."""
        ordered = sorted(self.outcomes, key=lambda each: (each.provider, each.mailbox))
        return pl.DataFrame([_row(outcome) for outcome in ordered], schema=OUTCOME_SCHEMA)


def troubles(found: pl.DataFrame, timezone: str) -> list[str]:
    """Return sentences on the problems of mailboxes with their remedies, each once for all its mailboxes.

    Args:
        found: ``mailbox``, ``problem``, ``remedy`` and ``next_try_at``, one row per mailbox.
        timezone: of times in sentences.
    """
    groups = (
        found.filter(pl.col("problem").is_not_null())
        .group_by("problem", "remedy", maintain_order=True)
        .agg(pl.col("mailbox"), pl.col("next_try_at").min())
    )
    return [
        f"{_names(row['mailbox'])}: {row['problem']} {row['remedy']}{_next_try(row['next_try_at'], timezone)}"
        for row in groups.iter_rows(named=True)
    ]


def _row(outcome: MailboxOutcome) -> dict[str, object]:
    report, trouble = outcome.report, outcome.trouble
    return {
        "provider": outcome.provider,
        "mailbox": outcome.mailbox,
        "step": str(outcome.step),
        "complete": outcome.complete,
        "added": report.added if report else 0,
        "changed": report.changed if report else 0,
        "removed": report.removed if report else 0,
        "set_aside": sum(report.skipped.values()) if report else 0,
        "state": trouble.state if trouble else "stopped" if not outcome.complete else "up to date",
        "problem": trouble.problem if trouble else None,
        "remedy": trouble.remedy if trouble else None,
        "next_try_at": trouble.next_try_at if trouble else None,
    }


def _names(mailboxes: Sequence[str]) -> str:
    more = len(mailboxes) - 3
    return ", ".join(mailboxes[:3]) + (f" and {more:,} more" if more > 0 else "")


def _next_try(at: dt.datetime | None, timezone: str) -> str:
    """Return a sentence with the next automatic attempt; empty if there is none."""
    if at is None or at.year == dt.MAXYEAR:
        return ""
    return f" Next attempt: {date_and_time(at, timezone)}."
