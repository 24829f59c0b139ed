"""Words for targets and changes of compliance on the pages about service levels; pure."""

import datetime as dt
from collections.abc import Mapping

from mailsignals.sla.promises import FIGURES, Promises
from mailsignals.wording.numbers import Quantity, duration_words

FEW = 10
"""Shares of fewer cases than this are marked "few"."""

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def targets(promises: Promises, *, as_of: dt.datetime, clock: str) -> Mapping[tuple[str, str], str]:
    """Return the current target by tier and figure in words, such as ``4 business hours``; empty without one."""
    found = {}
    for policy in promises.policies:  # those of a tier follow each other in time
        if policy.since is not None and policy.since > as_of:
            continue
        in_business_hours = bool(policy.calendar) and clock == "calendar"
        for figure in FIGURES:
            hours = policy.hours(figure)
            found[policy.group, figure] = _words(hours, in_business_hours=in_business_hours)
    return found


def _words(hours: float | None, *, in_business_hours: bool) -> str:
    if hours is None:
        return ""
    return f"{Quantity(hours):business hour}" if in_business_hours else duration_words(hours)


def compliance_change(now: float | None, before: float | None) -> str:
    """Return ``up 3 points``, ``down 5 points`` or ``unchanged``; an empty text where either share is null."""
    if now is None or before is None:
        return ""
    points = round(100 * now) - round(100 * before)
    if points == 0:
        return "unchanged"
    return f"{'up' if points > 0 else 'down'} {abs(points)} {'point' if abs(points) == 1 else 'points'}"
