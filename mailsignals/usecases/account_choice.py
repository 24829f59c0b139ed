"""Filters and orders of lists: the accounts of a CSM or a tier, one account, and a limit."""

import dataclasses

import polars as pl

from mailsignals.accounts.nearest import did_you_mean
from mailsignals.errors import UserError
from mailsignals.sla.tickets import Tickets
from mailsignals.workspace import Snapshot


@dataclasses.dataclass(frozen=True, kw_only=True)
class AccountChoice:
    """A choice of accounts; None leaves everything in."""

    csm: str | None = None
    """An address, in any case of letters."""
    tier: str | None = None
    """A name, in any case of letters."""
    account: str | None = None
    """An ``account_id``."""
    limit: int | None = None
    """The most rows of the list."""

    @property
    def narrows(self) -> bool:
        """Return whether it leaves accounts out, apart from the limit."""
        return (self.csm, self.tier, self.account) != (None, None, None)


def chosen_accounts(accounts: pl.DataFrame, wanted: AccountChoice) -> pl.DataFrame:
    """Return the rows of a filter's accounts, without regard to its limit.

    Args:
        accounts: one row per account, with ``account_id``, ``csm`` and ``tier``.
        wanted: the filter.

    Raises:
        UserError: no account has the CSM, the tier or the id, or all of them together.
    """
    for column, value in (("csm", wanted.csm), ("tier", wanted.tier), ("account_id", wanted.account)):
        if value is None:
            continue
        matches = pl.col(column).str.to_lowercase() == value.strip().lower()
        if accounts.filter(matches).is_empty():
            raise UserError(_no_match(accounts, column, value))
        accounts = accounts.filter(matches)
    return accounts


def chosen_rows(rows: pl.DataFrame, accounts: pl.DataFrame, wanted: AccountChoice) -> pl.DataFrame:
    """Return the rows of a filter's accounts, in their order and without regard to its limit.

    Args:
        rows: any rows with an ``account_id``.
        accounts: one row per account, with ``account_id``, ``csm`` and ``tier``.
        wanted: the filter.

    Raises:
        UserError: no account has the CSM, the tier or the id, or all of them together.
    """
    if not wanted.narrows:
        return rows
    ids = chosen_accounts(accounts, wanted)["account_id"]
    return rows.filter(pl.col("account_id").is_in(ids.to_list()))


def chosen_tickets(snapshot: Snapshot, wanted: AccountChoice) -> Tickets:
    """Return the tickets of a filter's accounts; outbound touches stay those of all accounts.

    Raises:
        UserError: no account has the CSM, the tier or the id, or all of them together.
    """
    found = snapshot.tickets
    if not wanted.narrows:
        return found
    ids = set(chosen_accounts(snapshot.accounts, wanted)["account_id"])
    numbers = [number for number, name in enumerate(snapshot.accounts["account_id"]) if name in ids]
    tickets = found.tickets.filter(pl.col("account").is_in(numbers))
    cases = found.cases.join(
        tickets.select("conversation"), on="conversation", how="semi", maintain_order="left"
    )
    return dataclasses.replace(found, tickets=tickets, cases=cases)


def sorted_rows(rows: pl.DataFrame, column: str, *, largest_first: bool = False) -> pl.DataFrame:
    """Return rows in the order of a column, unknown values last; ``name`` is the account's, else its id.

    Args:
        rows: any rows with the column.
        column: the column's name.
        largest_first: whether the largest value is on top.
    """
    named = column == "name"
    key = pl.coalesce("name", "account_id").str.to_lowercase() if named else pl.col(column)
    return rows.sort(key, descending=largest_first, nulls_last=True, maintain_order=True)


def _no_match(accounts: pl.DataFrame, column: str, value: str) -> str:
    option = {"account_id": "account"}.get(column, column)
    if accounts.is_empty():
        return f"--{option} {value}: the account list is empty."
    known = accounts[column].drop_nulls().unique().sort().to_list()
    if column == "account_id":
        hint = did_you_mean(value, known, what="accounts")
        return f"--account {value}: no such account{hint if 'did you mean' in hint else ''}."
    noun = {"csm": "CSM"}.get(column, column)
    return (
        f"--{option} {value}: no account has this {noun}. The account list has {', '.join(known) or 'none'}."
    )
