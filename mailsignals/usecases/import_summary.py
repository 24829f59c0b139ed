"""A summary of each mailbox: first and last day, directions, and imported folders."""

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence

import polars as pl

from connectors.files.folder_names import ROOT, FolderName
from connectors.mail.folder_roles import folder_role
from mailsignals.accounts import Company
from mailsignals.clock import local_date
from mailsignals.store import Store
from mailsignals.usecases.import_files import FileReport
from mailsignals.workspace import Workspace

DESK_ROLES = frozenset({"support"})
"""Roles of addresses that several people share."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FolderCount:
    """A folder of the mail that was read."""

    name: str
    """Its path, or the name of Gmail's own label."""
    role: str | None
    """One of ``connectors.mail.folder_roles.ROLES``; None where the name shows none."""
    mails: int
    """Emails that were read now, with those skipped because of the folder."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MailboxSummary:
    """All stored mail of a mailbox, and the folders that were read now."""

    mailbox: str
    received: int
    sent: int
    """Emails that the mailbox sent, or that its people sent, where several share it."""
    first_on: dt.date | None
    """The day of its oldest mail in the company's time zone; None if it has no mail."""
    last_on: dt.date | None
    folders: Sequence[FolderCount] = ()
    """Largest first; empty where nothing new was read, or for a mailbox without folders."""

    @property
    def mails(self) -> int:
        """Return the number of its stored emails."""
        return self.received + self.sent

    @property
    def missing(self) -> str | None:
        """Return the direction without mail, ``sent`` or ``received``; None with mail in both or neither."""
        if not self.mails or (self.received and self.sent):
            return None
        return "received" if self.sent else "sent"

    @property
    def warning(self) -> str | None:
        """Return a sentence about a missing direction, or None."""
        if self.missing == "sent":
            return (
                f"{self.mailbox} has no sent mail. "
                "Import its sent folder too; otherwise every email to it looks unanswered."
            )
        if self.missing == "received":
            return f"{self.mailbox} has sent mail only. Import its inbox too; otherwise its customers look silent."
        return None


def summarise_import(
    workspace: Workspace, reports: Iterable[FileReport], mailbox: str
) -> list[MailboxSummary]:
    """Return a summary of each mailbox of an import, in the order of their addresses.

    Args:
        workspace: the company.
        reports: the result of ``import_files``.
        mailbox: the address that was passed to it, whose folders were read.

    Raises:
        UserError: the store can't be read.
    """
    listed = list(reports)
    folders: Counter[str] = Counter()
    for found in listed:
        if found.report is not None:
            folders.update(found.report.folders)
    addresses = {mailbox, *(address for found in listed for address in found.mailboxes)}
    settings = workspace.settings
    with Store.open(settings.store.path, mode="read") as store:
        held = held_by_direction(store.messages(), addresses, settings.our_company)
    rows = {row["mailbox"]: row for row in held.iter_rows(named=True)}
    return [
        _summary(
            address,
            rows.get(address),
            settings.company.timezone,
            folder_counts(folders) if address == mailbox else (),
        )
        for address in sorted(addresses)
    ]


def mailbox_summaries(held: pl.DataFrame, timezone: str) -> list[MailboxSummary]:
    """Return a summary of each mailbox with mail, without folders, in the order of their addresses.

    Args:
        held: the result of ``held_by_direction``, by mailbox and any further columns.
        timezone: of the first and last day.
    """
    whole = (
        held.group_by("mailbox")
        .agg(pl.col("sent", "received").sum(), pl.col("oldest_at").min(), pl.col("newest_at").max())
        .sort("mailbox")
    )
    return [_summary(row["mailbox"], row, timezone, ()) for row in whole.iter_rows(named=True)]


def held_by_direction(
    messages: pl.LazyFrame,
    mailboxes: Iterable[str] | None,
    company: Company,
    *,
    by: Sequence[str] = ("mailbox",),
) -> pl.DataFrame:
    """Return ``mailbox``, ``sent`` and ``received`` (emails), ``oldest_at`` and ``newest_at`` per mailbox with mail.

    An email counts as sent if the mailbox is its sender or it is in a sent folder; for a shared mailbox, also if your
    team sent it to somebody outside.

    Args:
        messages: in ``MESSAGE_SCHEMA``.
        mailboxes: the addresses to look at; None: all.
        company: the internal addresses and their roles.
        by: the columns of the groups.
    """
    some = messages if mailboxes is None else messages.filter(pl.col("mailbox").is_in(list(mailboxes)))
    chosen = some.select(
        "mailbox", "provider", "sender", "sent_at", "labels", recipients=pl.concat_list("to", "cc", "bcc")
    )
    labels = chosen.select(pl.col("labels").explode().unique()).collect(engine="streaming").to_series()
    sent_labels = [label for label in labels.drop_nulls() if folder_role(label) == "sent"]
    by_itself = (pl.col("sender") == pl.col("mailbox")) | pl.col("labels").list.eval(
        pl.element().is_in(sent_labels)
    ).list.any()
    desks = [address for address, role in company.roles.items() if role in DESK_ROLES]
    by_desk = pl.col("mailbox").is_in(desks) & _own(pl.col("sender"), company) & _outside(company)
    return (
        chosen.with_columns(is_sent=by_itself | by_desk)
        .group_by(*by)
        .agg(
            sent=pl.col("is_sent").sum(),
            received=(~pl.col("is_sent")).sum(),
            oldest_at=pl.col("sent_at").min(),
            newest_at=pl.col("sent_at").max(),
        )
        .sort(*by)
        .collect(engine="streaming")
    )


def folder_counts(folders: Counter[str]) -> list[FolderCount]:
    """Return the folders with their roles, largest first; empty where no mail is in a folder."""
    if set(folders) <= {ROOT}:
        return []
    return [
        FolderCount(name=name, role=FolderName.of(name.split("/")).role, mails=mails)
        for name, mails in sorted(folders.items(), key=lambda item: (-item[1], item[0]))
    ]


def _summary(
    mailbox: str, row: dict[str, object] | None, timezone: str, folders: Sequence[FolderCount]
) -> MailboxSummary:
    if row is None:
        return MailboxSummary(
            mailbox=mailbox, received=0, sent=0, first_on=None, last_on=None, folders=folders
        )
    oldest, newest = row["oldest_at"], row["newest_at"]
    assert isinstance(oldest, dt.datetime)
    assert isinstance(newest, dt.datetime)
    return MailboxSummary(
        mailbox=mailbox,
        received=int(str(row["received"])),
        sent=int(str(row["sent"])),
        first_on=local_date(oldest, timezone),
        last_on=local_date(newest, timezone),
        folders=folders,
    )


def _own(address: pl.Expr, company: Company) -> pl.Expr:
    """Return an expression: whether an address is internal, by the rule of ``Company.is_own``."""
    domain = address.str.extract(r"@([^@]*)$", 1).fill_null("")
    return pl.any_horizontal(
        address.is_in([*company.addresses, *company.roles, *company.aliases]),
        *(domain == own for own in company.domains),
        *(domain.str.ends_with(f".{own}") for own in company.domains),
    )


def _outside(company: Company) -> pl.Expr:
    """Return an expression: whether the email has an external recipient."""
    return ~pl.col("recipients").list.eval(_own(pl.element(), company)).list.all()
