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
    """One row for each logical message and each of its recipients that is ours or an account's.

    ``place`` orders the recipients of a message: To before Cc before Bcc, then their order there.
    """
    known = people.lazy().filter(pl.col("internal") | pl.col("account").is_not_null())
    columns = [
        copies.lazy()
        .select("message", person=name, place=pl.int_ranges(pl.col(name).list.len()) + number * _COLUMN)
        .explode("person", "place")
        .drop_nulls("person")
        for number, name in enumerate(RECIPIENTS)
    ]
    return (
        pl.concat(columns)
        .join(known, on="person", how="inner")
        .group_by("message", "person")
        .agg(pl.first("internal", "role", "account"), pl.col("place").min())
        .collect()
    )


def addressee() -> pl.Expr:
    """Of a message's internal recipients the first who is support, else the first; equals go by address."""
    other = (pl.col("role") != "support").cast(pl.Int64)
    ranked = (other * _OTHERS + pl.col("place").clip(upper_bound=_OTHERS - 1)) * _PERSONS + pl.col("person")
    return (ranked.min() % _PERSONS).cast(pl.UInt32)


_COLUMN = 1 << 16
"""More recipients than a column has."""
_OTHERS = 1 << 20
_PERSONS = 1 << 32
