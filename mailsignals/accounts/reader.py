"""accounts.csv to the account book, with every problem of the file named at once."""

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import polars as pl

from connectors.mail import normalise_address
from mailsignals.accounts.addresses import address_of, domain_of
from mailsignals.accounts.book import Book
from mailsignals.accounts.nearest import did_you_mean
from mailsignals.accounts.table import BookRow, Problems, read_table
from mailsignals.schema import BOOK_SCHEMA

_COLUMNS = frozenset({*BOOK_SCHEMA, "domains", "contacts"})
_DATES = ("started_on", "churned_on", "renewal_on")
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")


def read_book(path: Path, *, tiers: Collection[str]) -> Book:
    """The account book in a CSV file; ``tiers`` are the names that its column ``tier`` may hold.

    Raises:
        UserError: naming the file and, for up to 20 problems, the line and what to do about each.
    """
    problems = Problems(path)
    table = read_table(path, known=_COLUMNS, problems=problems)
    reader = _Reader(tiers=tiers, problems=problems)
    records = [reader.record(number, row) for number, row in enumerate(table.rows)]
    problems.raise_if_any()
    further = {name: pl.String() for name in table.columns if name not in _COLUMNS}
    return Book(
        accounts=pl.DataFrame(records, schema={**BOOK_SCHEMA, **further}),
        domains=reader.domains.numbers,
        contacts=reader.contacts.numbers,
    )


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
        self._ids: dict[str, int] = {}
        self._tiers = tiers
        self._problems = problems

    def record(self, number: int, row: BookRow) -> Mapping[str, object]:
        """One account; what cannot be read is null, and a problem."""
        account_id = self._account_id(row)
        claims = [
            *self._list(row, "domains", parse=domain_of, claims=self.domains, number=number),
            *self._list(row, "contacts", parse=address_of, claims=self.contacts, number=number),
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
            "csm": normalise_address(row["csm"] or "") or row["csm"],
            "arr": self._amount(row),
            **{column: self._date(row, column) for column in _DATES},
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

    def _list(
        self, row: BookRow, column: str, *, parse: Callable[[str], str], claims: _Claims, number: int
    ) -> list[str]:
        """The entries of a cell, those that cannot be read included; the readable ones are claimed."""
        entries = [entry.strip() for entry in (row[column] or "").split(";") if entry.strip()]
        for entry in entries:
            try:
                claims.add(parse(entry), number=number, row=row)
            except ValueError as error:
                self._problems.add(row.line, f"{column}: {error}")
        return entries

    def _tier(self, row: BookRow) -> str | None:
        tier = row["tier"]
        if tier is not None and tier not in self._tiers:
            hint = did_you_mean(tier, self._tiers, what="tiers")
            self._problems.add(
                row.line,
                f"tier {tier!r} is not defined{hint}; correct it, or add it as [[tiers]] to the configuration",
            )
        return tier

    def _date(self, row: BookRow, column: str) -> dt.date | None:
        text = row[column]
        try:
            return dt.date.fromisoformat(text) if text else None
        except ValueError:
            self._problems.add(row.line, f"{column}: {text!r} is not a date; write it as 2026-03-31")
            return None

    def _amount(self, row: BookRow) -> float | None:
        text = row["arr"]
        if text is None or _AMOUNT.fullmatch(text):
            return float(text) if text else None
        self._problems.add(
            row.line, f"arr: {text!r} is not an amount; write it in plain digits, such as 12000 or 12000.50"
        )
        return None


def _titled(row: BookRow) -> str:
    return f"account {row['account_id'] or 'without an id'}"
