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
class TierChanges:
    """The tiers of the accounts whose tier changed, by account and time."""

    instants: pl.Series
    """All instants at which a tier changed, each once, in order."""
    places: pl.Series
    """Where each tier begins, account after account: the account's number, and how many instants had passed."""
    tiers: pl.Series
    """The number of the tier that begins there."""
    moved: pl.Series
    """The number of the account of each place."""

    @classmethod
    def of(cls, changes: pl.DataFrame, numbers: Mapping[str, int]) -> Self:
        """The changes that ``Promises.of`` describes; ``numbers`` has the number of each tier by its name."""
        instants = changes["since"].drop_nulls().unique().sort()
        account, since = changes["account"].cast(pl.Int64), pl.col("since")
        passed = pl.lit(instants).search_sorted(since, side="right").cast(pl.Int64)
        begun = changes.select(pl.when(since.is_null()).then(0).otherwise(passed)).to_series()
        return cls(
            instants=instants,
            places=account * (instants.len() + 1) + begun,
            tiers=changes["value"].replace_strict(
                {NO_TARGET: 0, **numbers}, default=0, return_dtype=pl.Int64
            ),
            moved=account,
        )

    def tier(self, account: pl.Expr, moment: pl.Expr, *, otherwise: pl.Expr) -> pl.Expr:
        """The number of an account's tier at an instant; that of an account without changes is ``otherwise``."""
        passed = pl.lit(self.instants).search_sorted(moment, side="right").cast(pl.Int64)
        own = account.cast(pl.Int64)
        place = pl.lit(self.places).search_sorted(own * (self.instants.len() + 1) + passed, side="right")
        last = (place.cast(pl.Int64) - 1).clip(lower_bound=0)
        return (
            pl.when(pl.lit(self.moved).gather(last) == own)
            .then(pl.lit(self.tiers).gather(last))
            .otherwise(otherwise)
        )


@dataclasses.dataclass(frozen=True)
class Promises:
    """The policies of all accounts. Rows name a policy by its number, as ``policy`` finds it."""

    policies: Sequence[Policy]
    timetable: Timetable
    _calendars: pl.Series
    """The number of each policy's calendar in the timetable."""
    _starts: pl.Series
    """Where each policy begins, tier after tier, as one ascending number."""
    _numbers: Mapping[str, int]
    """The number of each tier; accounts without one have 0."""
    _tiers: pl.Series
    """The number of each account's first tier, at the account's number."""
    _changes: "TierChanges | None" = None
    """The tiers that changed; None where none did."""

    @classmethod
    def of(
        cls,
        policies: Sequence[Policy],
        calendars: Mapping[str, Calendar],
        tiers: pl.Series,
        changes: pl.DataFrame | None = None,
    ) -> Self:
        """The promises to accounts.

        Args:
            policies: of all tiers.
            calendars: by name.
            tiers: the tier of each account, or null, in the order of their numbers.
            changes: ``account``, ``since`` and ``value`` (a tier, or null) of the accounts whose tier changed, by
                account and time; ``since`` is null of the first tier of an account, which holds before its time too.
        """
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
            _numbers=numbers,
            _tiers=pl.Series([numbers.get(tier, 0) for tier in tiers], dtype=pl.Int64),
            _changes=None if changes is None or changes.is_empty() else TierChanges.of(changes, numbers),
        )

    def by_the_clock(self) -> Self:
        """Return these policies with every target counted round the clock instead of in business hours."""
        return dataclasses.replace(self, _calendars=self._calendars * 0)

    def tier(self, account: pl.Expr, moment: pl.Expr) -> pl.Expr:
        """The name of an account's tier at an instant; null for an account without one, or of an unknown tier."""
        names = pl.Series([None, *self._numbers], dtype=pl.String)
        return pl.lit(names).gather(self._tier(account, moment))

    def _tier(self, account: pl.Expr, moment: pl.Expr) -> pl.Expr:
        first = pl.lit(self._tiers).gather(account)
        return first if self._changes is None else self._changes.tier(account, moment, otherwise=first)

    def policy(self, account: pl.Expr, moment: pl.Expr) -> pl.Expr:
        """The number of the policy that is in force for an account at an instant, by its tier of then."""
        return self._policy(self._tier(account, moment), moment)

    def policy_of_tier(self, tier: pl.Expr, moment: pl.Expr) -> pl.Expr:
        """The number of the policy that is in force for a tier (its name, or null) at an instant."""
        number = tier.replace_strict({NO_TARGET: 0, **self._numbers}, default=0, return_dtype=pl.Int64)
        return self._policy(number, moment)

    def _policy(self, tier: pl.Expr, moment: pl.Expr) -> pl.Expr:
        since = (moment.to_physical() - microseconds(FIRST)).clip(0, SPAN - 1)
        return pl.lit(self._starts).search_sorted(tier * SPAN + since, side="right").cast(pl.Int64) - 1

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
        return self.hours_between(self.policy(account, since), since, until)

    def hours_between(self, policy: pl.Expr, since: pl.Expr, until: pl.Expr) -> pl.Expr:
        """The open hours of a policy's calendar between two instants."""
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
