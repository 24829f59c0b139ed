"""What the company writes down about itself: its configuration and its account book."""

import datetime as dt

import numpy as np
import polars as pl

from mailsignals.demo.firms import TIERS
from mailsignals.demo.people import COMPANY, DOMAIN, HOLDERS, SUPPORT
from mailsignals.demo.places import HOME
from mailsignals.demo.stories import DAYS
from mailsignals.demo.world import HOURS, World

ACCOUNTS_FILE = "accounts.csv"
TARGETS = ((2, 4), (4, 8), (8, 16))
"""Hours until the first and the next response, by tier."""

BOOK_COLUMNS = pl.Schema(
    {
        "account_id": pl.String,
        "name": pl.String,
        "tier": pl.String,
        "csm": pl.String,
        "domains": pl.String,
        "contacts": pl.String,
        "started_on": pl.Date,
        "churned_on": pl.Date,
        "renewal_on": pl.Date,
        "arr": pl.Float64,
    }
)


def account_ids(world: World) -> list[str]:
    """An id for each customer, in the order of the book."""
    width = max(3, len(str(world.accounts)))
    return [f"A{number + 1:0{width}}" for number in range(world.accounts)]


def date_of(world: World, day: float) -> dt.date | None:
    """The date of a day since the origin; None where there is none."""
    return world.origin.date() + dt.timedelta(days=int(day)) if np.isfinite(day) else None


def _anniversary(day: dt.date, year: int) -> dt.date:
    return dt.date(year, day.month, min(day.day, 28) if day.month == 2 else day.day)


def _renewal(started: dt.date, after: dt.date) -> dt.date:
    """The first anniversary of a start that is not before a day."""
    this_year = _anniversary(started, after.year)
    return this_year if this_year >= after else _anniversary(started, after.year + 1)


def _listed_contacts(world: World, number: int) -> str:
    """Addresses that the firm's domains do not cover, of everybody who has held a seat."""
    firm, addresses, seats = world.firms[number], world.people.addresses, world.seats
    held = []
    for seat in range(firm.seats):
        since = [0.0, *seats.changes[number, seat]]
        held += [
            addresses[seats.holders[number, seat, order]] for order in range(HOLDERS) if since[order] < HOURS
        ]
    return ";".join(address for address in held if address.split("@")[1] not in firm.domains)


def book(world: World) -> pl.DataFrame:
    """The account book at the end: who has left is written down, who is about to leave is not."""
    ends = world.ends()
    rows = []
    for number, account_id in enumerate(account_ids(world)):
        firm, leaves = world.firms[number], float(world.plan.leaves[number])
        started = date_of(world, float(world.plan.started[number])) or world.origin.date()
        churned = date_of(world, leaves) if leaves < DAYS else None
        last = np.array([ends[number] - 1e-6])
        rows.append(
            {
                "account_id": account_id,
                "name": firm.name,
                "tier": TIERS[firm.tier],
                "csm": world.people.addresses[int(world.csm(np.array([number]), last)[0])],
                "domains": ";".join(firm.domains),
                "contacts": _listed_contacts(world, number),
                "started_on": started,
                "churned_on": churned,
                "renewal_on": _renewal(started, churned or world.origin.date() + dt.timedelta(days=DAYS)),
                "arr": firm.arr,
            }
        )
    return pl.DataFrame(rows, schema=BOOK_COLUMNS)


def config(world: World) -> str:
    """The text of ``config.toml``."""
    staff, addresses = world.staff, world.people.addresses
    roles = [
        (SUPPORT, "support"),
        *((addresses[person], "support") for person in staff.agents),
        *((addresses[person], "cs") for person in (*staff.csms, staff.former_csm)),
        *((addresses[person], "other") for person in staff.others),
    ]
    people = "".join(f'\n[[people]]\naddress = "{address}"\nrole = "{role}"\n' for address, role in roles)
    tiers = "".join(
        f'\n[[tiers]]\nname = "{tier}"\nfirst_response_hours = {first}\nnext_response_hours = {following}\n'
        'resolution_hours = 24\ncalendar = "office"\n'
        for tier, (first, following) in zip(TIERS, TARGETS, strict=True)
    )
    days = "".join(f'{day} = ["09:00-17:30"]\n' for day in ("mon", "tue", "wed", "thu", "fri"))
    return (
        "# A simulated company: nobody in here exists.\n"
        f'[company]\nname = "{COMPANY}"\ndomains = ["{DOMAIN}"]\ntimezone = "{HOME.zone}"\n'
        '\n[store]\npath = "store"\n'
        f'\n[accounts]\nfile = "{ACCOUNTS_FILE}"\n'
        f"{people}{tiers}"
        f'\n[calendars.office]\ntimezone = "{HOME.zone}"\n{days}holidays = "DE-BE"\n'
    )
