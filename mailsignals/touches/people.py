"""The people of messages: addresses as numbers, each matched to your team or an account."""

import dataclasses
from collections.abc import Callable, Mapping

import polars as pl

Directory = Callable[[pl.Series], pl.DataFrame]
"""A function from distinct addresses to ``MATCH_SCHEMA``: internal, of an account, or neither."""

RECIPIENTS = ["to", "cc", "bcc"]

GMAIL = r"^(.*)@(?:gmail|googlemail)\.com$"
"""Addresses of Gmail, which ignores dots before the at-sign."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class People:
    """All people who are named in messages."""

    frame: pl.DataFrame
    """``MATCH_SCHEMA`` after ``person``, the position of the address; each person with one address."""
    spellings: pl.DataFrame
    """``address`` and ``person``: every address as written in messages."""

    def numbered(self, address: pl.Expr) -> pl.Expr:
        """Return an expression for the number of an address's person."""
        return address.replace_strict(
            self.spellings["address"], self.spellings["person"], default=None, return_dtype=pl.UInt32
        )


def number_people(messages: pl.LazyFrame, directory: Directory, aliases: Mapping[str, str]) -> People:
    """Return the people of these messages, numbered by their addresses in alphabetical order.

    Args:
        messages: ``MESSAGE_SCHEMA``.
        directory: the rules that match addresses to your team and accounts.
        aliases: the main address of a person, by each of their other addresses.
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
    """Return an expression for the main address of a person: without Gmail's dots, and with aliases replaced."""
    local, is_gmail = address.str.extract(GMAIL), address.str.contains(GMAIL)
    folded = (
        pl.when(is_gmail).then(local.str.replace_all(".", "", literal=True) + "@gmail.com").otherwise(address)
    )
    return folded.replace(dict(aliases)) if aliases else folded


def recipients(copies: pl.DataFrame, people: People) -> pl.DataFrame:
    """Return one row for each logical message and each of its recipients, strangers too.

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
    """Return an aggregation of a message's internal recipients to its addressee, a person's number.

    It is the first recipient of support, else the first recipient; ties go by address.
    """
    other = (pl.col("role") != "support").cast(pl.Int64)
    ranked = (other * _OTHERS + pl.col("place").clip(upper_bound=_OTHERS - 1)) * _PERSONS + pl.col("person")
    return (ranked.min() % _PERSONS).cast(pl.UInt32)


_COLUMN = 1 << 16
"""More than the number of recipients in any column."""
_OTHERS = 1 << 20
_PERSONS = 1 << 32
