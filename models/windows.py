"""Counts of an account's events in windows that end at any number of instants.

Windows are half-open, ``(T - W, T]``. Instants are compared by the millisecond, in favour of the past: an event within
the very millisecond of T may count as not yet there, and never the other way round.
"""

import dataclasses
from typing import Self

import numpy as np
import polars as pl

from models.sample import Floats, Ints

_DAY = 86_400_000
_BITS = 42
"""Of the milliseconds since 1970 in a key; enough until 2109."""
_LAST = (1 << _BITS) - 1


@dataclasses.dataclass(frozen=True, eq=False)
class Moments:
    """Accounts and the instants at which one asks about them."""

    account: Ints
    at: Ints
    """In milliseconds since 1970."""

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Self:
        """From ``account`` and ``as_of``."""
        return cls(
            rows["account"].to_numpy().astype(np.int64), rows["as_of"].dt.timestamp("us").to_numpy() // 1000
        )


class Events:
    """Events of accounts, sorted once and counted up to any instants."""

    def __init__(self, events: pl.DataFrame, *, daily: bool = False) -> None:
        """Sort events.

        Args:
            events: ``account`` and ``at``, an instant; of any order.
            daily: only the first event of each account on each day of UTC counts.
        """
        moment = -(-events["at"].dt.timestamp("us").to_numpy() // 1000)
        key = np.sort(_keys(events["account"].to_numpy().astype(np.int64), moment))
        if daily:
            same = (key[1:] >> _BITS == key[:-1] >> _BITS) & (_day_of(key[1:]) == _day_of(key[:-1]))
            key = key[np.append(True, ~same)[: len(key)]]
        self._key = key

    def until(self, asked: Moments, *, ago: int = 0) -> Ints:
        """Return the number of events of each account at or before its instant, or so many days before it."""
        last = _keys(asked.account, asked.at - ago * _DAY)
        found = np.searchsorted(self._key, last, side="right") - np.searchsorted(
            self._key, asked.account << _BITS, side="left"
        )
        return np.asarray(found)

    def within(self, asked: Moments, days: int, *, ago: int = 0) -> Floats:
        """Return the number of events in the window of so many days that ended so many days before."""
        return np.asarray(self.until(asked, ago=ago) - self.until(asked, ago=ago + days), dtype=np.float64)

    def days_since(self, asked: Moments, *, missing: float, first: bool = False) -> Floats:
        """Return the days since the latest (or the first) event until the instant; ``missing`` where there is none."""
        begin = np.searchsorted(self._key, asked.account << _BITS, side="left")
        count = self.until(asked)
        place = begin if first else begin + count - 1
        key = np.append(self._key, 0)[np.where(count > 0, place, -1)]
        return np.where(count > 0, (asked.at - (key & _LAST)) / _DAY, missing)


def distinct_within(events: pl.DataFrame, asked: Moments, days: int) -> Floats:
    """Return how many different ``who`` had an event in the window of so many days.

    Each is counted by the latest event: all events of the window, less those that another of the same one followed.

    Args:
        events: ``account``, ``who`` and ``at``, an instant; of any order.
        asked: accounts and instants.
        days: of the window.
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
    """One number for account and instant, in their order."""
    return np.asarray((account << _BITS) + np.clip(moment, 0, _LAST))
