"""How much open time lies between two instants, and by when so much of it has passed: two look-ups in one table.

All calendars lie on one axis, one after the other, so that rows of different calendars are looked up at once. The
table has each open stretch of that axis with the open time that precedes it.
"""

import dataclasses
from collections.abc import Sequence
from typing import Self

import numpy as np
import polars as pl

from mailsignals.schema import INSTANT
from mailsignals.sla.calendars import FIRST, LAST, Calendar, microseconds, stretches

_ORIGIN = microseconds(FIRST)
_SPAN = microseconds(LAST) - _ORIGIN

MAX_CALENDARS = (2**63 - 1) // _SPAN
"""How many calendars the axis has room for."""


@dataclasses.dataclass(frozen=True)
class Timetable:
    """The open time of some calendars, which rows name by number."""

    opens: pl.Series
    """Where each stretch begins on the axis, in microseconds."""
    closes: pl.Series
    before: pl.Series
    """The open time of all stretches before it, in microseconds."""
    until: pl.Series
    """The same with its own."""

    @classmethod
    def of(cls, calendars: Sequence[Calendar]) -> Self:
        """The table of calendars; their numbers are their positions."""
        found = [stretches(calendar) for calendar in calendars]
        places = range(len(found))
        opens = np.concatenate(
            [one.opens - _ORIGIN + place * _SPAN for place, one in zip(places, found, strict=True)]
        )
        closes = np.concatenate(
            [one.closes - _ORIGIN + place * _SPAN for place, one in zip(places, found, strict=True)]
        )
        # A stretch of no length at the beginning, so that every instant has one at or before it.
        opens, closes = np.insert(opens, 0, 0), np.insert(closes, 0, 0)
        until = np.cumsum(closes - opens)
        return cls(
            pl.Series("opens", opens),
            pl.Series("closes", closes),
            pl.Series("before", until - (closes - opens)),
            pl.Series("until", until),
        )

    def passed(self, calendar: pl.Expr, moment: pl.Expr) -> pl.Expr:
        """The open time from the beginning of the axis to an instant, in microseconds.

        The open time between two instants of one calendar is the difference of theirs.
        """
        place = self._place(calendar, moment)
        stretch = pl.lit(self.opens).search_sorted(place, side="right").cast(pl.Int64) - 1
        within = pl.min_horizontal(place, pl.lit(self.closes).gather(stretch))
        return pl.lit(self.before).gather(stretch) + within - pl.lit(self.opens).gather(stretch)

    def reached(self, calendar: pl.Expr, passed: pl.Expr) -> pl.Expr:
        """The first instant by which so much open time has passed since the beginning of the axis.

        Null if the calendar never opens for so long.
        """
        stretch = pl.lit(self.until).search_sorted(passed, side="left").cast(pl.Int64)
        known = stretch.clip(upper_bound=self.until.len() - 1)
        place = pl.lit(self.opens).gather(known) + passed - pl.lit(self.before).gather(known)
        moment = place - calendar.cast(pl.Int64) * _SPAN + _ORIGIN
        beyond = (stretch >= self.until.len()) | (moment > microseconds(LAST))
        return pl.when(passed.is_not_null() & ~beyond).then(moment).cast(INSTANT)

    def _place(self, calendar: pl.Expr, moment: pl.Expr) -> pl.Expr:
        """Where an instant lies on the axis."""
        since = (moment.cast(INSTANT).to_physical() - _ORIGIN).clip(0, _SPAN)
        return since + calendar.cast(pl.Int64) * _SPAN
