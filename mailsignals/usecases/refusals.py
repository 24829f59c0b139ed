"""Requests to the dashboard that were refused in the last day, counted per person."""

import datetime as dt
from collections.abc import Iterator, Mapping

from mailsignals.config import Settings
from mailsignals.store.tables.audit import Audit

A_DAY = dt.timedelta(days=1)


def refusals_of_the_day(settings: Settings, *, now: dt.datetime) -> Mapping[str, int]:
    """Return the number of refused requests of the last day by person or token, most first.

    Raises:
        UserError: the store can't be read.
    """
    return Audit(settings.store.path).refusals(since=now - A_DAY, until=now)


def numbered_people(refusals: Mapping[str, int], settings: Settings) -> Mapping[str, int]:
    """Return the same numbers without names, if pages show no figures of people: ``person 1``, ``person 2``."""
    if settings.privacy.people == "all":
        return refusals
    return {f"person {place}": number for place, number in enumerate(refusals.values(), start=1)}


def refusal_remarks(refusals: Mapping[str, int]) -> Iterator[str]:
    """Yield a sentence with the number of each person, if there is one."""
    if refusals:
        people = ", ".join(f"{who} {number}" for who, number in refusals.items())
        yield f"Refused requests to the dashboard in the last day: {people}. `mailsignals audit --refused` lists them."
