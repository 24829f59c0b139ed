"""Files of the simulated company: its configuration, its account list, and the history of that list."""

import polars as pl

from mailsignals.demo.account_history import account_ids, latest_values
from mailsignals.demo.firms import TIERS
from mailsignals.demo.people import COMPANY, DOMAIN, HOLDERS
from mailsignals.demo.places import HOME
from mailsignals.demo.world import HOURS, World

MARK = "# A simulated company: nobody in here exists."
"""The first line of a demo's configuration, by which its folder is recognised."""
ACCOUNTS_FILE = "accounts.csv"
HISTORY_FILE = "account_history.csv"
HISTORY_KEY = f'history_file = "{HISTORY_FILE}"\n'
"""The line of ``[accounts]`` that names the history."""
CURRENCY = "EUR"
"""Currency of the revenue in the account list."""
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
    """The names and addresses of everybody who has held a seat of the firm."""
    firm, people, seats = world.firms[number], world.people, world.seats
    held = []
    for seat in range(firm.seats):
        since = [0.0, *seats.changes[number, seat]]
        held += [seats.holders[number, seat, order] for order in range(HOLDERS) if since[order] < HOURS]
    return ";".join(f"{people.names[person]} <{people.addresses[person]}>" for person in held)


def book(world: World, history: pl.DataFrame) -> pl.DataFrame:
    """Return the account list at the end of the history, in ``BOOK_COLUMNS``.

    A churn that was not entered by then is missing.

    Args:
        world: the company.
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
    return book_at(identity, history)


def book_at(accounts: pl.DataFrame, history: pl.DataFrame) -> pl.DataFrame:
    """Return the account list, in ``BOOK_COLUMNS``, with the latest value of each field in a history.

    Args:
        accounts: ``account_id, name, domains, contacts``; further columns are ignored.
        history: in the columns of ``account_history``.
    """
    identity = accounts.select("account_id", "name", "domains", "contacts")
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
    """Return the text of ``config.toml``."""
    staff, addresses, names = world.staff, world.people.addresses, world.people.names
    roles = [
        (staff.support, "support"),
        *((person, "support") for person in staff.agents),
        *((person, "cs") for person in (*staff.csms, staff.former_csm)),
        *((person, "other") for person in staff.others),
    ]
    people = "".join(
        f'\n[[people]]\naddress = "{addresses[person]}"\nname = "{names[person]}"\nrole = "{role}"\n'
        for person, role in roles
    )
    tiers = "".join(
        f'\n[[tiers]]\nname = "{tier}"\nfirst_response_hours = {first}\nnext_response_hours = {following}\n'
        'resolution_hours = 24\ncalendar = "office"\n'
        for tier, (first, following) in zip(TIERS, TARGETS, strict=True)
    )
    days = "".join(f'{day} = ["09:00-17:30"]\n' for day in ("mon", "tue", "wed", "thu", "fri"))
    return (
        f"{MARK}\n"
        f'[company]\nname = "{COMPANY}"\ndomains = ["{DOMAIN}"]\ntimezone = "{HOME.zone}"\n'
        '\n[store]\npath = "store"\n'
        f'\n[accounts]\nfile = "{ACCOUNTS_FILE}"\n{HISTORY_KEY}currency = "{CURRENCY}"\n'
        f"{people}{tiers}"
        f'\n[calendars.office]\ntimezone = "{HOME.zone}"\n{days}holidays = "DE-BE"\n'
    )
