"""The sizes of a Parquet file's pages, read from their headers, so that its rows can be decoded in bounded memory.

A few kilobytes can hold gigabytes of equal values. The size in a page's header is what a reader allocates, whatever
the end of the file claims. Thrift's compact protocol is small, and the readers of it bring a whole Parquet library.
"""

import bisect
import dataclasses
import itertools
import mmap
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

MAX_PAGE = 128 * 2**20
"""Largest number of bytes of one page in memory; writers make pages of about one megabyte."""

MAX_LISTS = 512 * 2**20
"""Largest number of bytes of one column of lists in one row group, where the pages don't tell their rows."""

BUDGET = 64 * 2**20
"""Number of bytes in memory up to which rows are decoded together."""

_MAX_FOOTER = 16 * 2**20
_MAX_DEPTH = 20
_VALUE_BYTES = 16
"""Bytes of a value in memory at least, even of a repeated one or of null."""
_PLAUSIBLE_ROW = 8 * 2**10
"""Bytes of a row's list, above which its neighbours may be as large as a page."""
_MAGIC = b"PAR1"
_DATA, _DICTIONARY, _DATA_V2 = 0, 2, 3
_BYTE, _DOUBLE = 3, 7
"""Types of Thrift's compact protocol."""
_LONGEST_NAME = 1024

Fields: TypeAlias = Mapping[int, Any]


class PagesError(Exception):
    """Raised for a file that is damaged, or that can't be decoded in bounded memory; the text follows its path."""


@dataclasses.dataclass(frozen=True, slots=True)
class PagePart:
    """Rows of one column that are next to each other, with their size in memory."""

    rows: int
    bytes: int


class RowSizes:
    """The size in memory of any rows of a file, summed over the columns that are read."""

    def __init__(self, columns: Sequence[Sequence[PagePart]]) -> None:
        self._starts = [[0, *itertools.accumulate(part.rows for part in column)] for column in columns]
        self._sums = [[0, *itertools.accumulate(part.bytes for part in column)] for column in columns]

    def rows_from(self, row: int, *, most: int) -> int:
        """Return how many rows from a row on are decoded together: at most ``most``, at least one."""
        rows = most
        while rows > 1 and self._bytes(row + rows) - self._bytes(row) > BUDGET:
            rows //= 2
        return rows

    def _bytes(self, row: int) -> float:
        """The size of all rows before a row; pages are taken as even."""
        total = 0.0
        for starts, sums in zip(self._starts, self._sums, strict=True):
            place = min(bisect.bisect_right(starts, row), len(starts) - 1)
            if place:
                before, rows = starts[place - 1], starts[place] - starts[place - 1]
                share = min((row - before) / rows, 1.0) if rows else 1.0
                total += sums[place - 1] + share * (sums[place] - sums[place - 1])
        return total


