"""The tables behind the service levels of programs: every ticket, and every answer of ours, by time."""

import polars as pl

from mailsignals.readmodel.tables.material import Material


def ticket_rows(material: Material) -> pl.DataFrame:
    """What `mailsignals sla --tickets` writes without the subjects, the oldest first, and ``account`` by its number."""
    return material.tickets.sort("opened_at", "conversation").drop("conversation")


def tickets_by_account(material: Material) -> pl.DataFrame:
    """The same by account, so that those of one are found together; the oldest of each first."""
    ordered = material.tickets.sort("account_id", "opened_at", "conversation")
    return ordered.drop("conversation")


def answers(material: Material) -> pl.DataFrame:
    """``Desk.sent``, the oldest first, with ``person`` as an address."""
    return material.desk.sent.with_columns(person=_address(material, "person")).sort("sent_at", "person")


def _address(material: Material, column: str) -> pl.Expr:
    return pl.lit(material.people["address"]).gather(pl.col(column))
