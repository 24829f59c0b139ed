"""Reads the account list from accounts.csv, and reports all its problems at once."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import polars as pl

from mailsignals.accounts.agreement import ColumnValues, Notation, read_column
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
_Typed: TypeAlias = Mapping[str, ColumnValues[float] | ColumnValues[dt.date]]


def read_book(path: Path, *, tiers: Collection[str], notation: Notation = _AS_RECOGNISED) -> Book:
    """Return the account list in a CSV file.

    Args:
        path: the file; separator, encoding, dates and decimals are recognised.
        tiers: the allowed names in its column ``tier``, in upper or lower case.
        notation: the configured formats of its amounts and dates.

    Raises:
        UserError: the file and, for up to 20 problems, the line, the problem and the remedy.
    """
    problems = Problems(path)
    table = read_table(path, known=_COLUMNS, problems=problems)
    reader = _Reader(tiers=tiers, problems=problems)
    records = [reader.record(number, row) for number, row in enumerate(table.rows)]
    amounts = read_column(table, "arr", AMOUNTS, setting=notation.decimal, problems=problems)
    dates = {
        column: read_column(table, column, DATES, setting=notation.date_format, problems=problems)
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
    """The encoding, separator, decimal mark and date format of the file, in words."""
    ways = [f"{column} with {found.reading.name}" for column, found in typed.items() if found.reading]
    return "; ".join([table.description, *ways])


class _Claims:
    """The account and the line that lists each domain or contact; the first one wins."""

    def __init__(self, what: str, problems: Problems) -> None:
        self.numbers: dict[str, int] = {}
        self._what = what
        self._problems = problems
        self._first: dict[str, BookRow] = {}

    def add(self, claim: str, *, number: int, row: BookRow) -> None:
        """Add a domain or contact, or a problem if another account lists it already."""
        if self.numbers.setdefault(claim, number) == number:
            self._first[claim] = row
            return
        first = self._first[claim]
        self._problems.add(
            row.line,
            f"{_titled(row)} lists {self._what} {claim}, and so does {_titled(first)} "
            f"on line {first.line}; keep it in one of them",
        )


class _Reader:
    """Turns the rows of one file into records, and collects their domains and contacts."""

    def __init__(self, *, tiers: Collection[str], problems: Problems) -> None:
        self.domains = _Claims("the domain", problems)
        self.contacts = _Claims("the contact", problems)
        self.shared: dict[str, list[int]] = {}
        self.names: dict[str, str] = {}
        self._ids: dict[str, int] = {}
        self._tiers = tiers
        self._problems = problems

    def record(self, number: int, row: BookRow) -> Mapping[str, object]:
        """Return one account; unreadable cells are null, and a problem."""
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
            self._problems.add(row.line, f"{_titled(row)} has neither domains nor contacts; add one")
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
            self._problems.add(row.line, "account_id is empty; add a unique id")
            return None
        first = self._ids.setdefault(account_id, row.line)
        if first != row.line:
            self._problems.add(
                row.line, f"account_id {account_id} is already on line {first}; use a unique id"
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
        """The entries of a cell, with unreadable ones; readable ones are added to the account."""
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
    """Return the tier named in a cell, in upper or lower case; None for an empty cell.

    Raises:
        ValueError: the tier doesn't exist; with a remedy.
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
    """Return the address of the CSM; the cell's text if it isn't a single address, None if it is empty."""
    entries = addresses_in(cell or "")
    if len(entries) == 1:
        try:
            return listed_address(entries[0])
        except ValueError:
            pass
    return cell


def _titled(row: BookRow) -> str:
    return f"account {row['account_id'] or 'without an id'}"
