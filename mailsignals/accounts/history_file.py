"""The past of the account list, from a file with a value a line: what held from when on, and when it was learnt."""

import dataclasses
import datetime as dt
import difflib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals.accounts.agreement import Kind, Notation, agreed
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
"""The columns of the file; ``seen_at`` may be missing."""
UNDATED = ("account_id", "domains", "contacts")
"""Columns of the account list whose values hold for all time."""
STAGE = "stage"
"""A field that may have a past although the account list has no such column."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class History:
    """The past of the account list."""

    facts: pl.DataFrame = dataclasses.field(default_factory=no_facts)
    """``FACT_SCHEMA``: what the file says, but for what has a problem."""
    problems: Sequence[str] = ()
    """What is wrong in the file and what to do, in sentences, each with its line."""
    description: str = ""
    """Encoding and separator of the file, in words."""

    @property
    def warning(self) -> str | None:
        """The state of the file in one sentence; None where nothing is wrong."""
        if not self.problems:
            return None
        more = len(self.problems) - 1
        first = self.problems[0].splitlines()[0]
        rest = f" {more:,} more: `mailsignals check` lists them." if more else ""
        return f"{first}{rest} Where it cannot be used, values of the account list count for all time."


@dataclasses.dataclass(frozen=True, kw_only=True)
class HistoryRules:
    """The values that the file may hold, and how they are read."""

    book: pl.DataFrame
    """The rows of the account list, which say which accounts and fields there are."""
    tiers: Collection[str]
    """The names that a tier may have, in any case."""
    timezone: str
    """Of days."""
    notation: Notation = dataclasses.field(default_factory=Notation)
    """How amounts and dates are written, where the configuration settles it."""
    csms: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The address of a person by their name or other address, both in lower case."""


def read_history(path: Path, rules: HistoryRules) -> History:
    """The past in a file; separator, encoding, dates and decimals are recognised.

    A line with a problem is left out, and so are the other lines of that field of that account: with a value missing
    the rest would be wrong. Nothing is raised; a file that cannot be read at all has no facts.

    Args:
        path: the file.
        rules: the account list, tiers and notations.
    """
    problems = _OfAccounts(path)
    if not path.exists():
        return History(
            problems=[
                f"{path}: no such file. Put it there, or take accounts.history_file out of the configuration."
            ]
        )
    try:
        table = read_table(
            path,
            known=frozenset(COLUMNS),
            problems=problems,
            check_header=_check_header,
            no_rows="has no values; add a line for each below the column names",
        )
    except UserError as error:
        return History(problems=str(error).splitlines())
    facts = _Reader(rules, problems).facts(table)
    return History(facts=facts, problems=problems.texts, description=table.description)


def _check_header(path: Path, line: int, columns: Sequence[str]) -> None:
    named = named_columns(path, line, columns, example=",".join(COLUMNS))
    for wanted in COLUMNS[:4]:
        if wanted not in named:
            raise UserError(f"{path}, line {line}: there is no column {wanted}{rename_hint(wanted, named)}.")


class _OfAccounts(Problems):
    """Problems whose account is named, as soon as it is known."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.places: dict[int, tuple[str, str]] = {}
        """The account and the field of each line."""

    def add(self, line: int, problem: str) -> None:
        """Note a problem; the text says what is wrong and what to do."""
        whose = f"account {self.places[line][0]}: " if line in self.places else ""
        super().add(line, f"{whose}{problem}")


class _Reader:
    """Turns the rows of one file into facts, and gathers their problems."""

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
        """The facts of all lines, but for the fields of accounts that have a problem."""
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
            problem = "account_id is empty; name an account of the account list"
        elif account_id not in self._known_ids:
            near = difflib.get_close_matches(account_id, self._ids, n=1, cutoff=0.8)
            hint = f" (did you mean {near[0]}?)" if near else ""
            problem = (
                f"account {account_id} is not in the account list{hint}; correct the id, or remove the line"
            )
        elif named is None:
            problem = f"account {account_id}: field is empty; name one, such as tier"
        elif named.casefold() in UNDATED:
            problem = (
                f"account {account_id}: {named} has no dates, because the account list counts for all time; "
                "remove the line"
            )
        elif field := self._fields.get(named.casefold()):
            return account_id, field
        else:
            hint = did_you_mean(named, sorted(self._fields.values()), what="fields")
            problem = f"account {account_id}: there is no field {named!r}{hint}; correct it"
        self._problems.add(row.line, problem)
        return None

    def _days(self, rows: Sequence[BookRow]) -> Mapping[int, dt.date]:
        """The first day of each value, by line."""
        for row in rows:
            if row["valid_from"] is None:
                self._problems.add(
                    row.line,
                    "valid_from is empty; give the day from which the value holds, such as 2026-03-31",
                )
        cells = {row.line: row["valid_from"] for row in rows}
        return self._agreed(cells, "valid_from", DATES, self._rules.notation.date_format)

    def _learnt(self, rows: Sequence[BookRow]) -> dict[int, dt.datetime]:
        """The instant at which each value was learnt, by line, where the file says so."""
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
        """The values by line, as facts have them; empty and unreadable ones are missing."""
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
        """A value as the account list would have it."""
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
        """Cells read in the one way on which all of them agree, by line."""
        table = BookTable([name], [BookRow(line, {name: text}) for line, text in cells.items()], "")
        return agreed(table, name, kind, setting=setting, problems=self._problems).values

    def _instant(self, day: dt.date) -> dt.datetime:
        """The midnight with which a day begins."""
        return dt.datetime.combine(day, dt.time(), self._zone).astimezone(dt.UTC)