def row_sizes(path: Path, columns: Collection[str]) -> RowSizes:
    """Return the sizes in memory of the rows of a Parquet file.

    Args:
        path: the file.
        columns: the names of the columns that are read.

    Raises:
        PagesError: the file is damaged, or one page or column of lists is larger than any mail needs.
        OSError: it can't be read.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            footer = _footer(data)
            return _sizes(data, footer, columns)
        except (IndexError, KeyError, TypeError, AttributeError, ValueError, RecursionError):
            raise PagesError("is damaged: its list of pages can't be read") from None


def _footer(data: mmap.mmap) -> Fields:
    end = len(data) - 8
    length = int.from_bytes(data[end : end + 4], "little")
    if end < len(_MAGIC) or data[end + 4 :] != _MAGIC or length > end:
        raise PagesError("is damaged: the end of a Parquet file is missing")
    if length > _MAX_FOOTER:
        raise PagesError(f"has a list of pages of {length / 1e6:,.0f} MB; write larger row groups")
    return _Thrift(data, end - length).struct()


def _sizes(data: mmap.mmap, footer: Fields, columns: Collection[str]) -> RowSizes:
    found: dict[tuple[str, ...], list[PagePart]] = {}
    for number, group in enumerate(footer.get(4, ()), start=1):
        rows = group[3]
        for chunk in group[1]:
            about = chunk[3]
            name = tuple(part.decode("utf-8", "replace") for part in about[3])
            if name[0] in columns:
                place = f"row group {number}, column {name[0]}"
                parts = _parts(list(_pages(data, about, place)), rows, place, is_list=len(name) > 1)
                found.setdefault(name, []).extend(parts)
    return RowSizes(list(found.values()))


@dataclasses.dataclass(frozen=True, slots=True)
class _Page:
    values: int
    rows: int | None
    bytes: int
    is_dictionary: bool


def _pages(data: mmap.mmap, about: Fields, place: str) -> Iterator[_Page]:
    """Yield the pages of one column in one row group."""
    start = min(offset for offset in (about[9], about.get(11)) if offset)
    at, end = start, start + about[7]
    while at < end:
        thrift = _Thrift(data, at)
        header = thrift.struct()
        kind, size, stored = header[1], header[2], header[3]
        if size < 0 or stored < 0:
            raise ValueError
        counts = header.get({_DATA: 5, _DICTIONARY: 7, _DATA_V2: 8}.get(kind, 0), {})
        values = counts.get(1, 0)
        held = max(size, values * _VALUE_BYTES)
        if held > MAX_PAGE:
            raise PagesError(
                f"has a page of {held / 1e6:,.0f} MB ({place}), more than any mail needs; write smaller pages"
            )
        yield _Page(values, counts.get(3) if kind == _DATA_V2 else None, held, kind == _DICTIONARY)
        at = thrift.at + stored


def _parts(pages: Sequence[_Page], rows: int, place: str, *, is_list: bool) -> list[PagePart]:
    """Return the rows of a row group in one column, in parts of known size."""
    data = [page for page in pages if not page.is_dictionary]
    counts = [page.rows if is_list else page.values for page in data]
    known = [count for count in counts if count is not None]
    if len(known) == len(data) and sum(known) == rows:
        return [PagePart(count, page.bytes) for count, page in zip(known, data, strict=True)]
    # Older pages of lists don't tell their rows: one row may have all of it.
    total, largest = sum(page.bytes for page in data), max((page.bytes for page in data), default=0)
    if total > MAX_LISTS:
        raise PagesError(
            f"has lists of {total / 1e6:,.0f} MB ({place}), more than any mail needs; write row groups of at most "
            "50,000 rows"
        )
    return [PagePart(rows, largest * rows if total > rows * _PLAUSIBLE_ROW else total)]


class _Thrift:
    """Reads structs of Thrift's compact protocol as numbers of fields and their values."""

    def __init__(self, data: mmap.mmap, at: int) -> None:
        self._data = data
        self.at = at

    def struct(self, depth: int = 0) -> dict[int, Any]:
        if depth > _MAX_DEPTH:
            raise ValueError
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            kind, step = head & 0x0F, head >> 4
            number = number + step if step else self._signed()
            fields[number] = kind == 1 if kind in {1, 2} else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:  # noqa: ANN401  # a value of any of Thrift's types
        match kind:
            case 1 | 2 | 3 | 4 | 5 | 6:
                return self._byte() if kind <= _BYTE else self._signed()
            case 7 | 8:
                return self._binary(8 if kind == _DOUBLE else self._unsigned())
            case 9 | 10:
                return self._list(depth)
            case 11:
                return self._map(depth)
            case 12:
                return self.struct(depth + 1)
            case _:
                raise ValueError

    def _byte(self) -> int:
        value = self._data[self.at]
        self.at += 1
        return value

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # the bit that says that more follows
                return value
            shift += 7
            if shift > 63:  # bits of the largest number
                raise ValueError

    def _signed(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)

    def _binary(self, length: int) -> bytes:
        start = self.at
        self.at += length
        if self.at > len(self._data):
            raise ValueError
        return self._data[start : start + min(length, _LONGEST_NAME)]

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        size = head >> 4
        size = self._unsigned() if size == 15 else size  # the size follows
        if size > len(self._data) or depth > _MAX_DEPTH:
            raise ValueError
        return [self._value(head & 0x0F, depth + 1) for _ in range(size)]

    def _map(self, depth: int) -> None:
        size = self._unsigned()
        kinds = self._byte() if size else 0
        for _ in range(size):
            self._value(kinds >> 4, depth + 1)
            self._value(kinds & 0x0F, depth + 1)
