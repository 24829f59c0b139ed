"""Counts of an account's events in windows that end at any number of times.

Windows are half-open, ``(T - W, T]``. Times are compared in milliseconds so that no future event counts. An event
within the millisecond of T may be left out.
"""

import dataclasses
from typing import Self

import numpy as np
import polars as pl

from models.sample import Floats, Ints

_DAY = 86_400_000
_BITS = 42
"""Number of bits in a key for the milliseconds since 1970, enough until 2109."""
_LAST = (1 << _BITS) - 1


@dataclasses.dataclass(frozen=True, eq=False)
class Moments:
    """Accounts and the as-of times for which events are counted."""

    account: Ints
    at: Ints
    """As-of times in milliseconds since 1970."""

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Self:
        """Return the moments of a frame with ``account`` and ``as_of``."""
        return cls(
            rows["account"].to_numpy().astype(np.int64), rows["as_of"].dt.timestamp("us").to_numpy() // 1000
        )


class Events:
    """Events of accounts, sorted once and counted up to any times."""

    def __init__(self, events: pl.DataFrame, *, daily: bool = False) -> None:
        """Sort events.

        Args:
            events: ``account`` and ``at`` (a time), in any order.
            daily: true to count only the first event of each account on each day in UTC.
        """
        moment = -(-events["at"].dt.timestamp("us").to_numpy() // 1000)
        key = np.sort(_keys(events["account"].to_numpy().astype(np.int64), moment))
        if daily:
            same = (key[1:] >> _BITS == key[:-1] >> _BITS) & (_day_of(key[1:]) == _day_of(key[:-1]))
            key = key[np.append(True, ~same)[: len(key)]]
        self._key = key

    def until(self, asked: Moments, *, ago: int = 0) -> Ints:
        """Return the number of events of each account up to its time, or up to so many days before it."""
        last = _keys(asked.account, asked.at - ago * _DAY)
        found = np.searchsorted(self._key, last, side="right") - np.searchsorted(
            self._key, asked.account << _BITS, side="left"
        )
        return np.asarray(found)

    def within(self, asked: Moments, days: int, *, ago: int = 0) -> Floats:
        """Return the number of events in the window of so many days that ended so many days before."""
        return np.asarray(self.until(asked, ago=ago) - self.until(asked, ago=ago + days), dtype=np.float64)

    def days_since(self, asked: Moments, *, missing: float, first: bool = False) -> Floats:
        """Return the days from the latest or first event to the time of each row; ``missing`` without an event."""
        begin = np.searchsorted(self._key, asked.account << _BITS, side="left")
        count = self.until(asked)
        place = begin if first else begin + count - 1
        key = np.append(self._key, 0)[np.where(count > 0, place, -1)]
        return np.where(count > 0, (asked.at - (key & _LAST)) / _DAY, missing)


def distinct_within(events: pl.DataFrame, asked: Moments, days: int) -> Floats:
    """Return the number of distinct ``who`` with an event in the window of so many days.

    It is the number of events in the window, less those followed by another event of the same ``who``.

    Args:
        events: ``account``, ``who`` and ``at`` (a time), in any order.
        asked: accounts and times.
        days: the length of the window.
    """
    ordered = events.sort("account", "who", "at")
    same = (pl.col("account") == pl.col("account").shift(-1)) & (pl.col("who") == pl.col("who").shift(-1))
    followed = ordered.with_columns(following=pl.col("at").shift(-1)).filter(same)
    ended = pl.max_horizontal("following", pl.col("at") + pl.duration(days=days))
    again = Events(followed.select("account", at="following")).until(asked)
    outdated = Events(followed.select("account", at=ended)).until(asked)
    return Events(events).within(asked, days) - (again - outdated)


def _day_of(key: Ints) -> Ints:
    return (key & _LAST) // _DAY


def _keys(account: Ints, moment: Ints) -> Ints:
    """Return one number per row that sorts by account and time."""
    return np.asarray((account << _BITS) + np.clip(moment, 0, _LAST))
