"""One way to read a whole column: found where all of its values agree on it, and otherwise refused, never guessed."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from mailsignals.accounts.table import BookTable, Problems

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Notation:
    """The marks and the order that the configuration settles for amounts and dates; empty: each column decides."""

    decimal: str = ""
    """``.`` or ``,``."""
    date_format: str = ""
    """``dd/mm/yyyy`` or ``mm/dd/yyyy``."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reading(Generic[T]):
    """A way to read values."""

    setting: str
    """What the configuration calls it."""
    name: str
    """What people call it, after "with"."""
    read: Callable[[str], T | None]
    """A value; None where it cannot be read so."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kind(Generic[T]):
    """A kind of values that people write in several ways."""

    key: str
    """The key under ``[accounts]`` that settles which way it is."""
    wanted: str
    """What a value that cannot be read should have been, as the end of a sentence that begins with the value."""
    readings: Sequence[Reading[T]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Agreed(Generic[T]):
    """The values of a column by line; those that could not be read are missing."""

    values: Mapping[int, T]
    reading: Reading[T] | None
    """The only way in which the column can be read; None where it makes no difference."""


def agreed(table: BookTable, column: str, kind: Kind[T], *, setting: str, problems: Problems) -> Agreed[T]:
    """The values of a column, read in the one way on which all of them agree.

    Args:
        table: the rows.
        column: the name of the column; one that the table lacks has no values.
        kind: the ways in which such values are written.
        setting: the way that the configuration names; empty: the column decides.
        problems: gathers values that cannot be read, and a column that can be read in two ways or in none.
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
        return Agreed(values={}, reading=None)
    doubtful = next((line for line, values in read.items() if len({values[n] for n in fitting}) > 1), None)
    if doubtful is not None:
        ways = " or ".join(f"{_shown(read[doubtful][n])} with {readings[n].name}" for n in fitting)
        settings = " or ".join(f'"{readings[n].setting}"' for n in fitting)
        problems.add(
            doubtful,
            f"{column}: {texts[doubtful]!r} is {ways}, and no value of the column settles it; "
            f"set {kind.key} = {settings} under [accounts] in the configuration (accounts.{kind.key})",
        )
        return Agreed(values={}, reading=None)
    (first, *others) = fitting
    chosen = None if others or setting else readings[first]
    return Agreed(
        values={line: value for line, values in read.items() if (value := values[first]) is not None},
        reading=chosen,
    )


def _unreadable(text: str, kind: Kind[T], setting: str) -> str:
    otherwise = next((each for each in kind.readings if setting and each.read(text) is not None), None)
    if otherwise is None:
        return kind.wanted
    return (
        f"can be read with {otherwise.name} only, and accounts.{kind.key} is {setting!r}; correct one of them"
    )


def _disagreement(
    column: str,
    texts: Mapping[int, str],
    read: Mapping[int, Sequence[T | None]],
    readings: Sequence[Reading[T]],
) -> tuple[int, str]:
    """The first value that can be read in one way only, beside the first that cannot be read so."""
    first, values = next((line, values) for line, values in read.items() if None in values)
    way = next(n for n, value in enumerate(values) if value is not None)
    second = next(line for line, others in read.items() if others[way] is None)
    other = next(n for n, value in enumerate(read[second]) if value is not None)
    return second, (
        f"{column}: {texts[second]!r} is {_shown(read[second][other])} with {readings[other].name}, "
        f"but {texts[first]!r} on line {first} is {_shown(values[way])} with {readings[way].name}; "
        "write the whole column in one way"
    )


def _shown(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)
