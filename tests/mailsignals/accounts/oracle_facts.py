"""Dated facts by their definitions, one field of one account at a time, apart from the engine."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo


@dataclasses.dataclass(frozen=True, kw_only=True, order=True)
class Fact:
    """A value of one field of one account."""

    value: str | None
    valid_from: dt.date | None
    seen_at: dt.datetime

    def since(self, zone: str) -> dt.datetime:
        """From when on it holds: its day's midnight, or the instant at which it was noticed."""
        if self.valid_from is None or self.seen_at.astimezone(ZoneInfo(zone)).date() == self.valid_from:
            return self.seen_at
        return dt.datetime.combine(self.valid_from, dt.time(), ZoneInfo(zone)).astimezone(dt.UTC)

    def place(self, zone: str) -> tuple[dt.datetime, dt.datetime, str]:
        """Its place among the values of its field: the last one by an instant holds then."""
        return self.since(zone), self.seen_at, "" if self.value is None else f"x{self.value}"


def held(facts: Sequence[Fact], at: dt.datetime, zone: str) -> str | None:
    """The value that holds at an instant; before all of them the earliest."""
    ordered = sorted(facts, key=lambda fact: fact.place(zone))
    by_then = [fact for fact in ordered if fact.since(zone) <= at]
    earliest = [fact for fact in ordered if fact.since(zone) == ordered[0].since(zone)]
    return (by_then or earliest)[-1].value


def known(facts: Sequence[Fact], at: dt.datetime, zone: str) -> tuple[bool, str | None]:
    """Whether anything was known at an instant, and the value that was known to hold."""
    learnt = [fact for fact in facts if fact.seen_at <= at and fact.since(zone) <= at]
    if not learnt:
        return False, None
    return True, max(learnt, key=lambda fact: fact.place(zone)).value
