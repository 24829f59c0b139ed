"""How many people ever wrote, by account."""

import polars as pl

from mailsignals.readmodel.tables.material import Material


def correspondents(material: Material) -> pl.LazyFrame:
    """``account_id``, ``contacts`` (people of the account who wrote to us) and ``colleagues`` (of us, who wrote to it).

    Accounts without mail have no row.
    """
    person, outbound = pl.col("person"), pl.col("outbound")
    ids = pl.lit(material.book["account_id"]).gather(pl.col("account"))
    return (
        material.touches.group_by("account")
        .agg(
            contacts=person.filter(~outbound).n_unique().cast(pl.Int64),
            colleagues=person.filter(outbound).n_unique().cast(pl.Int64),
        )
        .sort("account")
        .select(ids.alias("account_id"), "contacts", "colleagues")
    )
