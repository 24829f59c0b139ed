"""The past of the account list, from a file with one dated value per line."""

import dataclasses
import datetime as dt
import difflib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals.accounts.agreement import Kind, Notation, read_column
from mailsignals.accounts.amounts import AMOUNTS
from mailsignals.accounts.dated import FACT_SCHEMA, no_facts
from mailsignals.accounts.dates import DATES
from mailsignals.accounts.history_conflicts import HistoryLine, early_departures, overlaps
from mailsignals.accounts.nearest import did_you_mean
from mailsignals.accounts.reader import csm_address, defined_tier
from mailsignals.accounts.table import (
    BookRow,
    BookTable,
    Problems,
    named_columns,
    read_table,
    rename_hint,
)
from mailsignals.errors import UserError
from mailsignals.schema import BOOK_SCHEMA

T = TypeVar("T")

COLUMNS = ("account_id", "field", "value", "valid_from", "seen_at")
"""The columns of the file; ``seen_at`` is optional."""
UNDATED = ("account_id", "domains", "contacts")
"""Columns of the account list whose values don't have dates."""
STAGE = "stage"
"""A field that may have a past although it isn't a column of the account list."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class History:
    """The past of the account list."""

    facts: pl.DataFrame = dataclasses.field(default_factory=no_facts)
    """The facts of the file without problems, in ``FACT_SCHEMA``."""
    problems: Sequence[str] = ()
    """The problems of the file with remedies, one sentence per line of the file."""
    description: str = ""
    """The encoding and separator of the file, in words."""

    @property
    def warning(self) -> str | None:
        """Return the problems of the file in one or two sentences; None without problems."""
        if not self.problems:
            return None
        more = len(self.problems) - 1
        first = self.problems[0].splitlines()[0]
        rest = f" {more:,} more: `mailsignals check` lists them." if more else ""
        return (
            f"{first}{rest} Without usable lines, the account list's current values count for the past too."
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class HistoryRules:
    """The values that the file may contain, and their formats."""

    book: pl.DataFrame
    """The rows of the account list, which determine the accounts and fields."""
    tiers: Collection[str]
    """The names of tiers, in upper or lower case."""
    timezone: str
    """The time zone of days."""
    notation: Notation = dataclasses.field(default_factory=Notation)
    """The configured formats of amounts and dates."""
    csms: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The address of a person by name or other address, both in lower case."""


def read_history(path: Path, rules: HistoryRules) -> History:
    """Return the past in a file; separator, encoding, dates and decimals are recognised.

    A line with a problem is left out, together with all other lines of that field of that account, because they would
    be wrong without it. No error is raised; an unreadable file has no facts.

    Args:
        path: the file.
        rules: the account list, tiers and notations.
    """
    problems = _OfAccounts(path)
    if not path.exists():
        return History(
            problems=[
                f"{path} does not exist. Create it, or remove accounts.history_file from the configuration."
            ]
        )
    try:
        table = read_table(
            path,
            known=frozenset(COLUMNS),
            problems=problems,
            check_header=_check_header,
            no_rows="has no values; add one line per value below the column names",
        )
    except UserError as error:
        return History(problems=str(error).splitlines())
    facts = _Reader(rules, problems).facts(table)
    return History(facts=facts, problems=problems.texts, description=table.description)


def _check_header(path: Path, line: int, columns: Sequence[str]) -> None:
    named = named_columns(path, line, columns, example=",".join(COLUMNS))
    for wanted in COLUMNS[:4]:
        if wanted not in named:
            raise UserError(
                f"{path}, line {line}: the column {wanted} is missing{rename_hint(wanted, named)}."
            )


