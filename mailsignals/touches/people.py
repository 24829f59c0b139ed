"""Who takes part in a message: addresses as numbers, and what the account book says of each."""

from collections.abc import Callable

import polars as pl

Directory = Callable[[pl.Series], pl.DataFrame]
"""Distinct addresses to ``MATCH_SCHEMA``: ours, an account's, or nobody's."""

RECIPIENTS = ["to", "cc", "bcc"]


def number_people(messages: pl.LazyFrame, directory: Directory) -> pl.DataFrame:
    """Every address once, in alphabetical order, with its match; ``person`` is its position."""
    columns = [
        messages.select(address="sender").unique(),
        *(messages.select(address=name).explode("address").unique() for name in RECIPIENTS),
    ]
    addresses = (
        pl.concat(columns).drop_nulls().unique().sort("address").collect(engine="streaming")["address"]
    )
    return directory(addresses).sort("address").with_row_index("person")


def recipients(copies: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """One row for each logical message and each of its recipients that is ours or an account's."""
    known = people.lazy().filter(pl.col("internal") | pl.col("account").is_not_null())
    columns = [
        copies.lazy().select("message", person=name).explode("person").drop_nulls() for name in RECIPIENTS
    ]
    return (
        pl.concat(columns)
        .join(known, on="person", how="inner")
        .select("message", "person", "internal", "role", "account")
        .unique()
        .collect()
    )
