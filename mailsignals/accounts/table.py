"""A CSV file as rows with their line numbers, with its problems collected instead of raised one by one."""

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
    """The line on which the record starts, counted from 1."""
    cells: Mapping[str, str | None]
    """The trimmed cells by column; None for empty cells."""

    def __getitem__(self, column: str) -> str | None:
        """Return the cell of a column; None if it is empty, or the file lacks the column."""
        return self.cells.get(column)


@dataclasses.dataclass(frozen=True, slots=True)
class BookTable:
    """The columns in the file's order, and the records below them."""

    columns: Sequence[str]
    rows: Sequence[BookRow]
    description: str
    """The encoding and the separator, in words."""


class Problems:
    """The problems of one file, each with its line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: list[tuple[int, str]] = []

    def add(self, line: int, problem: str) -> None:
        """Add a problem; the text names the problem and the remedy."""
        self._found.append((line, problem))

    @property
    def lines(self) -> frozenset[int]:
        """The lines with a problem."""
        return frozenset(line for line, _ in self._found)

    @property
    def texts(self) -> list[str]:
        """Return all problems in the order of their lines, each with the file and its line."""
        found = sorted(self._found, key=lambda problem: problem[0])
        return [f"{self._path}, line {line}: {problem}." for line, problem in found]

    def raise_if_any(self) -> None:
        """Raise the problems as one error, if there are any.

        Raises:
            UserError: the first 20 problems in the order of their lines, and the number of further ones.
        """
        if not self._found:
            return
        texts = self.texts
        if len(texts) > _SHOWN:
            texts[_SHOWN:] = [f"{self._path}: {len(texts) - _SHOWN} more problems are not shown."]
        raise UserError("\n".join(texts))


CheckHeader: TypeAlias = Callable[[Path, int, Sequence[str]], None]
"""A function of path, line and column names that raises UserError if the file lacks required columns."""


def read_table(
    path: Path,
    *,
    known: Collection[str],
    problems: Problems,
    check_header: CheckHeader | None = None,
    no_rows: str = "has no accounts; add one line per customer below the column names",
) -> BookTable:
    """Return the records of a file; known column names are found in upper or lower case.

    Rows without any text are ignored.

    Args:
        path: the file.
        known: the names of known columns.
        problems: collects unreadable rows.
        check_header: checks the names of the columns; by default those of an account list.
        no_rows: the problem of a file without rows, as the end of a sentence.

    Raises:
        UserError: the file isn't valid CSV, or lacks required columns.
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
                f"{len(cells)} cells in {len(columns)} columns, separated by {SEPARATORS[sheet.separator]}; "
                'put a cell that contains one in double quotes ("Smith, Inc")',
            )
        elif nameless := [text for name, text in zip(columns, texts, strict=True) if text and not name]:
            problems.add(line, f"{nameless[0]!r} is in a column without a name; add the name on line 1")
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
            f"{path}, line {line}: the column account_id is missing{rename_hint('account_id', named)}. "
            "`mailsignals accounts import FILE` converts an export of a CRM."
        )
    if not {"domains", "contacts"} & set(named):
        raise UserError(
            f"{path}, line {line}: the columns domains and contacts are missing"
            f"{rename_hint('domains', named) or rename_hint('contacts', named)}. Add one of them to match mail."
        )


def named_columns(path: Path, line: int, columns: Sequence[str], *, example: str) -> list[str]:
    """Return the columns with a name.

    Raises:
        UserError: no column has a name, or two have the same; ``example`` is a correct first line.
    """
    named = [name for name in columns if name]
    if not named:
        raise UserError(f"{path} is empty; add a first line with the column names: {example}")
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise UserError(f"{path}, line {line}: two columns are named {twice}; rename one.")
    return named


def rename_hint(wanted: str, named: Sequence[str]) -> str:
    """Return, in parentheses, a hint to rename the column with a similar name; empty for none."""
    nearest = difflib.get_close_matches(wanted, [name.lower() for name in named], n=1, cutoff=0.6)
    return f" (rename {nearest[0]}?)" if nearest else ""
