"""Keep what the account list says, and show what it said when."""

import datetime as dt
import difflib

import polars as pl

from mailsignals.accounts.dated import FACT_SCHEMA, PAIR, SINCE, changes, with_starts
from mailsignals.errors import UserError
from mailsignals.store.messages.catalogue import FILE
from mailsignals.store.tables.account_facts import AccountFacts
from mailsignals.workspace import Snapshot, Workspace


def note_accounts(workspace: Workspace, at: dt.datetime) -> int:
    """Keep the values of the account list that are new since it was noted last; return how many there are.

    It needs no writer's lock, so a running sync doesn't matter. Without a store there is nothing to do yet.

    Args:
        workspace: the company.
        at: the instant of the reading, where the workspace doesn't know it.

    Raises:
        UserError: an older or newer program wrote the store, or it cannot be written.
    """
    folder, book, past = workspace.settings.store.path, workspace.book.accounts, workspace.history.facts
    if not (folder / FILE).is_file():
        return 0

    def find(noted: pl.DataFrame, newest: dt.datetime | None) -> pl.DataFrame:
        moment = workspace.reading_at(newest, as_of=at)
        new, alone = (
            changes(known, book, at=moment, timezone=workspace.timezone)
            for known in (pl.concat([noted, past]), noted)
        )
        # The store has every value of the list itself, also where the history file has it: the file may go.
        return pl.concat([new, alone.join(new, on=PAIR, how="anti")])

    with AccountFacts.open(folder) as table:
        return table.note(find)


def account_history(snapshot: Snapshot, account_id: str | None = None) -> pl.DataFrame:
    """Return what is known of the accounts of the list, or of one, and since when: ``FACT_SCHEMA``.

    A value that was read again unchanged has one row, the first. The order is that of the list, its columns, and time.

    Raises:
        UserError: there is no such account.
    """
    book = snapshot.workspace.book.accounts
    ids = book["account_id"].to_list()
    if account_id is not None and account_id not in ids:
        near = difflib.get_close_matches(account_id, ids, n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise UserError(
            f"{account_id}: no such account in {snapshot.workspace.settings.accounts.file}{hint}."
        )
    fields = [*book.columns, *snapshot.account_facts["field"].unique().sort()]
    place, column = (
        pl.col(name).replace_strict({value: number for number, value in enumerate(dict.fromkeys(values))})
        for name, values in (("account_id", ids), ("field", fields))
    )
    wanted = pl.col("account_id").is_in(ids if account_id is None else [account_id])
    again = (pl.col("value").eq_missing(pl.col("value").shift(1))).over(PAIR)
    first = pl.int_range(pl.len()).over(PAIR) == 0
    return (
        with_starts(snapshot.account_facts.filter(wanted), snapshot.timezone)
        .filter(first | ~again)
        .sort(place, column, SINCE, "seen_at")
        .select(FACT_SCHEMA.names())
    )
