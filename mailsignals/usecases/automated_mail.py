"""The automated share of mail per mailbox and account, with warnings where it is large."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import polars as pl

from connectors.base import AUTOMATED
from mailsignals.accounts.book import numbered_accounts
from mailsignals.readmodel.tables.system import held_by_mailbox
from mailsignals.touches.automated_mail import mail_of_accounts
from mailsignals.wording.numbers import count_noun
from mailsignals.workspace import Snapshot

MAILBOX_SHARE = 0.5
"""A mailbox with a larger automated share gets a warning."""

ACCOUNT_MAILS = 3
"""An account with at least this many emails gets a warning if all of them are automated."""

SIGNS_SHOWN = 3

KIND_WORDS: Mapping[str, str] = {
    "bounce": "bounces",
    "calendar": "calendar messages",
    "auto_reply": "automatic replies",
    "notification": "notifications",
    "bulk": "bulk mail",
}
"""Names of the kinds of automated mail."""

CONSEQUENCE = "Automated mail does not count as contact. Check whether a person wrote one of these emails."


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class AutomatedMail:
    """The counts of all and of automated mail, by mailbox and by account."""

    mailboxes: pl.DataFrame
    """``HELD_SCHEMA``, and ``sign``: the most frequent sign of the most frequent kind, or null."""
    accounts: pl.DataFrame
    """``account_id``, ``name``, ``mails``, ``KIND_COUNTS``, ``from_account``, ``automated_from_account`` and ``signs``.

    One row per account with mail, largest automated share first; ``signs`` are those of the most frequent kind in the
    mailboxes that hold its automated mail.
    """

    @property
    def warnings(self) -> list[str]:
        """Return sentences about mostly automated mailboxes and entirely automated accounts."""
        found = (mailbox_warning(row) for row in self.mailboxes.iter_rows(named=True))
        return [sentence for sentence in found if sentence] + self.account_warnings

    @property
    def account_warnings(self) -> list[str]:
        """Return sentences about accounts whose emails, or all emails from them, are automated."""
        found = (account_warning(row) for row in self.accounts.iter_rows(named=True))
        return [sentence for sentence in found if sentence]


def automated_mail(snapshot: Snapshot) -> AutomatedMail:
    """Count all stored mail by mailbox and by account; the snapshot's date does not matter."""
    signs = snapshot.store.signs()
    workspace = snapshot.workspace
    counted = mail_of_accounts(
        snapshot.messages, workspace.directory, workspace.touch_rules.aliases
    ).with_columns(kind=_main_kind())
    book = numbered_accounts(workspace.book.accounts, ["account_id", "name"])
    accounts = (
        counted.join(_signs_of_accounts(counted, signs), on="account", how="left")
        .join(book, on="account")
        .with_columns(pl.col("signs").fill_null([]))
        .sort(pl.col("automated") / pl.col("mails"), "mails", "account", descending=[True, True, False])
        .drop("account", "held_by", "kind")
    )
    return AutomatedMail(
        mailboxes=with_sign(held_by_mailbox(snapshot.messages), signs),
        accounts=accounts.select("account_id", "name", pl.exclude("account_id", "name")),
    )


def with_sign(held: pl.DataFrame, signs: pl.DataFrame) -> pl.DataFrame:
    """Return mailboxes with the ``sign`` that was most frequent for their most frequent kind of automated mail.

    Args:
        held: ``provider``, ``mailbox`` and ``KIND_COUNTS``.
        signs: as the store counts them.
    """
    keys = ["provider", "mailbox", "kind"]
    most = _ranked(signs, keys).unique(keys, keep="first", maintain_order=True)
    return (
        held.with_columns(kind=_main_kind())
        .join(most.select(*keys, "sign"), on=keys, how="left", maintain_order="left")
        .drop("kind")
    )


def mailbox_warnings(held: pl.DataFrame, signs: pl.DataFrame) -> list[str]:
    """Return a sentence with ``Warning:`` for each mostly automated mailbox; empty where mail is not counted.

    Args:
        held: ``provider``, ``mailbox``, ``messages`` and ``KIND_COUNTS``, null where none were counted.
        signs: as the store counts them.
    """
    rows = with_sign(held, signs).iter_rows(named=True)
    return [f"Warning: {sentence}" for row in rows if (sentence := mailbox_warning(row))]


def mailbox_warning(row: Mapping[str, Any]) -> str | None:
    """Return a sentence about a mailbox that is mostly automated; None if it is not."""
    share = automated_share(row, of="messages")
    if share is None or share <= MAILBOX_SHARE:
        return None
    such_as = f", such as `{row['sign']}`" if row["sign"] else ""
    verb = "is" if row["messages"] == 1 else "are"
    return (
        f"{row['mailbox']} ({row['provider']}): {share:.0%} of {count_noun(row['messages'], 'email')} {verb} automated "
        f"({kind_list(row, of='messages')}{such_as}). {CONSEQUENCE}"
    )


def account_warning(row: Mapping[str, Any]) -> str | None:
    """Return a sentence about an account whose emails, or all emails from it, are automated; None for any other."""
    mails, wrote = row["mails"], row["from_account"]
    if row["automated"] == mails >= ACCOUNT_MAILS:
        what = f"all {mails:,} emails are automated"
    elif row["automated_from_account"] == wrote >= ACCOUNT_MAILS:
        what = f"all {wrote:,} emails from them are automated"
    else:
        return None
    shown = ", ".join(f"`{sign}`" for sign in row["signs"][:SIGNS_SHOWN])
    sign = f", such as {shown}" if shown else ""
    return f"{row['name']} ({row['account_id']}): {what} ({kind_list(row, of='mails')}{sign}). {CONSEQUENCE}"


def automated_share(row: Mapping[str, Any], *, of: str) -> float | None:
    """Return the share of a row's emails that are automated; None without emails, or where none were counted."""
    return row["automated"] / row[of] if row[of] else None


def kind_list(row: Mapping[str, Any], *, of: str) -> str:
    """Return the shares by kind in words, the largest first: ``bulk mail 40%, bounces under 1%``."""
    counts = sorted(((row[kind] or 0, kind) for kind in AUTOMATED), reverse=True)
    return ", ".join(f"{KIND_WORDS[kind]} {share_words(count / row[of])}" for count, kind in counts if count)


def share_words(share: float) -> str:
    """Return a share as a whole percentage; a small one is ``under 1%``, none at all ``0%``."""
    return "under 1%" if 0 < share < 0.01 else f"{share:.0%}"


def _main_kind() -> pl.Expr:
    """The most frequent kind of a row with ``KIND_COUNTS``, the first of equals; null without automated mail."""
    most = pl.max_horizontal(*AUTOMATED)
    found = pl.coalesce(pl.when(pl.col(kind) == most).then(pl.lit(kind)) for kind in AUTOMATED)
    return pl.when(most > 0).then(found)


def _signs_of_accounts(counted: pl.DataFrame, signs: pl.DataFrame) -> pl.DataFrame:
    """``account`` and ``signs``: those of its most frequent kind in the mailboxes that hold its automated mail."""
    held = counted.select("account", "kind", "held_by").explode("held_by").unnest("held_by")
    found = held.join(signs, on=["provider", "mailbox", "kind"])
    return _ranked(found, ["account"]).group_by("account", maintain_order=True).agg(signs="sign")


def _ranked(signs: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """The signs of each of some keys, the most frequent first, each once."""
    return (
        signs.group_by(*keys, "sign")
        .agg(pl.col("messages").sum())
        .sort(*keys, "messages", "sign", descending=[*([False] * len(keys)), True, False])
    )
