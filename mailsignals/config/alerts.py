"""Alerts between digests: ``[alerts]``."""

from collections.abc import Collection, Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from mailsignals.accounts.nearest import did_you_mean
from mailsignals.config.section import Count, Name, Section
from mailsignals.config.tiers import OpenDay
from mailsignals.sla.calendars import OpenHours


def _any_hour(hours: tuple[OpenHours, ...]) -> tuple[OpenHours, ...]:
    if not hours:
        raise ValueError('the list is empty; use at least one period, such as ["08:00-18:00"]')
    return hours


class AlertsSection(Section):
    """``[alerts]``: emails between digests about urgent tickets and flags."""

    enabled: bool = False
    """True if people are alerted; it needs ``digest.enabled`` as well."""
    tiers: tuple[Name, ...] = ("enterprise",)
    """The tiers with alerts before a ticket breaches its SLA; breaches are alerted in all tiers."""
    at_share: Annotated[float, Field(strict=True, gt=0, lt=1)] = 0.8
    """The share of a target (0 to 1) after which a ticket counts as about to breach."""
    hours: Annotated[OpenDay, AfterValidator(_any_hour)] = (OpenHours(480, 1080),)
    """The hours of workdays in which alerts are sent, in the recipient's time zone."""
    minutes_between: Count = 60
    """Minutes between two alerts to one recipient, unless something is due earlier."""


def alerts_problems(
    alerts: AlertsSection, *, digest_enabled: bool, tiers: Collection[str]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield each problem of ``[alerts]`` with the other sections: the key, and what to do.

    Nothing is yielded while alerts are disabled, because they may be unfinished.
    """
    if not alerts.enabled:
        return
    if not digest_enabled:
        yield (
            ("alerts", "enabled"),
            "requires digest.enabled = true; set that, or enabled = false",
        )
    for name in alerts.tiers:
        if name not in tiers:
            hint = did_you_mean(name, tiers, what="tiers")
            yield (
                ("alerts", "tiers"),
                f"unknown tier {name!r}{hint}; tiers = [] sends alerts for breaches only",
            )
