"""Reads text files of rows and columns as spreadsheets and CRMs save them: encoding, separator, records."""

import codecs
import csv
import dataclasses
import io
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mailsignals.errors import UserError

if TYPE_CHECKING:
    import _csv

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
"""Separators of cells, with their names."""

_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (codecs.BOM_UTF8, "utf-8-sig"))
_HINT = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)
"""The first line with which a file sets the separator for Excel."""

_HAS_WORDS = re.compile(r"\w").search


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sheet:
    """The records of a file with any text, each with the line it starts on."""

    encoding: str
    """The encoding: UTF-8, UTF-16 or Windows-1252."""
    separator: str
    records: Sequence[tuple[int, Sequence[str]]]
    """The records, of which the first one names the columns; empty for a file without text."""

    @property
    def description(self) -> str:
        """Return the encoding and the separator, in words."""
        return f"{self.encoding}, separated by {SEPARATORS[self.separator]}"


def read_sheet(path: Path, *, known: Collection[str]) -> Sheet:
    """Return the records of a file.

    The separator is the one with the most known column names, then the one with the most columns.

    Raises:
        UserError: the file can't be read, or isn't valid CSV.
    """
    text, encoding = _text(path)
    hint = _HINT.match(text)
    first_line = 2 if hint else 1
    text = text[hint.end() :] if hint else text
    separator = hint[1] if hint else _separator(text, known)
    return Sheet(
        encoding=encoding, separator=separator, records=list(_records(path, text, separator, first_line))
    )


def _separator(text: str, known: Collection[str]) -> str:
    def fit(separator: str) -> tuple[int, int]:
        try:
            rows = _rows(text, separator)
            names: Sequence[str] = next((cells for cells in rows if any(map(_HAS_WORDS, cells))), ())
        except csv.Error:
            return 0, 0
        return sum(name.strip().lower() in known for name in names), len(names)

    return max(SEPARATORS, key=fit)


def _rows(text: str, separator: str) -> "_csv.Reader":
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _records(path: Path, text: str, separator: str, line: int) -> Iterator[tuple[int, list[str]]]:
    reader = _rows(text, separator)
    before = line - 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = before + reader.line_num + 1
    except csv.Error as error:
        raise UserError(
            f"{path}, line {line}: not valid CSV ({error}). Look for an unclosed double quote; "
            "write a double quote inside a quoted cell twice."
        ) from None


def _text(path: Path) -> tuple[str, str]:
    """The text of a file, and the name of its encoding."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UserError(
            f"{path} does not exist. Create the account list there, one customer per line."
        ) from None
    except OSError as error:
        raise UserError(
            f"{path} can't be read: {error.strerror}. Check the path and its permissions."
        ) from None
    marked = next((codec for mark, codec in _MARKS if content.startswith(mark)), None)
    codec = marked or "utf-8"
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        if marked is not None:
            raise _no_text(path, content, error, marked.removesuffix("-sig").upper()) from None
        codec, text = "cp1252", _windows(path, content)
    if "\0" in text:
        raise UserError(f"{path} is not a text file; expected the account list as 'CSV UTF-8'.")
    return text, {"utf-16": "UTF-16", "cp1252": "Windows-1252"}.get(codec, "UTF-8")


def _windows(path: Path, content: bytes) -> str:
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise _no_text(path, content, error, "UTF-8 or Windows-1252") from None


def _no_text(path: Path, content: bytes, error: UnicodeDecodeError, encoding: str) -> UserError:
    line = content.count(b"\n", 0, error.start) + 1
    return UserError(f"{path}, line {line}: not {encoding} text. Save the file as 'CSV UTF-8'.")
