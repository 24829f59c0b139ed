"""History of the account list: each value with the day from which it holds."""

import dataclasses
import datetime as dt
from collections.abc import Iterator

import numpy as np
import polars as pl

from mailsignals.demo.contracts import RENEWALS, UPGRADE_UPLIFT, next_renewal, renewals
from mailsignals.demo.firms import TIERS
from mailsignals.demo.stories import DAYS
from mailsignals.demo.world import World

HISTORY_COLUMNS = pl.Schema(
    {
        "account_id": pl.String,
        "field": pl.String,
        "value": pl.String,
        "valid_from": pl.Date,
        "seen_at": pl.Date,
    }
)
"""One row per value, which holds from ``valid_from`` until the field's next value. ``seen_at`` is the date on which it
was entered, null if that is the same date."""

ONBOARDING_DAYS = 90
ONBOARDING, CUSTOMER, FORMER = "onboarding", "customer", "former"
"""Stages."""


@dataclasses.dataclass(frozen=True)
class Change:
    """A value of one field of an account."""

    field: str
    value: str
    valid_from: dt.date
    seen_at: dt.date | None = None


def account_ids(world: World) -> list[str]:
    """Return an id for each customer, in the order of the account list."""
    width = max(3, len(str(world.accounts)))
    return [f"A{number + 1:0{width}}" for number in range(world.accounts)]


def date_of(world: World, day: float) -> dt.date | None:
    """Return the date of a day since the origin; None for an infinite or missing one."""
    return world.origin.date() + dt.timedelta(days=int(day)) if np.isfinite(day) else None


def account_history(world: World) -> pl.DataFrame:
    """Return every value of every customer's dated fields since the first day of mail, in ``HISTORY_COLUMNS``.

    The history contains a late churn date only from its entry on. From then on, revenue is 0 and the stage ``former``.
    """
    rows = [
        {"account_id": account_id, **dataclasses.asdict(change)}
        for number, account_id in enumerate(account_ids(world))
        for change in _changes(world, number)
    ]
    found = pl.DataFrame(rows, schema=HISTORY_COLUMNS).sort("account_id", "field", "valid_from")
    before = pl.col("value").shift().over("account_id", "field")
    return found.filter(before.is_null() | (pl.col("value") != before))


def latest_values(history: pl.DataFrame) -> pl.DataFrame:
    """Return one row per account with the last value of each field, as text; ``history`` is in the order of time."""
    return (
        history.group_by("account_id", "field", maintain_order=True)
        .agg(pl.col("value").last())
        .pivot("field", index="account_id", values="value")
    )


def _changes(world: World, number: int) -> Iterator[Change]:
    plan, end = world.plan, world.origin.date() + dt.timedelta(days=DAYS)
    started = date_of(world, float(plan.started[number])) or world.origin.date()
    begin = max(started, world.origin.date())
    last = min(date_of(world, float(plan.leaves[number])) or end, end)
    entered = date_of(world, float(plan.entered[number])) if plan.entered[number] < DAYS else None

    yield Change("started_on", f"{started}", begin)
    yield from _stages(started, begin, last)
    yield Change("renewal_on", f"{next_renewal(started, begin + dt.timedelta(days=1))}", begin)
    for day in renewals(started, begin, last):
        yield Change("renewal_on", f"{next_renewal(started, day + dt.timedelta(days=1))}", day)
    yield from _csms(world, number, begin, last)
    yield from _tiers_and_revenue(world, number, started, begin, last)
    if entered:
        yield Change("churned_on", f"{last}", last, entered)
        yield Change("stage", FORMER, entered)
        yield Change("arr", "0.0", entered)


def _stages(started: dt.date, begin: dt.date, last: dt.date) -> Iterator[Change]:
    settled = started + dt.timedelta(days=ONBOARDING_DAYS)
    yield Change("stage", ONBOARDING if settled > begin else CUSTOMER, begin)
    if begin < settled < last:
        yield Change("stage", CUSTOMER, settled)


def _csms(world: World, number: int, begin: dt.date, last: dt.date) -> Iterator[Change]:
    before, after = (world.people.addresses[int(csm)] for csm in world.csms[number])
    handover = date_of(world, float(world.handover[number]) / 24)
    changed = handover if handover and begin < handover < last else None
    yield Change("csm", after if handover and handover <= begin else before, begin)
    if changed:
        yield Change("csm", after, changed)


def _tiers_and_revenue(
    world: World, number: int, started: dt.date, begin: dt.date, last: dt.date
) -> Iterator[Change]:
    """Yield the changes of tier, which may start one lower, and of revenue, which follows renewals and the tier."""
    firm, contracts = world.firms[number], world.contracts
    day = date_of(world, float(contracts.upgraded[number]))
    upgraded = day if day and begin < day < last else None
    yield Change("tier", TIERS[firm.tier + 1] if upgraded else TIERS[firm.tier], begin)
    factors = dict(
        zip(
            reversed(list(renewals(started, begin, last))[-RENEWALS:]),
            reversed(contracts.uplift[number].tolist()),
            strict=False,
        )
    )
    if upgraded:
        yield Change("tier", TIERS[firm.tier], upgraded)
        factors[upgraded] = factors.get(upgraded, 1.0) * UPGRADE_UPLIFT
    revenue = firm.arr
    for changed in sorted(factors, reverse=True):
        yield Change("arr", f"{revenue:.1f}", changed)
        revenue = round(revenue / factors[changed], -2)
    yield Change("arr", f"{revenue:.1f}", begin)
