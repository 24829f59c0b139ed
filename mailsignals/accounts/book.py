"""The account list: customers, with the domains and addresses that identify them."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from mailsignals.accounts.fingerprint import fingerprint


@dataclasses.dataclass(frozen=True, kw_only=True)
class Book:
    """The account list; an account's number is the position of its row."""

    accounts: pl.DataFrame
    """``BOOK_SCHEMA``, then the other columns of the file as strings; empty cells are null."""
    domains: Mapping[str, int]
    """The account number by domain; domains in the form of ``domain_of``."""
    contacts: Mapping[str, int]
    """The account number by contact address; addresses in the form of ``address_of``."""

    shared: Mapping[str, Sequence[int]] = dataclasses.field(default_factory=dict)
    """The numbers of accounts by a listed free-mail domain or public suffix, which doesn't identify an account."""
    names: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The name of a contact or CSM by their address, where the list has one."""
    description: str = ""
    """The encoding, separator, decimal mark and date format of the file, in words."""

    def with_csms(self, addresses: Mapping[str, str]) -> "Book":
        """Return the account list with each CSM under one address.

        Args:
            addresses: the address of a person by their name or other address, both in lower case.
        """
        csm = pl.col("csm")
        named = csm.str.to_lowercase().replace_strict(dict(addresses), default=None, return_dtype=pl.String)
        return dataclasses.replace(self, accounts=self.accounts.with_columns(csm=pl.coalesce(named, csm)))

    @property
    def key(self) -> str:
        """A fingerprint of all that decides matching: with equal keys, every address has the same account number."""
        return fingerprint([sorted(self.domains.items()), sorted(self.contacts.items())])


def numbered_accounts(accounts: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """Return columns of an account list after ``account``, the number of each row (UInt32).

    Only the requested columns are returned, because other columns of the file may have any name, even ``account``.

    Args:
        accounts: the list's rows.
        columns: names of some of its columns.
    """
    return (
        accounts.select(list(columns))
        .with_row_index("account")
        .with_columns(pl.col("account").cast(pl.UInt32))
    )
