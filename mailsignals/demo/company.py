"""What the company writes down about itself: its configuration, its account list and how that changed."""

import polars as pl

from mailsignals.demo.account_history import account_ids, latest_values
from mailsignals.demo.firms import TIERS
from mailsignals.demo.people import COMPANY, DOMAIN, HOLDERS, SUPPORT
from mailsignals.demo.places import HOME
from mailsignals.demo.world import HOURS, World

ACCOUNTS_FILE = "accounts.csv"
HISTORY_FILE = "account_history.csv"
HISTORY_KEY = f'history_file = "{HISTORY_FILE}"\n'
"""The line of ``[accounts]`` that names the history."""
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
        "stage": pl.String,
    }
)


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


def book(world: World, history: pl.DataFrame) -> pl.DataFrame:
    """The account list at the end: who is known to have left is written down, who is about to leave is not.

    Args:
        world: whose customers they are.
        history: ``account_history`` of it.
    """
    identity = pl.DataFrame(
        {
            "account_id": account_ids(world),
            "name": [firm.name for firm in world.firms[: world.accounts]],
            "domains": [";".join(firm.domains) for firm in world.firms[: world.accounts]],
            "contacts": [_listed_contacts(world, number) for number in range(world.accounts)],
        },
        schema_overrides=BOOK_COLUMNS,
    )
    found = identity.join(latest_values(history), on="account_id", how="left", maintain_order="left")
    absent = [
        pl.lit(None, dtype=pl.String).alias(name)
        for name in BOOK_COLUMNS.names()
        if name not in found.columns
    ]
    return found.with_columns(absent).select(
        pl.col(name).str.to_date() if dtype == pl.Date else pl.col(name).cast(dtype)
        for name, dtype in BOOK_COLUMNS.items()
    )


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
        f'\n[accounts]\nfile = "{ACCOUNTS_FILE}"\n{HISTORY_KEY}'
        f"{people}{tiers}"
        f'\n[calendars.office]\ntimezone = "{HOME.zone}"\n{days}holidays = "DE-BE"\n'
    )
