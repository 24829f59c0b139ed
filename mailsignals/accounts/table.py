"""A CSV file as rows that know their line, with its problems gathered rather than raised one by one."""

import dataclasses
import difflib
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from mailsignals.accounts.sheet import SEPARATORS, read_sheet
from mailsignals.errors import UserError
from mailsignals.formats import as_typed

_SHOWN = 20


@dataclasses.dataclass(frozen=True, slots=True)
class BookRow:
    """One record of the file."""

    line: int
    """Where the record starts, counted from 1."""
    cells: Mapping[str, str | None]
    """Trimmed; null where a cell is empty."""

    def __getitem__(self, column: str) -> str | None:
        """The cell of a column; null where the file has no such column."""
        return self.cells.get(column)


@dataclasses.dataclass(frozen=True, slots=True)
class BookTable:
    """The columns in the file's order, and the records."""

    columns: Sequence[str]
    rows: Sequence[BookRow]
    description: str
    """The encoding and the separator in words."""


class Problems:
    """The problems of one file, each with its line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: list[tuple[int, str]] = []

    def add(self, line: int, problem: str) -> None:
        """Note a problem; the text says what is wrong and what to do."""
        self._found.append((line, problem))

    @property
    def lines(self) -> frozenset[int]:
        """The lines that have a problem."""
        return frozenset(line for line, _ in self._found)

    @property
    def texts(self) -> list[str]:
        """All problems in the order of their lines, each with the file and its line."""
        found = sorted(self._found, key=lambda problem: problem[0])
        return [f"{self._path}, line {line}: {problem}." for line, problem in found]

    def raise_if_any(self) -> None:
        """Raise what was found.

        Raises:
            UserError: the first 20 problems in the order of their lines, and how many more there are.
        """
        if not self._found:
            return
        texts = self.texts
        if len(texts) > _SHOWN:
            texts[_SHOWN:] = [f"{self._path}: not shown: {len(texts) - _SHOWN} more."]
        raise UserError("\n".join(texts))


CheckHeader: TypeAlias = Callable[[Path, int, Sequence[str]], None]
"""Raises UserError where a file, whose columns are named on a line, lacks what it needs."""


def read_table(
    path: Path,
    *,
    known: Collection[str],
    problems: Problems,
    check_header: CheckHeader | None = None,
    no_rows: str = "lists no account; add one line a customer below the column names",
) -> BookTable:
    """The records of a file; column names that are known are found in any case.

    Rows without any text are passed over.

    Args:
        path: the file.
        known: the names of columns that are looked for.
        problems: gathers rows that cannot be read.
        check_header: looks at the names of the columns; by default as an account list needs them.
        no_rows: the problem of a file without rows, as the end of a sentence.

    Raises:
        UserError: if no records can be told apart at all.
    """
    sheet = read_sheet(path, known=known)
    header_line, names = sheet.records[0] if sheet.records else (1, [])
    columns = [as_typed(name.strip()) for name in names]
    columns = [name.lower() if name.lower() in known else name for name in columns]
    (check_header or _check_header)(path, header_line, columns)
    rows = []
    for line, cells in sheet.records[1:]:
        texts = [as_typed(cell.strip()) or None for cell in cells]
        if len(cells) != len(columns):
            problems.add(
                line,
                f"{len(cells)} cells under {len(columns)} columns, separated by {SEPARATORS[sheet.separator]}; "
                'put a cell that holds one between double quotes ("Smith, Inc")',
            )
        elif nameless := [text for name, text in zip(columns, texts, strict=True) if text and not name]:
            problems.add(line, f"{nameless[0]!r} stands in a column without a name; name it on line 1")
        else:
            rows.append(BookRow(line, {n: text for n, text in zip(columns, texts, strict=True) if n}))
    if not rows:
        problems.raise_if_any()
        raise UserError(f"{path} {no_rows}.")
    return BookTable([name for name in columns if name], rows, sheet.description)


def _check_header(path: Path, line: int, columns: Sequence[str]) -> None:
    named = named_columns(path, line, columns, example="account_id,name,tier,csm,domains,…")
    if "account_id" not in named:
        raise UserError(
            f"{path}, line {line}: there is no column account_id{rename_hint('account_id', named)}. "
            "`mailsignals accounts import FILE` makes an account list of an export of a CRM."
        )
    if not {"domains", "contacts"} & set(named):
        raise UserError(
            f"{path}, line {line}: there is neither a column domains nor a column contacts"
            f"{rename_hint('domains', named) or rename_hint('contacts', named)}; mail could not be matched to accounts."
        )


def named_columns(path: Path, line: int, columns: Sequence[str], *, example: str) -> list[str]:
    """The columns that have a name.

    Raises:
        UserError: none has, or two have the same; ``example`` shows a first line as it should be.
    """
    named = [name for name in columns if name]
    if not named:
        raise UserError(f"{path} is empty; its first line names the columns: {example}")
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise UserError(f"{path}, line {line}: two columns are named {twice}; rename one.")
    return named


def rename_hint(wanted: str, named: Sequence[str]) -> str:
    """In parentheses, the column whose name comes near to the one that is wanted; empty for none."""
    nearest = difflib.get_close_matches(wanted, [name.lower() for name in named], n=1, cutoff=0.6)
    return f" (rename {nearest[0]}?)" if nearest else ""
