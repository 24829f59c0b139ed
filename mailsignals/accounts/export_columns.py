"""The columns of an export, their fields in the account list, and the rows below them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import polars as pl

from mailsignals.accounts.column_names import NOT_TAKEN, bare, names_of_fields, recognise_fields
from mailsignals.accounts.sheet import read_sheet
from mailsignals.accounts.table import BookRow, BookTable
from mailsignals.errors import UserError
from mailsignals.wording.numbers import count_noun

COLUMN_SCHEMA = pl.Schema({"column": pl.String(), "field": pl.String(), "reason": pl.String()})
"""One row per column of the export: its field in the account list, or the reason why it has none."""

LeftOut: TypeAlias = tuple[int, str | None, str | None, str]
"""A line, a column, a value, and the reason for which it was left out or changed."""


def read_columns(path: Path) -> tuple[BookTable, list[LeftOut]]:
    """Return the rows of an export, and the lines that don't fit its columns.

    Raises:
        UserError: the file can't be read, or has no accounts.
    """
    known = {name for names in names_of_fields().values() for name in names}
    sheet = read_sheet(path, known=known)
    if len(sheet.records) < 2:
        raise UserError(
            f"{path} has no accounts; expected a line of column names, then one line per customer."
        )
    (_, names), *records = sheet.records
    count: Counter[str] = Counter()
    columns = []
    for number, name in enumerate((name.strip() for name in names), start=1):
        count[name] += 1
        columns.append(
            (name or f"column {number}") + (f" ({count[name]})" if name and count[name] > 1 else "")
        )
    rows: list[BookRow] = []
    left_out: list[LeftOut] = []
    for line, cells in records:
        if len(cells) != len(columns):
            reason = f"has {count_noun(len(cells), 'cell')} under {count_noun(len(columns), 'column')}"
            left_out.append(
                (line, None, next((cell.strip() for cell in cells if cell.strip()), None), reason)
            )
            continue
        texts = (cell.strip() or None for cell in cells)
        rows.append(BookRow(line, dict(zip(columns, texts, strict=True))))
    return BookTable(columns, rows, sheet.description), left_out


def export_fields(path: Path, columns: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of columns by column name; columns without a field are missing.

    Raises:
        UserError: a chosen column doesn't exist, or no column can be an id or match mail.
    """
    missing = next((column for column in chosen.values() if column not in columns), None)
    named = ", ".join(columns)
    if missing is not None:
        raise UserError(f"{path} has no column {missing!r}; its columns are {named}.")
    fields = recognise_fields(columns, {column: field for field, column in chosen.items()})
    if not {"account_id", "name"} & set(fields.values()):
        raise UserError(
            f"{path}: no column is recognised as the account's id or name. Choose one with "
            f"--column account_id=NAME; the columns are {named}."
        )
    if not {"domains", "contacts"} & set(fields.values()):
        raise UserError(
            f"{path}: no column is recognised as domains or contacts, which match mail to accounts. Choose one with "
            f"--column domains=NAME; the columns are {named}."
        )
    return fields


def column_frame(columns: Sequence[str], fields: Mapping[str, str]) -> pl.DataFrame:
    """Return ``COLUMN_SCHEMA`` of an export, with the reason for each column without a field."""
    taken = {name: field for field, names in names_of_fields().items() for name in names}

    def reason(column: str) -> str | None:
        if column in fields:
            return None
        other = next((one for one, field in fields.items() if field == taken.get(bare(column))), None)
        if other is not None:
            return f"{fields[other]} comes from {other!r}"
        return NOT_TAKEN.get(bare(column), "not a column of the account list; --column NAME=COLUMN keeps it")

    rows = [(column, fields.get(column), reason(column)) for column in columns]
    return pl.DataFrame(rows, schema=COLUMN_SCHEMA, orient="row")
