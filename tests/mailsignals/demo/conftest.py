"""Companies that several tests look at, and their mail as one row a letter with its direction."""

import datetime as dt

import polars as pl
import pytest

from mailsignals.accounts.cells import listed_address
from mailsignals.demo import Simulation, simulate

UNTIL = dt.datetime(2026, 11, 1, 8, 17, 30, tzinfo=dt.UTC)


def letters_of(company: Simulation) -> pl.DataFrame:
    """One row a letter, as its first copy has it, with ``outbound`` and the customer's ``account_id``.

    The account is that of the sender, or of the first recipient of a letter of ours; null for prospects and vendors.
    """
    book = company.accounts.select("account_id", "domains", "contacts")
    places = {
        place: row["account_id"]
        for row in book.iter_rows(named=True)
        for place in [*row["domains"].split(";"), *map(listed_address, row["contacts"].split(";"))]
        if place
    }
    other = pl.when("outbound").then(pl.col("to").list.first()).otherwise("sender")
    return (
        company.messages.sort("sent_at", "mailbox")
        .unique(["message_id", "sender"], keep="first", maintain_order=True)
        .with_columns(outbound=pl.col("sender").str.ends_with("@larkspur.example"))
        .with_columns(other=other)
        .with_columns(
            account_id=pl.coalesce(
                pl.col("other").replace_strict(places, default=None, return_dtype=pl.String),
                pl.col("other")
                .str.split("@")
                .list.last()
                .replace_strict(places, default=None, return_dtype=pl.String),
            )
        )
    )


@pytest.fixture(scope="session")
def company() -> Simulation:
    """A small company."""
    return simulate(accounts=60, seed=4, until=UNTIL)


@pytest.fixture(scope="session")
def letters(company: Simulation) -> pl.DataFrame:
    """The letters of the small company."""
    return letters_of(company)


@pytest.fixture(scope="session")
def portfolio() -> Simulation:
    """A company large enough for rates."""
    return simulate(accounts=300, seed=2, until=UNTIL)


@pytest.fixture(scope="session")
def portfolio_letters(portfolio: Simulation) -> pl.DataFrame:
    """The letters of the large company."""
    return letters_of(portfolio)
