"""Look-ups of business hours: the amount up to a time, and the time by which an amount has passed.

All calendars lie on one axis, one after the other, so that rows of different calendars are looked up at once. The
table has each stretch of business hours on that axis, with the sum of all stretches before it.
"""

import dataclasses
from collections.abc import Sequence
from typing import Self

import numpy as np
import polars as pl

from mailsignals.schema import INSTANT
from mailsignals.sla.calendars import FIRST, SPAN, Calendar, Integers, microseconds, stretches

_ORIGIN = microseconds(FIRST)

_NEVER = 2**63 - 1

MAX_CALENDARS = 1000
"""The highest number of calendars, which fits on the axis with room to spare."""


@dataclasses.dataclass(frozen=True)
class Timetable:
    """The business hours of several calendars, which rows refer to by number."""

    opens: Integers
    """The start of each stretch on the axis, in microseconds."""
    before: Integers
    """The business hours of all stretches before each one, in microseconds."""
    until: Integers
    """The business hours of all stretches up to and with each one, in microseconds."""

    @classmethod
    def of(cls, calendars: Sequence[Calendar]) -> Self:
        """Return the table of calendars; their numbers are their positions.

        Raises:
            ValueError: there are more than ``MAX_CALENDARS``.
        """
        if len(calendars) > MAX_CALENDARS:
            raise ValueError(f"at most {MAX_CALENDARS:,} calendars at once")
        found = [stretches(calendar) for calendar in calendars]
        places = range(len(found))
        opens = np.concatenate(
            [one.opens - _ORIGIN + place * SPAN for place, one in zip(places, found, strict=True)]
        )
        closes = np.concatenate(
            [one.closes - _ORIGIN + place * SPAN for place, one in zip(places, found, strict=True)]
        )
        # A stretch of no length at the beginning, so that every point in time has one at or before it.
        opens, closes = np.insert(opens, 0, 0), np.insert(closes, 0, 0)
        until = np.cumsum(closes - opens)
        return cls(opens, until - (closes - opens), until)

    def passed(self, calendar: pl.Expr, moment: pl.Expr) -> pl.Expr:
        """Return the business hours from the beginning of the axis to a time, in microseconds; null for null.

        The difference of two results for one calendar is the business hours between the two times.
        """

        def looked_up(places: pl.Series) -> pl.Series:
            place = places.to_numpy()
            stretch = np.searchsorted(self.opens, place, side="right") - 1
            return pl.Series(
                np.minimum(self.before[stretch] + place - self.opens[stretch], self.until[stretch])
            )

        place = _place(calendar, moment)
        found = place.fill_null(0).map_batches(looked_up, return_dtype=pl.Int64, is_elementwise=True)
        return pl.when(place.is_not_null()).then(found)

    def reached(self, calendar: pl.Expr, passed: pl.Expr) -> pl.Expr:
        """Return the first time by which ``passed`` microseconds of business hours have passed on the axis.

        Null for null, and where the calendar has fewer business hours.
        """

        def looked_up(amounts: pl.Series) -> pl.Series:
            amount = amounts.to_numpy()
            stretch = np.searchsorted(self.until, amount, side="left")
            known = np.minimum(stretch, self.until.size - 1)
            place = self.opens[known] + amount - self.before[known]
            return pl.Series(np.where(stretch < self.until.size, place, _NEVER))

        place = passed.fill_null(0).map_batches(looked_up, return_dtype=pl.Int64, is_elementwise=True)
        since = place - calendar.cast(pl.Int64) * SPAN
        return pl.when(passed.is_not_null() & (since <= SPAN)).then((since + _ORIGIN).cast(INSTANT))


def _place(calendar: pl.Expr, moment: pl.Expr) -> pl.Expr:
    """The position of a time on the axis, in microseconds."""
    since = (moment.cast(INSTANT).to_physical() - _ORIGIN).clip(0, SPAN)
    return since + calendar.cast(pl.Int64) * SPAN
