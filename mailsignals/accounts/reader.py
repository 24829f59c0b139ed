"""accounts.csv to the account book, with every problem of the file named at once."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import polars as pl

from mailsignals.accounts.agreement import Agreed, Notation, agreed
from mailsignals.accounts.amounts import AMOUNTS
from mailsignals.accounts.book import Book
from mailsignals.accounts.cells import addresses_in, domains_in, listed_address, listed_domain, listed_name
from mailsignals.accounts.dates import DATES
from mailsignals.accounts.nearest import did_you_mean
from mailsignals.accounts.shared import FREE_MAIL, is_public_suffix
from mailsignals.accounts.table import BookRow, BookTable, Problems, read_table
from mailsignals.schema import BOOK_SCHEMA

_COLUMNS = frozenset({*BOOK_SCHEMA, "domains", "contacts"})
_DATES = ("started_on", "churned_on", "renewal_on")
_AS_RECOGNISED = Notation()
_Typed: TypeAlias = Mapping[str, Agreed[float] | Agreed[dt.date]]


def read_book(path: Path, *, tiers: Collection[str], notation: Notation = _AS_RECOGNISED) -> Book:
    """The account list in a CSV file.

    Args:
        path: the file; separator, encoding, dates and decimals are recognised.
        tiers: the names that its column ``tier`` may hold, in any case.
        notation: how its amounts and dates are written, where the configuration settles it.

    Raises:
        UserError: naming the file and, for up to 20 problems, the line and what to do about each.
    """
    problems = Problems(path)
    table = read_table(path, known=_COLUMNS, problems=problems)
    reader = _Reader(tiers=tiers, problems=problems)
    records = [reader.record(number, row) for number, row in enumerate(table.rows)]
    amounts = agreed(table, "arr", AMOUNTS, setting=notation.decimal, problems=problems)
    dates = {
        column: agreed(table, column, DATES, setting=notation.date_format, problems=problems)
        for column in _DATES
    }
    problems.raise_if_any()
    typed: _Typed = {"arr": amounts, **dates}
    further = {name: pl.String() for name in table.columns if name not in _COLUMNS}
    return Book(
        accounts=pl.DataFrame(
            [
                {**record, **{column: found.values.get(row.line) for column, found in typed.items()}}
                for record, row in zip(records, table.rows, strict=True)
            ],
            schema={**BOOK_SCHEMA, **further},
        ),
        domains=reader.domains.numbers,
        contacts=reader.contacts.numbers,
        shared=reader.shared,
        names=reader.names,
        description=_description(table, typed),
    )


def _description(table: BookTable, typed: _Typed) -> str:
    """Encoding, separator, decimals and dates of the file, in words."""
    ways = [f"{column} with {found.reading.name}" for column, found in typed.items() if found.reading]
    return "; ".join([table.description, *ways])


class _Claims:
    """Who claims what, and on which line; the first claim stands."""

    def __init__(self, what: str, problems: Problems) -> None:
        self.numbers: dict[str, int] = {}
        self._what = what
        self._problems = problems
        self._first: dict[str, BookRow] = {}

    def add(self, claim: str, *, number: int, row: BookRow) -> None:
        """Note a claim, and a problem if another account was first."""
        if self.numbers.setdefault(claim, number) == number:
            self._first[claim] = row
            return
        first = self._first[claim]
        self._problems.add(
            row.line,
            f"{_titled(row)} claims {self._what} {claim}, and so does {_titled(first)} "
            f"on line {first.line}; leave it with one of them",
        )


class _Reader:
    """Turns the rows of one file into records, and gathers the claims."""

    def __init__(self, *, tiers: Collection[str], problems: Problems) -> None:
        self.domains = _Claims("the domain", problems)
        self.contacts = _Claims("the contact", problems)
        self.shared: dict[str, list[int]] = {}
        self.names: dict[str, str] = {}
        self._ids: dict[str, int] = {}
        self._tiers = tiers
        self._problems = problems

    def record(self, number: int, row: BookRow) -> Mapping[str, object]:
        """One account; what cannot be read is null, and a problem."""
        account_id = self._account_id(row)
        claims = [
            *self._list(
                row, "domains", domains_in, claim=lambda entry: self._claim_domain(entry, number, row)
            ),
            *self._list(
                row,
                "contacts",
                addresses_in,
                claim=lambda entry: self._claim_contact(entry, number, row),
            ),
        ]
        if not claims:
            self._problems.add(
                row.line, f"{_titled(row)} has neither domains nor contacts; give it one of them"
            )
        return {
            **row.cells,
            "account_id": account_id,
            "name": row["name"] or account_id,
            "tier": self._tier(row),
            "csm": self._csm(row),
        }

    def _account_id(self, row: BookRow) -> str | None:
        account_id = row["account_id"]
        if account_id is None:
            self._problems.add(row.line, "account_id is empty; give the account an id of its own")
            return None
        first = self._ids.setdefault(account_id, row.line)
        if first != row.line:
            self._problems.add(
                row.line, f"account_id {account_id} is taken by line {first}; give each account its own"
            )
        return account_id

    def _claim_domain(self, entry: str, number: int, row: BookRow) -> None:
        domain = listed_domain(entry)
        if domain in FREE_MAIL or is_public_suffix(domain):
            self.shared.setdefault(domain, []).append(number)
        else:
            self.domains.add(domain, number=number, row=row)

    def _claim_contact(self, entry: str, number: int, row: BookRow) -> None:
        address = listed_address(entry)
        self.contacts.add(address, number=number, row=row)
        self._note_name(address, entry)

    def _csm(self, row: BookRow) -> str | None:
        address = csm_address(row["csm"])
        if address is not None:
            self._note_name(address, row["csm"] or "")
        return address

    def _note_name(self, address: str, entry: str) -> None:
        if name := listed_name(entry):
            self.names.setdefault(address, name)

    def _list(
        self,
        row: BookRow,
        column: str,
        entries_in: Callable[[str], Sequence[str]],
        *,
        claim: Callable[[str], None],
    ) -> Sequence[str]:
        """The entries of a cell, those that cannot be read included; the readable ones are claimed."""
        entries = entries_in(row[column] or "")
        for entry in entries:
            try:
                claim(entry)
            except ValueError as error:
                self._problems.add(row.line, f"{column}: {error}")
        return entries

    def _tier(self, row: BookRow) -> str | None:
        try:
            return defined_tier(row["tier"], self._tiers)
        except ValueError as error:
            self._problems.add(row.line, str(error))
            return None


def defined_tier(text: str | None, tiers: Collection[str]) -> str | None:
    """The tier that a cell names, in any case of letters; None for an empty cell.

    Raises:
        ValueError: there is no such tier; with what to do.
    """
    if text is None or text in tiers:
        return text
    named = [name for name in tiers if name.casefold() == text.casefold()]
    if len(named) != 1:
        hint = did_you_mean(text, tiers, what="tiers")
        raise ValueError(
            f"tier {text!r} is not defined{hint}; correct it, or add it as [[tiers]] to the configuration"
        )
    return named[0]


def csm_address(cell: str | None) -> str | None:
    """The address of the CSM; what stands there as it is, where that is not one address."""
    entries = addresses_in(cell or "")
    if len(entries) == 1:
        try:
            return listed_address(entries[0])
        except ValueError:
            pass
    return cell


def _titled(row: BookRow) -> str:
    return f"account {row['account_id'] or 'without an id'}"
