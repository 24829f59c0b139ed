"""Rhythm of writing: working time by place, and its conversion to times and back.

Times are hours since the origin of the simulation, a full hour in UTC. Working time runs at about full speed in office
hours, and much slower at night, at weekends and on holidays. Delays count in working time, which gives replies their
daily, weekly and yearly rhythm.
"""

import dataclasses
import datetime as dt
import functools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from mailsignals.demo.places import Place, holidays

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

HOURS_A_STEP = 0.5
WORKED_HOURS_A_WEEK = 50.0
"""Approximate working hours in a week without holidays, the unit of weekly rates."""

OFFICE = (
    *(0.008, 0.005, 0.004, 0.004, 0.005, 0.012, 0.05, 0.25, 0.75, 1.1, 1.2, 1.1),
    *(0.65, 0.85, 1.1, 1.1, 0.95, 0.6, 0.25, 0.12, 0.11, 0.09, 0.05, 0.02),
)
"""Speed of working time by local hour of a weekday."""

DESK = (
    *(0.01, 0.01, 0.01, 0.01, 0.01, 0.02, 0.2, 0.7, 1.0, 1.1, 1.1, 1.0),
    *(0.9, 0.95, 1.05, 1.1, 1.0, 0.9, 0.6, 0.4, 0.2, 0.08, 0.03, 0.02),
)
"""Speed of working time by local hour, for a support desk that works in shifts."""

WEEKDAYS = (1.0, 1.03, 1.03, 1.0, 0.85, 0.04, 0.03)
HOLIDAY = 0.05
BETWEEN_THE_YEARS = 0.2


def _speed(place: Place, day_profile: Sequence[float], instants: pl.Series) -> Floats:
    """Return the speed of working time at each time."""
    local = instants.dt.convert_time_zone(place.zone)
    days = local.dt.date()
    month, day = local.dt.month().to_numpy(), local.dt.day().to_numpy()
    by_month = np.array([place.months.get(number, 1.0) for number in range(1, 13)])
    off = [date for year in days.dt.year().unique().to_list() for date in holidays(place, year)]
    speed: Floats = np.asarray(day_profile)[local.dt.hour().to_numpy()]
    speed = speed * np.asarray(WEEKDAYS)[local.dt.weekday().to_numpy() - 1] * by_month[month - 1]
    speed = np.where(
        ((month == 12) & (day >= 24)) | ((month == 1) & (day == 1)), speed * BETWEEN_THE_YEARS, speed
    )
    return np.where(days.is_in(off).to_numpy(), speed * HOLIDAY, speed)


@dataclasses.dataclass(frozen=True, eq=False)
class Rhythms:
    """Working time of several places, one row per place, cumulated on a grid of half hours."""

    worked: Floats
    """Working hours since the origin, places x steps."""

    @classmethod
    def of(
        cls, profiles: Sequence[tuple[Place, Sequence[float]]], origin: dt.datetime, *, hours: float
    ) -> "Rhythms":
        """Return the rhythms of places with their daily profiles, from the origin on."""
        step = dt.timedelta(hours=HOURS_A_STEP)
        end = origin + dt.timedelta(hours=hours)
        instants = pl.datetime_range(origin, end, step, closed="left", eager=True).cast(
            pl.Datetime("us", "UTC")
        )
        speeds = np.stack([_speed(place, profile, instants) for place, profile in profiles])
        return cls(np.pad(np.cumsum(speeds * HOURS_A_STEP, axis=1), ((0, 0), (1, 0))))

    @property
    def _span(self) -> float:
        """Return the hours of the grid, with a gap that allows to join the rows end to end."""
        return len(self.worked[0]) * HOURS_A_STEP

    @property
    def _depth(self) -> float:
        return float(self.worked.max()) + 1.0

    @functools.cached_property
    def _lines(self) -> tuple[Floats, Floats]:
        """Return times and working time of all rows joined end to end, both increasing."""
        rows, steps = self.worked.shape
        row = np.arange(rows, dtype=np.float64)[:, None]
        instants = row * self._span + np.arange(steps) * HOURS_A_STEP
        return instants.ravel(), (row * self._depth + self.worked).ravel()

    def worked_at(self, row: Ints, at: Floats) -> Floats:
        """Return working hours from the origin to each time, in the rhythm of each row."""
        instants, worked = self._lines
        clipped = np.clip(at, 0.0, self._span - HOURS_A_STEP)
        return np.interp(clipped + row * self._span, instants, worked) - row * self._depth

    def instant_of(self, row: Ints, worked: Floats) -> Floats:
        """Return the time by which that much has been worked; infinite where the grid ends before."""
        instants, line = self._lines
        found = np.interp(np.clip(worked, 0.0, None) + row * self._depth, line, instants) - row * self._span
        return np.where(worked < self.worked[row, -1], found, np.inf)

    def later(self, row: Ints, at: Floats, *, by: Floats) -> Floats:
        """Return the time ``by`` working hours after each time."""
        return self.instant_of(row, self.worked_at(row, at) + by)


def reply_hours(count: int, rng: np.random.Generator) -> Floats:
    """Return hours until a reply: log-normal around 47 minutes, with a Pareto tail in days for one in fifteen."""
    usual = rng.lognormal(np.log(47 / 60), 1.3, count)
    late = 8.0 * (1.0 + rng.pareto(1.3, count))
    return np.minimum(np.where(rng.random(count) < 0.067, late, usual), 300.0)
