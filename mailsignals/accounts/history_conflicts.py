"""Lines of the history file that contradict each other."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TypeAlias

Problem: TypeAlias = tuple[int, str]
"""A line, and the problem with its remedy."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class HistoryLine:
    """One readable line."""

    line: int
    account_id: str
    field: str
    value: str | None
    """The value in the form of facts: days in ISO 8601."""
    valid_from: dt.date
    seen_at: dt.datetime


def overlaps(lines: Sequence[HistoryLine]) -> Iterator[Problem]:
    """Yield a problem for each line with another value of the same field from the same day on."""
    first: dict[tuple[str, str, dt.date], HistoryLine] = {}
    for one in lines:
        other = first.setdefault((one.account_id, one.field, one.valid_from), one)
        if other.value != one.value:
            yield (
                one.line,
                (
                    f"{one.field} is {_shown(one.value)} from {one.valid_from} on, but {_shown(other.value)} on line "
                    f"{other.line}; keep one of them"
                ),
            )


def early_departures(lines: Sequence[HistoryLine]) -> Iterator[Problem]:
    """Yield a problem for each churn date before the start date in the file."""
    started: dict[str, list[HistoryLine]] = {}
    for one in sorted(lines, key=lambda line: line.valid_from):
        if one.field == "started_on":
            started.setdefault(one.account_id, []).append(one)
    for one in lines:
        starts = started.get(one.account_id, ())
        if one.field != "churned_on" or one.value is None or not starts:
            continue
        start = next((each for each in reversed(starts) if each.valid_from <= one.valid_from), starts[0])
        if start.value is not None and one.value < start.value:
            yield (
                one.line,
                (
                    f"churned_on {one.value} is before started_on {start.value} of line {start.line}; "
                    "correct one of them"
                ),
            )


def _shown(value: str | None) -> str:
    return "empty" if value is None else repr(value)
