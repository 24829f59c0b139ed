"""A CSV file as rows that know their line, with its problems gathered rather than raised one by one."""

import dataclasses
import difflib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

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

    def raise_if_any(self) -> None:
        """Raise what was found.

        Raises:
            UserError: the first 20 problems in the order of their lines, and how many more there are.
        """
        if not self._found:
            return
        found = sorted(self._found, key=lambda problem: problem[0])
        texts = [f"{self._path}, line {line}: {problem}." for line, problem in found[:_SHOWN]]
        if len(found) > _SHOWN:
            texts.append(f"{self._path}: not shown: {len(found) - _SHOWN} more.")
        raise UserError("\n".join(texts))


def read_table(path: Path, *, known: Collection[str], problems: Problems) -> BookTable:
    """The records of a file; column names that are known are found in any case.

    Rows without any text are passed over.

    Raises:
        UserError: if no records can be told apart at all.
    """
    sheet = read_sheet(path, known=known)
    header_line, names = sheet.records[0] if sheet.records else (1, [])
    columns = [as_typed(name.strip()) for name in names]
    columns = [name.lower() if name.lower() in known else name for name in columns]
    _check_header(path, header_line, columns)
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
        raise UserError(f"{path} lists no account; add one line a customer below the column names.")
    return BookTable([name for name in columns if name], rows, sheet.description)


def _check_header(path: Path, line: int, columns: Sequence[str]) -> None:
    named = [name for name in columns if name]
    if not named:
        raise UserError(
            f"{path} is empty; its first line names the columns: account_id,name,tier,csm,domains,…"
        )
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise UserError(f"{path}, line {line}: two columns are named {twice}; rename one.")
    if "account_id" not in named:
        raise UserError(
            f"{path}, line {line}: there is no column account_id{_guess('account_id', named)}. "
            "`mailsignals accounts import FILE` makes an account list of an export of a CRM."
        )
    if not {"domains", "contacts"} & set(named):
        raise UserError(
            f"{path}, line {line}: there is neither a column domains nor a column contacts"
            f"{_guess('domains', named) or _guess('contacts', named)}; mail could not be matched to accounts."
        )


def _guess(wanted: str, named: Sequence[str]) -> str:
    nearest = difflib.get_close_matches(wanted, [name.lower() for name in named], n=1, cutoff=0.6)
    return f" (rename {nearest[0]}?)" if nearest else ""
