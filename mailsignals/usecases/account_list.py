"""Record the values of the account list, and return their history."""

import datetime as dt
import difflib

import polars as pl

from mailsignals.accounts.dated import FACT_SCHEMA, PAIR, SINCE, changes, with_starts
from mailsignals.errors import UserError
from mailsignals.store.messages.catalogue import FILE
from mailsignals.store.tables.account_facts import AccountFacts
from mailsignals.usecases.clock_state import is_clock_wrong
from mailsignals.workspace import Snapshot, Workspace


def note_accounts(workspace: Workspace, at: dt.datetime) -> int:
    """Record the values of the account list that are new, and return their number.

    It needs no writer's lock, so a running sync doesn't matter. Without a store it records nothing, nor while the
    clock is wrong.

    Args:
        workspace: the company.
        at: the time of the reading, where the workspace doesn't have one.

    Raises:
        UserError: another version of the program wrote the store, or it can't be written.
    """
    folder, book, past = workspace.settings.store.path, workspace.book.accounts, workspace.history.facts
    if not (folder / FILE).is_file() or is_clock_wrong(workspace, at):
        return 0

    def find(noted: pl.DataFrame, newest: dt.datetime | None) -> pl.DataFrame:
        moment = workspace.reading_at(newest, as_of=at)
        new, alone = (
            changes(known, book, at=moment, timezone=workspace.timezone)
            for known in (pl.concat([noted, past]), noted)
        )
        # The store has every value of the list itself, also where the history file has it: the file may go.
        return pl.concat([new, alone.join(new, on=PAIR, how="anti")])

    with AccountFacts.open(folder, now=workspace.latest(at)) as table:
        return table.note(find)


def account_history(snapshot: Snapshot, account_id: str | None = None) -> pl.DataFrame:
    """Return the past values of the listed accounts, or of one, in ``FACT_SCHEMA``.

    A value that was read again unchanged has one row, the first. The order is that of the list, its columns, and time.

    Raises:
        UserError: the account list has no such account.
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
