"""The tables behind the service levels of programs: every ticket, and every answer of ours, by time."""

import polars as pl

from mailsignals.prepared.material import Material
from mailsignals.sla import listing


def ticket_rows(material: Material) -> pl.DataFrame:
    """What `mailsignals sla --tickets` writes without the subjects, the oldest first, and ``account`` by its number."""
    rows = listing.ticket_rows(material.desk).with_columns(number=pl.col("account"))
    named = listing.with_names(
        rows, account_ids=material.book["account_id"], addresses=material.people["address"]
    )
    return (
        listing.with_ids(named)
        .sort("opened_at", "conversation")
        .drop("conversation")
        .rename({"number": "account"})
    )


def answers(material: Material) -> pl.DataFrame:
    """``Desk.sent``, the oldest first, with ``person`` as an address."""
    return material.desk.sent.with_columns(person=_address(material, "person")).sort("sent_at", "person")


def _address(material: Material, column: str) -> pl.Expr:
    return pl.lit(material.people["address"]).gather(pl.col(column))
