"""The stored mail: days, directions and automated mail of each mailbox, accounts, and unlisted addresses."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

import polars as pl

from mailsignals.readmodel.tables.system import KEYS
from mailsignals.usecases.automated_mail import AutomatedMail, automated_mail
from mailsignals.usecases.import_summary import held_by_direction, mailbox_summaries
from mailsignals.usecases.strangers import strangers_to_list
from mailsignals.workspace import Snapshot, Workspace


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class StoredMailReport:
    """The stored mail of all mailboxes."""

    mailboxes: pl.DataFrame
    """``HELD_SCHEMA`` with ``sign``, ``sent``, ``received``, ``first_on`` and ``last_on`` (days of the company's)."""
    automated: AutomatedMail
    strangers: pl.DataFrame
    """``STRANGER_ROWS_SCHEMA``."""
    warnings: Sequence[str]
    """Sentences about mailboxes of one direction, and about mailboxes and accounts that are mostly automated."""


def stored_mail(workspace: Workspace, now: dt.datetime) -> StoredMailReport | None:
    """Return the stored mail, with conversations as known by now; None without a store.

    Raises:
        UserError: the store can't be read.
    """
    if not workspace.settings.store.path.exists():
        return None
    with workspace.at(now) as snapshot:
        automated = automated_mail(snapshot)
        directions = held_by_direction(snapshot.messages, None, workspace.settings.our_company, by=KEYS)
        boxes = mailbox_summaries(directions, workspace.timezone)
        return StoredMailReport(
            mailboxes=_with_directions(automated.mailboxes, directions, workspace.timezone),
            automated=automated,
            strangers=strangers_to_list(snapshot),
            warnings=[*(box.warning for box in boxes if box.warning), *automated.warnings],
        )


def newest_mail_at(snapshot: Snapshot) -> dt.datetime | None:
    """Return the time of the newest stored mail up to the snapshot's, in UTC; None without any mail.

    Raises:
        UserError: the store can't be read.
    """
    known = snapshot.messages.filter(pl.col("sent_at") <= snapshot.as_of)
    newest = known.select(pl.col("sent_at").max()).collect(engine="streaming").item()
    return newest if isinstance(newest, dt.datetime) else None


def _with_directions(mailboxes: pl.DataFrame, directions: pl.DataFrame, timezone: str) -> pl.DataFrame:
    return mailboxes.join(
        directions.select(*KEYS, "sent", "received"), on=KEYS, maintain_order="left"
    ).with_columns(first_on=_day(pl.col("oldest_at"), timezone), last_on=_day(pl.col("newest_at"), timezone))


def _day(moment: pl.Expr, timezone: str) -> pl.Expr:
    return moment.dt.convert_time_zone(timezone).dt.date()
