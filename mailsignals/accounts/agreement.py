"""Finds the only format that fits all values of a column; an ambiguous column is a problem, never guessed."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from mailsignals.accounts.table import BookTable, Problems

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Notation:
    """The configured formats of amounts and dates; empty: each column decides."""

    decimal: str = ""
    """The decimal mark, ``.`` or ``,``."""
    date_format: str = ""
    """The order of dates, ``dd/mm/yyyy`` or ``mm/dd/yyyy``."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Format(Generic[T]):
    """A format of values."""

    setting: str
    """Its name in the configuration."""
    name: str
    """Its name in messages, after "with"."""
    read: Callable[[str], T | None]
    """Return a value from its text; None if it doesn't fit the format."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kind(Generic[T]):
    """A kind of values with several formats."""

    key: str
    """The key under ``[accounts]`` that sets the format."""
    wanted: str
    """The problem of an unreadable value and the remedy, as the end of a sentence that begins with the value."""
    readings: Sequence[Format[T]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ColumnValues(Generic[T]):
    """The values of a column by line, without unreadable ones."""

    values: Mapping[int, T]
    reading: Format[T] | None
    """The only format that fits the column; None if all fitting formats give the same values."""


def read_column(
    table: BookTable, column: str, kind: Kind[T], *, setting: str, problems: Problems
) -> ColumnValues[T]:
    """Return the values of a column, read in the only format that fits all of them.

    Args:
        table: the rows.
        column: the name of the column; a missing column has no values.
        kind: the formats of such values.
        setting: the configured format; empty: the column decides.
        problems: collects unreadable values, and a column that fits two formats or none.
    """
    texts = {row.line: text for row in table.rows if (text := row[column]) is not None}
    readings = [each for each in kind.readings if setting in {"", each.setting}]
    read = {line: [each.read(text) for each in readings] for line, text in texts.items()}
    for line, values in read.items():
        if all(value is None for value in values):
            problems.add(line, f"{column}: {texts[line]!r} {_unreadable(texts[line], kind, setting)}")
    read = {line: values for line, values in read.items() if any(value is not None for value in values)}
    fitting = [n for n in range(len(readings)) if all(values[n] is not None for values in read.values())]
    if not fitting:
        problems.add(*_disagreement(column, texts, read, readings))
        return ColumnValues(values={}, reading=None)
    doubtful = next((line for line, values in read.items() if len({values[n] for n in fitting}) > 1), None)
    if doubtful is not None:
        ways = " or ".join(f"{_shown(read[doubtful][n])} with {readings[n].name}" for n in fitting)
        settings = " or ".join(f'"{readings[n].setting}"' for n in fitting)
        problems.add(
            doubtful,
            f"{column}: {texts[doubtful]!r} is {ways}, and no value of the column shows which; "
            f"set {kind.key} = {settings} under [accounts] in the configuration (accounts.{kind.key})",
        )
        return ColumnValues(values={}, reading=None)
    (first, *others) = fitting
    chosen = None if others or setting else readings[first]
    return ColumnValues(
        values={line: value for line, values in read.items() if (value := values[first]) is not None},
        reading=chosen,
    )


def _unreadable(text: str, kind: Kind[T], setting: str) -> str:
    otherwise = next((each for each in kind.readings if setting and each.read(text) is not None), None)
    if otherwise is None:
        return kind.wanted
    return (
        f"can be read with {otherwise.name} only, but accounts.{kind.key} is {setting!r}; correct one of them"
    )


def _disagreement(
    column: str,
    texts: Mapping[int, str],
    read: Mapping[int, Sequence[T | None]],
    readings: Sequence[Format[T]],
) -> tuple[int, str]:
    """The line of the first value that fits another format than an earlier one, and the problem."""
    first, values = next((line, values) for line, values in read.items() if None in values)
    way = next(n for n, value in enumerate(values) if value is not None)
    second = next(line for line, others in read.items() if others[way] is None)
    other = next(n for n, value in enumerate(read[second]) if value is not None)
    return second, (
        f"{column}: {texts[second]!r} is {_shown(read[second][other])} with {readings[other].name}, "
        f"but {texts[first]!r} on line {first} is {_shown(values[way])} with {readings[way].name}; "
        "use one format for the whole column"
    )


def _shown(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)
