"""The customers and what they are known by."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from mailsignals.accounts.fingerprint import fingerprint


@dataclasses.dataclass(frozen=True, kw_only=True)
class Book:
    """All accounts, one row each; an account's number is the position of its row."""

    accounts: pl.DataFrame
    """``BOOK_SCHEMA``, then the further columns of the file as strings; empty cells are null."""
    domains: Mapping[str, int]
    """The number of the account that claims a domain; domains in the form of ``domain_of``."""
    contacts: Mapping[str, int]
    """The number of the account that claims an address; addresses in the form of ``address_of``."""

    shared: Mapping[str, Sequence[int]] = dataclasses.field(default_factory=dict)
    """The numbers of the accounts that list a free-mail domain or a public suffix, which claims nothing."""
    names: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The name of a contact or CSM by their address, where the list has one."""
    description: str = ""
    """Encoding, separator, decimals and dates of the file, in words."""

    def with_csms(self, addresses: Mapping[str, str]) -> "Book":
        """Return the book with each CSM under one address.

        Args:
            addresses: the address of a person by their name or other address, both in lower case.
        """
        csm = pl.col("csm")
        named = csm.str.to_lowercase().replace_strict(dict(addresses), default=None, return_dtype=pl.String)
        return dataclasses.replace(self, accounts=self.accounts.with_columns(csm=pl.coalesce(named, csm)))

    @property
    def key(self) -> str:
        """A fingerprint of what decides matching: equal keys, equal account numbers for every address."""
        return fingerprint([sorted(self.domains.items()), sorted(self.contacts.items())])


def numbered_accounts(accounts: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """Return columns of an account list after ``account``, the number of each row (UInt32).

    Only the columns that are asked for: a further one of the file may have any name, also ``account``.

    Args:
        accounts: the list's rows.
        columns: names of some of its columns.
    """
    return (
        accounts.select(list(columns))
        .with_row_index("account")
        .with_columns(pl.col("account").cast(pl.UInt32))
    )
