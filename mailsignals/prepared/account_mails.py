"""One account's mails, one by one and by week: a row a touch, as far back as figures look, with its subject if kept."""

import datetime as dt

import polars as pl

from mailsignals.prepared.material import Material
from mailsignals.schema import INSTANT

DAYS = 365
"""How far back single mails and answers go; every figure of an account looks back less far."""
WEEKS = 104


def mails(material: Material) -> pl.LazyFrame:
    """A row a touch of the last ``DAYS``, by account.

    Returns:
        ``account``, ``sent_at``, ``outbound``, ``role``, ``person``, ``addressee`` (numbers), ``urgent``, ``opening``,
        ``again``, ``conversation``, and ``subject``: null where none is kept.
    """
    sent_at = pl.col("sent_at")
    recent = sent_at.is_between(*since(material.as_of, DAYS), closed="right")
    touches = material.facts.touches.filter(recent).select(
        *("account", "sent_at", "outbound", "role", "person", "addressee"),
        *("urgent", "opening", "again", "conversation"),
    )
    if material.settings.privacy.subjects != "keep":
        return touches.with_columns(subject=pl.lit(None, dtype=pl.String))
    number = pl.col("sender").replace_strict(
        material.people["address"], material.people["person"], default=None, return_dtype=pl.UInt32
    )
    subjects = (
        material.messages.filter(recent, pl.col("subject").is_not_null())
        .select("sent_at", "subject", person=number)
        .drop_nulls("person")
        .group_by("person", "sent_at")
        .agg(pl.col("subject").min())
    )
    return touches.join(subjects, on=["person", "sent_at"], how="left", maintain_order="left")


def weeks(material: Material) -> pl.DataFrame:
    """Mails of either side by week of the company's calendar, by account: ``week_on`` (a Monday), ``theirs``, ``ours``.

    The weeks with mail among the last ``WEEKS``; the last of them is not over yet.
    """
    week_on = (
        pl.col("sent_at")
        .dt.convert_time_zone(material.settings.company.timezone)
        .dt.truncate("1w")
        .dt.date()
        .alias("week_on")
    )
    recent = pl.col("sent_at").is_between(*since(material.as_of, 7 * WEEKS), closed="right")
    return (
        material.facts.touches.filter(recent)
        .group_by("account", week_on)
        .agg(theirs=(~pl.col("outbound")).sum(), ours=pl.col("outbound").sum())
        .sort("account", "week_on")
        .collect(engine=material.facts.engine)
    )


def since(as_of: dt.datetime, days: int) -> tuple[pl.Expr, pl.Expr]:
    """The window of so many days up to an instant; its beginning does not belong to it."""
    return pl.lit(as_of - dt.timedelta(days=days), dtype=INSTANT), pl.lit(as_of, dtype=INSTANT)
