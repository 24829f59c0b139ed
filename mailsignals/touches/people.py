"""Who takes part in a message: addresses as numbers, and what the account book says of each."""

import dataclasses
from collections.abc import Callable, Mapping

import polars as pl

Directory = Callable[[pl.Series], pl.DataFrame]
"""Distinct addresses to ``MATCH_SCHEMA``: ours, an account's, or nobody's."""

RECIPIENTS = ["to", "cc", "bcc"]

GMAIL = r"^(.*)@(?:gmail|googlemail)\.com$"
"""Addresses that Gmail delivers alike, however many dots stand before the at-sign."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class People:
    """Everybody who is named in messages."""

    frame: pl.DataFrame
    """``MATCH_SCHEMA`` after ``person``, the position of the address; each person under one address."""
    spellings: pl.DataFrame
    """``address`` and ``person``: every address as it stands in messages."""

    def numbered(self, address: pl.Expr) -> pl.Expr:
        """The number of whoever an address is of."""
        return address.replace_strict(
            self.spellings["address"], self.spellings["person"], default=None, return_dtype=pl.UInt32
        )


def number_people(messages: pl.LazyFrame, directory: Directory, aliases: Mapping[str, str]) -> People:
    """Number the people of these messages, by their addresses in alphabetical order.

    Args:
        messages: ``MESSAGE_SCHEMA``.
        directory: whose an address is.
        aliases: the address under which somebody is known, of each of their others.
    """
    columns = [
        *(messages.select(address=name).unique() for name in ("sender", "mailbox")),
        *(messages.select(address=name).explode("address").unique() for name in RECIPIENTS),
    ]
    written = pl.concat(columns).drop_nulls().unique().sort("address").collect(engine="streaming")
    spelled = written.with_columns(one=one_address(pl.col("address"), aliases))
    frame = directory(spelled["one"].unique().sort()).sort("address").with_row_index("person")
    return People(
        frame=frame,
        spellings=spelled.join(frame.select("person", one="address"), on="one").select("address", "person"),
    )


def one_address(address: pl.Expr, aliases: Mapping[str, str]) -> pl.Expr:
    """The address under which somebody is known: without Gmail's dots, and the first of several."""
    local, is_gmail = address.str.extract(GMAIL), address.str.contains(GMAIL)
    folded = (
        pl.when(is_gmail).then(local.str.replace_all(".", "", literal=True) + "@gmail.com").otherwise(address)
    )
    return folded.replace(dict(aliases)) if aliases else folded


def recipients(copies: pl.DataFrame, people: People) -> pl.DataFrame:
    """One row for each logical message and each of its recipients, strangers too.

    ``place`` orders the recipients of a message: To before Cc before Bcc, then their order there.
    """
    columns = [
        copies.lazy()
        .select("message", person=name, place=pl.int_ranges(pl.col(name).list.len()) + number * _COLUMN)
        .explode("person", "place")
        .drop_nulls("person")
        for number, name in enumerate(RECIPIENTS)
    ]
    return (
        pl.concat(columns)
        .group_by("message", "person")
        .agg(pl.col("place").min())
        .join(people.frame.lazy().select("person", "internal", "role", "account"), on="person")
        .collect()
    )


def mailbox_owners(copies: pl.LazyFrame, people: People) -> pl.LazyFrame:
    """Return one row for each logical message and each mailbox that holds a copy, in the columns of ``recipients``."""
    return (
        copies.select("message", person="owner")
        .unique()
        .with_columns(place=pl.lit(0, dtype=pl.Int64))
        .join(people.frame.lazy().select("person", "internal", "role", "account"), on="person")
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
