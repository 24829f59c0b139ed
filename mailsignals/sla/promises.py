"""What each account was promised, from when on, and by when that is due."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Self

import polars as pl

from mailsignals.sla.calendars import FIRST, HOUR, SPAN, Calendar, microseconds, microseconds_at
from mailsignals.sla.timetable import Timetable
from mailsignals.units import hours_of

NO_TARGET = "no target"
"""The group of whoever was promised nothing."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Policy:
    """The SLA targets for the accounts of one tier from a time on; a target that is null is not judged."""

    tier: str
    since: dt.datetime | None = None
    """From when on, until the tier's next policy; null: always."""
    first_response_hours: float | None = None
    next_response_hours: float | None = None
    """Null: as for the first response."""
    resolution_hours: float | None = None
    calendar: str | None = None
    """In which the targets count; null: round the clock."""

    @property
    def group(self) -> str:
        """The name under which reports count it."""
        targets = (self.first_response_hours, self.next_response_hours, self.resolution_hours)
        return NO_TARGET if targets == (None, None, None) else self.tier

    def hours(self, figure: str) -> float | None:
        """The target of one of ``FIGURES``."""
        if figure == "next_response" and self.next_response_hours is None:
            return self.first_response_hours
        found: float | None = getattr(self, f"{figure}_hours")
        return found


FIGURES = ("first_response", "next_response", "resolution")
"""What is promised, in the order in which it falls due."""


@dataclasses.dataclass(frozen=True)
class Promises:
    """The policies of all accounts. Rows name a policy by its number, as ``policy`` finds it."""

    policies: Sequence[Policy]
    timetable: Timetable
    _calendars: pl.Series
    """The number of each policy's calendar in the timetable."""
    _starts: pl.Series
    """Where each policy begins, tier after tier, as one ascending number."""
    _tiers: pl.Series
    """The number of each account's tier, at the account's number."""

    @classmethod
    def of(
        cls,
        policies: Sequence[Policy],
        calendars: Mapping[str, Calendar],
        tiers: pl.Series,
    ) -> Self:
        """The promises to accounts of which ``tiers`` has the tier, or null, in the order of their numbers."""
        # The first policy is that of accounts without a tier; each tier begins with one that promises nothing.
        numbers = {
            name: number for number, name in enumerate(dict.fromkeys(one.tier for one in policies), start=1)
        }
        found = [Policy(tier=NO_TARGET)]
        starts = [0]
        for name, number in numbers.items():
            own = sorted(
                (policy for policy in policies if policy.tier == name),
                key=lambda policy: _microseconds(policy.since),
            )
            if own[0].since is not None:
                own.insert(0, Policy(tier=name))
            found += own
            starts += [number * SPAN + _microseconds(policy.since) for policy in own]
        hours = [None, *calendars]
        return cls(
            policies=found,
            timetable=Timetable.of([(), *calendars.values()]),
            _calendars=pl.Series([hours.index(policy.calendar) for policy in found], dtype=pl.Int64),
            _starts=pl.Series(starts, dtype=pl.Int64),
            _tiers=pl.Series([numbers.get(tier, 0) for tier in tiers], dtype=pl.Int64),
        )

    def by_the_clock(self) -> Self:
        """Return these policies with every target counted round the clock instead of in business hours."""
        return dataclasses.replace(self, _calendars=self._calendars * 0)

    def policy(self, account: pl.Expr, moment: pl.Expr) -> pl.Expr:
        """The number of the policy that is in force for an account at an instant."""
        since = (moment.to_physical() - microseconds(FIRST)).clip(0, SPAN - 1)
        place = pl.lit(self._tiers).gather(account) * SPAN + since
        return pl.lit(self._starts).search_sorted(place, side="right").cast(pl.Int64) - 1

    def target(self, policy: pl.Expr, figure: str) -> pl.Expr:
        """Return a policy's target for a figure, in microseconds of open time; null if there is none."""
        hours = [each.hours(figure) for each in self.policies]
        amounts = [None if given is None else round(given * HOUR) for given in hours]
        return pl.lit(pl.Series(amounts, dtype=pl.Int64)).gather(policy)

    def group(self, policy: pl.Expr) -> pl.Expr:
        """The name under which reports count a policy."""
        return pl.lit(pl.Series([each.group for each in self.policies])).gather(policy)

    def in_open_hours(self, policy: pl.Expr) -> pl.Expr:
        """Return an expression for whether a policy's targets count in a calendar's open hours, not round the clock."""
        return self._calendar(policy) > 0

    def passed(self, policy: pl.Expr, moment: pl.Expr) -> pl.Expr:
        """The open time, in microseconds, from the beginning of the policy's calendar to an instant."""
        return self.timetable.passed(self._calendar(policy), moment)

    def open_hours(self, account: pl.Expr, since: pl.Expr, until: pl.Expr) -> pl.Expr:
        """The open hours between two instants, in the calendar that holds for the account at the first."""
        policy = self.policy(account, since)
        return hours_of(self.passed(policy, until) - self.passed(policy, since))

    def due_at(self, policy: pl.Expr, *, passed: pl.Expr, target: pl.Expr) -> pl.Expr:
        """Return the time at which a target is due; null without a target.

        ``passed`` is the open time, in microseconds, from the beginning of the policy's calendar to the clock's start.
        """
        return self.timetable.reached(self._calendar(policy), passed + target)

    def _calendar(self, policy: pl.Expr) -> pl.Expr:
        return pl.lit(self._calendars).gather(policy)


def _microseconds(since: dt.datetime | None) -> int:
    """From the first day of calendars to an instant, as long as that lies within them."""
    if since is None:
        return 0
    return min(max(microseconds_at(since) - microseconds(FIRST), 0), SPAN - 1)
