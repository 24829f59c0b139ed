"""SLA targets of accounts over time, and their due times."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Self

import polars as pl

from mailsignals.sla.calendars import FIRST, HOUR, SPAN, Calendar, microseconds, microseconds_at
from mailsignals.sla.timetable import Timetable
from mailsignals.units import hours_of

NO_TARGET = "no target"
"""The group of accounts without an SLA target."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Policy:
    """The SLA targets for the accounts of one tier from a time on; None means no target."""

    tier: str
    since: dt.datetime | None = None
    """The start of the policy, which is valid until the tier's next one; None: always valid."""
    first_response_hours: float | None = None
    next_response_hours: float | None = None
    """The target for the next response; None: the same as for the first response."""
    resolution_hours: float | None = None
    calendar: str | None = None
    """The name of the calendar in which targets count; None: calendar hours."""

    @property
    def group(self) -> str:
        """The name of the policy's group in reports."""
        targets = (self.first_response_hours, self.next_response_hours, self.resolution_hours)
        return NO_TARGET if targets == (None, None, None) else self.tier

    def hours(self, figure: str) -> float | None:
        """Return the target of one of ``FIGURES`` in hours; None without a target."""
        if figure == "next_response" and self.next_response_hours is None:
            return self.first_response_hours
        found: float | None = getattr(self, f"{figure}_hours")
        return found


FIGURES = ("first_response", "next_response", "resolution")
"""The figures with a target, in the order in which they are due."""


@dataclasses.dataclass(frozen=True)
class TierChanges:
    """The tiers of the accounts whose tier changed, by account and time."""

    instants: pl.Series
    """All times at which a tier changed, each once, in order."""
    places: pl.Series
    """The start of each tier, account after account: account number and number of ``instants`` up to it, combined."""
    tiers: pl.Series
    """The number of the tier that begins at each place."""
    moved: pl.Series
    """The number of the account of each place."""

    @classmethod
    def of(cls, changes: pl.DataFrame, numbers: Mapping[str, int]) -> Self:
        """Return the changes described at ``Promises.of``; ``numbers`` has the number of each tier by its name."""
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
        """Return the number of an account's tier at a time; ``otherwise`` for an account without changes."""
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
    """The policies of all accounts; rows refer to a policy by its number, as ``policy`` returns it."""

    policies: Sequence[Policy]
    timetable: Timetable
    _calendars: pl.Series
    """The number of each policy's calendar in the timetable."""
    _starts: pl.Series
    """The start of each policy, tier after tier, as one ascending number."""
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
        """Return the SLA targets of accounts.

        Args:
            policies: the policies of all tiers.
            calendars: the calendars by name.
            tiers: the tier of each account, or null, in the order of their numbers.
            changes: ``account``, ``since`` and ``value`` (a tier, or null) of the accounts whose tier changed, by
                account and time; ``since`` is null for the first tier of an account, which is valid from the beginning.
        """
        # The first policy is that of accounts without a tier; each tier begins with a policy without targets.
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
        """Return the name of an account's tier at a time; null without a tier, or with an unknown one."""
        names = pl.Series([None, *self._numbers], dtype=pl.String)
        return pl.lit(names).gather(self._tier(account, moment))

    def _tier(self, account: pl.Expr, moment: pl.Expr) -> pl.Expr:
        first = pl.lit(self._tiers).gather(account)
        return first if self._changes is None else self._changes.tier(account, moment, otherwise=first)

    def policy(self, account: pl.Expr, moment: pl.Expr) -> pl.Expr:
        """Return the number of an account's policy at a time, by its tier at that time."""
        return self._policy(self._tier(account, moment), moment)

    def policy_of_tier(self, tier: pl.Expr, moment: pl.Expr) -> pl.Expr:
        """Return the number of the policy of a tier (its name, or null) at a time."""
        number = tier.replace_strict({NO_TARGET: 0, **self._numbers}, default=0, return_dtype=pl.Int64)
        return self._policy(number, moment)

    def _policy(self, tier: pl.Expr, moment: pl.Expr) -> pl.Expr:
        since = (moment.to_physical() - microseconds(FIRST)).clip(0, SPAN - 1)
        return pl.lit(self._starts).search_sorted(tier * SPAN + since, side="right").cast(pl.Int64) - 1

    def target(self, policy: pl.Expr, figure: str) -> pl.Expr:
        """Return a policy's target for a figure, in microseconds of business hours; null without a target."""
        hours = [each.hours(figure) for each in self.policies]
        amounts = [None if given is None else round(given * HOUR) for given in hours]
        return pl.lit(pl.Series(amounts, dtype=pl.Int64)).gather(policy)

    def group(self, policy: pl.Expr) -> pl.Expr:
        """Return the name of a policy's group in reports."""
        return pl.lit(pl.Series([each.group for each in self.policies])).gather(policy)

    def in_open_hours(self, policy: pl.Expr) -> pl.Expr:
        """Return whether a policy's targets count in business hours, not in calendar hours."""
        return self._calendar(policy) > 0

    def passed(self, policy: pl.Expr, moment: pl.Expr) -> pl.Expr:
        """Return the business hours from the beginning of the policy's calendar to a time, in microseconds."""
        return self.timetable.passed(self._calendar(policy), moment)

    def open_hours(self, account: pl.Expr, since: pl.Expr, until: pl.Expr) -> pl.Expr:
        """Return the business hours between two times, in the account's calendar at the first of them."""
        return self.hours_between(self.policy(account, since), since, until)

    def hours_between(self, policy: pl.Expr, since: pl.Expr, until: pl.Expr) -> pl.Expr:
        """Return the business hours of a policy's calendar between two times."""
        return hours_of(self.passed(policy, until) - self.passed(policy, since))

    def due_at(self, policy: pl.Expr, *, passed: pl.Expr, target: pl.Expr) -> pl.Expr:
        """Return the time at which a target is due; null without a target.

        ``passed`` is the result of the method ``passed`` for the start of the case.
        """
        return self.timetable.reached(self._calendar(policy), passed + target)

    def _calendar(self, policy: pl.Expr) -> pl.Expr:
        return pl.lit(self._calendars).gather(policy)


def _microseconds(since: dt.datetime | None) -> int:
    """The microseconds from the first day of calendars to a time, limited to the length of calendars."""
    if since is None:
        return 0
    return min(max(microseconds_at(since) - microseconds(FIRST), 0), SPAN - 1)
