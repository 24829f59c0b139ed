"""The stored mail as ``mailsignals check`` shows it."""

from collections.abc import Mapping

import polars as pl
from rich.console import Group

from mailsignals.cli.cells import number
from mailsignals.cli.output import Output, table
from mailsignals.cli.tables.automated_mail import automated_accounts_table, automated_cell
from mailsignals.usecases.stored_mail import StoredMailReport


def mail_frames(mail: StoredMailReport | None) -> Mapping[str, pl.DataFrame]:
    """Return the frames of the JSON document by name; empty without a store."""
    if mail is None:
        return {}
    return {
        "stored_mailboxes": mail.mailboxes,
        "automated_accounts": mail.automated.accounts,
        "strangers": mail.strangers,
    }


def show_mail(output: Output, mail: StoredMailReport | None) -> None:
    """Print the days, directions and automated share of each mailbox, then accounts and strangers."""
    if mail is None or mail.mailboxes.is_empty():
        return
    boxes = [
        (
            row["mailbox"],
            row["provider"],
            number(row["messages"]),
            number(row["received"]),
            number(row["sent"]),
            f"{row['first_on']}",
            f"{row['last_on']}",
            automated_cell(row, of="messages"),
        )
        for row in mail.mailboxes.iter_rows(named=True)
    ]
    heads = ["mailbox", "provider", "emails", "received", "sent", "first day", "last day", "automated"]
    parts = [table(heads, boxes, right=heads[2:5]), *automated_accounts_table(mail.automated.accounts)]
    output.show(Group(*parts))
    if mail.strangers.height:
        output.show(_strangers_table(mail.strangers))


def tell_warnings(output: Output, mail: StoredMailReport | None) -> None:
    """Print warnings about the stored mail."""
    for sentence in mail.warnings if mail else ():
        output.say(f"Warning: {sentence}")


def _strangers_table(strangers: pl.DataFrame) -> Group:
    """Return the table of unlisted addresses with the text to paste."""
    rows = [(row["address"], number(row["mails"]), *_place(row)) for row in strangers.iter_rows(named=True)]
    title = "Addresses in customers' conversations that the account list lacks"
    heads = ["address", "emails", "in conversations of", "add to the account list"]
    return Group("", table(heads, rows, title=title, right=["emails"]))


def _place(row: Mapping[str, object]) -> tuple[str, str]:
    """Return the account of an address, and the text to add to the account list."""
    if row["entry"] is None:
        return f"{row['accounts']} accounts", "choose an account"
    return f"{row['name']} ({row['account_id']})", f"{row['account_id']}, {row['column']}: {row['entry']}"
