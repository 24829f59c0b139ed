"""What people are told between digests, and when: ``[alerts]``."""

from collections.abc import Collection, Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from mailsignals.accounts.nearest import did_you_mean
from mailsignals.config.section import Count, Name, Section
from mailsignals.config.tiers import OpenDay
from mailsignals.sla.calendars import OpenHours


def _any_hour(hours: tuple[OpenHours, ...]) -> tuple[OpenHours, ...]:
    if not hours:
        raise ValueError('no hour is left; give at least one stretch, such as ["08:00-18:00"]')
    return hours


class AlertsSection(Section):
    """``[alerts]``: a word between digests."""

    enabled: bool = False
    """Whether people are alerted; it needs ``digest.enabled`` as well."""
    tiers: tuple[Name, ...] = ("enterprise",)
    """The tiers whose tickets are told of before they breach; what is breached is told of in all tiers."""
    at_share: Annotated[float, Field(strict=True, gt=0, lt=1)] = 0.8
    """From which share of a target on a ticket is about to breach."""
    hours: Annotated[OpenDay, AfterValidator(_any_hour)] = (OpenHours(480, 1080),)
    """The hours of workdays in which alerts go out, in the reader's time zone."""
    minutes_between: Count = 60
    """How many minutes lie between two alerts to one reader, unless something falls due before."""


def alerts_problems(
    alerts: AlertsSection, *, digest_enabled: bool, tiers: Collection[str]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield each problem of ``[alerts]`` with the other sections: the key, and what to do.

    Nothing is yielded while alerts aren't enabled: they may be unfinished.
    """
    if not alerts.enabled:
        return
    if not digest_enabled:
        yield (
            ("alerts", "enabled"),
            "needs digest.enabled = true, without which nothing is sent; set that, or enabled = false",
        )
    for name in alerts.tiers:
        if name not in tiers:
            hint = did_you_mean(name, tiers, what="tiers")
            yield ("alerts", "tiers"), f"there is no tier {name!r}{hint}; tiers = [] tells of breaches alone"