class _OfAccounts(Problems):
    """Problems that name the account, if it is known."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.places: dict[int, tuple[str, str]] = {}
        """The account and the field of each line."""

    def add(self, line: int, problem: str) -> None:
        """Add a problem; the text names the problem and the remedy."""
        whose = f"account {self.places[line][0]}: " if line in self.places else ""
        super().add(line, f"{whose}{problem}")


class _Reader:
    """Turns the rows of one file into facts, and collects their problems."""

    def __init__(self, rules: HistoryRules, problems: _OfAccounts) -> None:
        self._rules = rules
        self._problems = problems
        self._places = problems.places
        self._ids = list(rules.book["account_id"])
        self._known_ids = frozenset(self._ids)
        names = dict.fromkeys((STAGE, *rules.book.columns))
        self._fields = {name.casefold(): name for name in names if name != "account_id"}
        self._zone = ZoneInfo(rules.timezone)

    def facts(self, table: BookTable) -> pl.DataFrame:
        """Return the facts of all lines, except fields of accounts with a problem."""
        for row in table.rows:
            if place := self._place(row):
                self._places[row.line] = place
        rows = [row for row in table.rows if row.line in self._places]
        days, learnt, values = self._days(rows), self._learnt(rows), self._values(rows)
        read = [
            HistoryLine(
                line=row.line,
                account_id=self._places[row.line][0],
                field=self._places[row.line][1],
                value=values.get(row.line),
                valid_from=days[row.line],
                seen_at=learnt.get(row.line) or self._instant(days[row.line]),
            )
            for row in rows
            if row.line in days
        ]
        for line, problem in (*overlaps(read), *early_departures(read)):
            self._problems.add(line, problem)
        bad = {self._places[line] for line in self._problems.lines if line in self._places}
        kept = [one for one in read if (one.account_id, one.field) not in bad]
        return pl.DataFrame(
            [(one.account_id, one.field, one.value, one.valid_from, one.seen_at) for one in kept],
            schema=FACT_SCHEMA,
            orient="row",
        )

    def _place(self, row: BookRow) -> tuple[str, str] | None:
        """The account and the field of a row; None for a problem."""
        account_id, named = row["account_id"], row["field"]
        if account_id is None:
            problem = "account_id is empty; use one of the account list"
        elif account_id not in self._known_ids:
            near = difflib.get_close_matches(account_id, self._ids, n=1, cutoff=0.8)
            hint = f" (did you mean {near[0]}?)" if near else ""
            problem = (
                f"account {account_id} is not in the account list{hint}; correct the id, or remove the line"
            )
        elif named is None:
            problem = f"account {account_id}: field is empty; use one such as tier"
        elif named.casefold() in UNDATED:
            problem = (
                f"account {account_id}: {named} can't have dates, because the current account list decides; "
                "remove the line"
            )
        elif field := self._fields.get(named.casefold()):
            return account_id, field
        else:
            hint = did_you_mean(named, sorted(self._fields.values()), what="fields")
            problem = f"account {account_id}: unknown field {named!r}{hint}; correct it"
        self._problems.add(row.line, problem)
        return None

    def _days(self, rows: Sequence[BookRow]) -> Mapping[int, dt.date]:
        """The first day of each value, by line."""
        for row in rows:
            if row["valid_from"] is None:
                self._problems.add(
                    row.line,
                    "valid_from is empty; use the first day of the value, such as 2026-03-31",
                )
        cells = {row.line: row["valid_from"] for row in rows}
        return self._agreed(cells, "valid_from", DATES, self._rules.notation.date_format)

    def _learnt(self, rows: Sequence[BookRow]) -> dict[int, dt.datetime]:
        """The time at which each value became known, by line, from the column seen_at."""
        found: dict[int, dt.datetime] = {}
        others: dict[int, str | None] = {}
        for row in rows:
            text = row["seen_at"]
            try:
                moment = None if text is None else dt.datetime.fromisoformat(text)
            except ValueError:
                others[row.line] = text
                continue
            if moment is not None:
                found[row.line] = (moment if moment.tzinfo else moment.replace(tzinfo=self._zone)).astimezone(
                    dt.UTC
                )
        days = self._agreed(others, "seen_at", DATES, self._rules.notation.date_format)
        return found | {line: self._instant(day) for line, day in days.items()}

    def _values(self, rows: Sequence[BookRow]) -> dict[int, str]:
        """The values by line, in the form of facts; empty and unreadable ones are missing."""
        of_field: dict[str, list[BookRow]] = {}
        for row in rows:
            of_field.setdefault(self._places[row.line][1], []).append(row)
        found: dict[int, str] = {}
        for field, own in of_field.items():
            cells = {row.line: row["value"] for row in own}
            dtype, notation = BOOK_SCHEMA.get(field, pl.String()), self._rules.notation
            if dtype == pl.Float64:
                amounts = self._agreed(cells, field, AMOUNTS, notation.decimal)
                texts = pl.Series(list(amounts.values()), dtype=pl.Float64).cast(pl.String)
                found |= dict(zip(amounts, texts, strict=True))
            elif dtype == pl.Date:
                days = self._agreed(cells, field, DATES, notation.date_format)
                found |= {line: day.isoformat() for line, day in days.items()}
            else:
                texts_by_line = {line: self._text(line, field, text) for line, text in cells.items()}
                found |= {line: text for line, text in texts_by_line.items() if text is not None}
        return found

    def _text(self, line: int, field: str, text: str | None) -> str | None:
        """A value in the form of the account list."""
        if field == "csm":
            address = csm_address(text)
            return None if address is None else self._rules.csms.get(address.lower(), address)
        if field == "tier":
            try:
                return defined_tier(text, self._rules.tiers)
            except ValueError as error:
                self._problems.add(line, str(error))
                return None
        return text or self._places[line][0] if field == "name" else text

    def _agreed(
        self, cells: Mapping[int, str | None], name: str, kind: Kind[T], setting: str
    ) -> Mapping[int, T]:
        """Cells by line, read in the only format that fits all of them."""
        table = BookTable([name], [BookRow(line, {name: text}) for line, text in cells.items()], "")
        return read_column(table, name, kind, setting=setting, problems=self._problems).values

    def _instant(self, day: dt.date) -> dt.datetime:
        """The midnight at the beginning of a day."""
        return dt.datetime.combine(day, dt.time(), self._zone).astimezone(dt.UTC)
