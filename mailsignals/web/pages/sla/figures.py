"""The figures of the pages on service levels in words; pure."""

import datetime as dt
from collections.abc import Mapping

from mailsignals.sla.promises import FIGURES, Promises
from mailsignals.wording.numbers import Quantity

FEW = 10
"""A share of fewer cases than this is called one of few."""

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def targets(promises: Promises, *, as_of: dt.datetime, clock: str) -> Mapping[tuple[str, str], str]:
    """Return the current target of each tier and figure in words, such as ``4 hours``; empty without one."""
    found = {}
    for policy in promises.policies:  # those of a tier follow each other in time
        if policy.since is not None and policy.since > as_of:
            continue
        hour = "open hour" if policy.calendar and clock == "calendar" else "hour"
        for figure in FIGURES:
            hours = policy.hours(figure)
            found[policy.group, figure] = "" if hours is None else f"{Quantity(hours):{hour}}"
    return found


def compliance_change(now: float | None, before: float | None) -> str:
    """``up 3 points``, ``down 5 points`` or ``as before``; nothing where either is not known."""
    if now is None or before is None:
        return ""
    points = round(100 * now) - round(100 * before)
    if points == 0:
        return "as before"
    return f"{'up' if points > 0 else 'down'} {abs(points)} {'point' if abs(points) == 1 else 'points'}"
