"""What is known of one account besides its mail: what it scored day by day, its figures, its tickets, its columns."""

import polars as pl

from mailsignals.readmodel.tables.account_mails import DAYS, since
from mailsignals.readmodel.tables.material import Material
from mailsignals.schema import BOOK_SCHEMA
from mailsignals.sla.ticket_rows import ticket_rows
from mailsignals.store.tables.scores import SCORES_SCHEMA


def scores(material: Material) -> pl.DataFrame:
    """What was recorded, by account and day: ``account`` and ``SCORES_SCHEMA``; of accounts of the book."""
    numbers = material.book.select("account_id", account=pl.int_range(pl.len(), dtype=pl.UInt32))
    return (
        material.scores.join(numbers, on="account_id", how="inner")
        .select("account", *SCORES_SCHEMA.names())
        .sort("account", "scored_on")
    )


def figures(material: Material) -> pl.DataFrame:
    """Every signal, by account and window."""
    return material.signals.sort("account", "window_days")


def parts(material: Material) -> pl.DataFrame:
    """What adds to the score or to the model's index, by account: ``parts``, null where nothing is judged."""
    return material.rows.select("account", "parts").sort("account")


def further(material: Material) -> pl.DataFrame:
    """The further columns of the account book, by account."""
    columns = [name for name in material.book.columns if name not in BOOK_SCHEMA.names()]
    return material.book.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("account"),
        pl.struct(columns).alias("further") if columns else pl.lit(None).alias("further"),
    )


def tickets(material: Material) -> pl.DataFrame:
    """The tickets of the last ``DAYS``, by account, as ``ticket_rows`` has them."""
    recent = pl.col("opened_at").is_between(*since(material.as_of, DAYS), closed="right")
    return ticket_rows(material.desk).filter(recent).sort("account", "opened_at")
