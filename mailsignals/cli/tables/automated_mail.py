"""Automated mail in tables and lines: the share per mailbox, and the accounts with the largest shares."""

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl
from rich.console import RenderableType
from rich.text import Text

from mailsignals.cli.cells import UNKNOWN, number
from mailsignals.cli.output import Output, table
from mailsignals.usecases.automated_mail import (
    AutomatedMail,
    account_warning,
    automated_share,
    kind_list,
    mailbox_warning,
    share_words,
)
from mailsignals.wording.numbers import count_noun

ACCOUNTS_SHOWN = MAILBOXES_SHOWN = 10
ACCOUNT_SHARE = 0.5
"""Accounts with more than this share are shown; ``--json`` has all."""


def automated_cell(row: Mapping[str, Any], *, of: str) -> str:
    """Return the automated share of a row's emails with the shares by kind: ``45% (bulk mail 40%, …)``."""
    share = automated_share(row, of=of)
    if share is None:
        return UNKNOWN
    return f"{share_words(share)} ({kind_list(row, of=of)})" if share else "0%"


def automated_accounts_table(accounts: pl.DataFrame) -> list[RenderableType]:
    """Return an empty line and a table of the accounts whose mail is mostly automated; empty if there are none.

    Args:
        accounts: as ``usecases.automated_mail`` returns them, the largest share first.
    """
    found = _mostly_automated(accounts)
    if found.is_empty():
        return []
    rows = [
        (f"{row['name']} ({row['account_id']})", number(row["mails"]), automated_cell(row, of="mails"))
        for row in found.head(ACCOUNTS_SHOWN).iter_rows(named=True)
    ]
    more = found.height - ACCOUNTS_SHOWN
    rest = [Text(f"{more:,} more; list all with --json.")] if more > 0 else []
    title = "Accounts whose mail is mostly automated"
    return [Text(), table(["account", "emails", "automated"], rows, title=title, right=["emails"]), *rest]


def tell_automated(output: Output, found: AutomatedMail, mailboxes: Collection[str]) -> None:
    """Print the automated share of some mailboxes and of accounts whose mail is mostly automated, with warnings."""
    boxes = found.mailboxes.filter(pl.col("mailbox").is_in(list(mailboxes))).sort(
        pl.col("automated") / pl.col("messages"), "mailbox", "provider", descending=[True, False, False]
    )
    for row in boxes.head(MAILBOXES_SHOWN).iter_rows(named=True):
        if warning := mailbox_warning(row):
            output.say(f"Warning: {warning}")
        else:
            mails = count_noun(row["messages"], "email")
            output.say(f"{row['mailbox']}: {mails}, automated: {automated_cell(row, of='messages')}.")
    _tell_more(output, boxes.height - MAILBOXES_SHOWN, "mailbox", "mailboxes")
    accounts = _mostly_automated(found.accounts)
    for row in accounts.head(ACCOUNTS_SHOWN).iter_rows(named=True):
        if warning := account_warning(row):
            output.say(f"Warning: {warning}")
        else:
            mails = count_noun(row["mails"], "email")
            output.say(
                f"{row['name']} ({row['account_id']}): {mails}, automated: {automated_cell(row, of='mails')}."
            )
    _tell_more(output, accounts.height - ACCOUNTS_SHOWN, "account like these", "accounts like these")


def _mostly_automated(accounts: pl.DataFrame) -> pl.DataFrame:
    return accounts.filter(pl.col("automated") > ACCOUNT_SHARE * pl.col("mails"))


def _tell_more(output: Output, more: int, one: str, several: str) -> None:
    if more > 0:
        output.say(
            f"{more:,} more {one if more == 1 else several}; list all with `mailsignals status --json`."
        )
