"""Who writes in an account, on either side: since when, how much, and who of them went quiet or was followed."""

import datetime as dt

import polars as pl

from mailsignals.engines import engine_of
from mailsignals.prepared.account_mails import since
from mailsignals.prepared.material import Material
from mailsignals.signals.people import CHAMPION_MAILS, CHAMPION_QUIET, CHAMPION_SPAN

HANDED_OVER, WENT_QUIET, NEW, ACTIVE, PAST = "handed over", "went quiet", "new", "active", "past"
NEW_DAYS, ACTIVE_DAYS = 30, 90
CONTACT_STATES = {
    HANDED_OVER: "went quiet, and somebody who had not written before went on with one of their conversations",
    WENT_QUIET: f"{CHAMPION_MAILS} mails or more from {CHAMPION_SPAN} to {CHAMPION_QUIET} days ago, and none since",
    NEW: f"first wrote in the last {NEW_DAYS} days",
    ACTIVE: f"wrote in the last {ACTIVE_DAYS} days",
    PAST: f"has not written for {ACTIVE_DAYS} days",
}
"""What can be said of a contact, in the order in which it is asked, and what each means."""

_WHO = ("account", "person")
_SENT = pl.col("sent_at")


def people(material: Material) -> pl.DataFrame:
    """``address`` of everybody, at their numbers."""
    return material.people.select("address")


def contacts(material: Material) -> pl.DataFrame:
    """Every person of a customer who ever wrote, by account, who wrote last on top.

    Returns:
        ``account``, ``person``, ``first_at``, ``last_at``, ``mails_30``, ``mails_90``, ``mails_90_before``,
        ``share_90`` (of the account's mails), ``champion``, ``state`` and ``successor`` (of whom is handed over).
    """
    inbound = _touches(material, outbound=False)
    found = _counted(inbound, material.as_of)
    quiet = found.filter((pl.col("earlier") >= CHAMPION_MAILS) & (pl.col("mails_30") == 0))
    followed = _successors(inbound, found, quiet, material.as_of)
    champion = material.rows.select("account", person="champion").drop_nulls().with_columns(champion=True)
    went_quiet = (pl.col("earlier") >= CHAMPION_MAILS) & (pl.col("mails_30") == 0)
    state = (
        pl.when(pl.col("successor").is_not_null())
        .then(pl.lit(HANDED_OVER))
        .when(went_quiet)
        .then(pl.lit(WENT_QUIET))
        .when(pl.col("first_at") > _ago(material.as_of, NEW_DAYS))
        .then(pl.lit(NEW))
        .when(pl.col("mails_90") > 0)
        .then(pl.lit(ACTIVE))
        .otherwise(pl.lit(PAST))
    )
    return (
        found.join(followed, on=_WHO, how="left")
        .join(champion, on=_WHO, how="left")
        .with_columns(pl.col("champion").fill_null(value=False), state=state)
        .drop("earlier", "role")
        .sort("account", "last_at", "person", descending=[False, True, False])
    )


def colleagues(material: Material) -> pl.DataFrame:
    """Those of us who ever wrote to a customer, by account, who wrote last on top; without what is of contacts alone.

    Returns:
        ``account``, ``person``, ``role``, ``first_at``, ``last_at``, ``mails_30``, ``mails_90``, ``mails_90_before``
        and ``share_90`` (of our mails to the account).
    """
    found = _counted(_touches(material, outbound=True), material.as_of)
    return found.drop("earlier").sort("account", "last_at", "person", descending=[False, True, False])


def _touches(material: Material, *, outbound: bool) -> pl.LazyFrame:
    return material.facts.touches.filter(
        pl.col("outbound") == outbound, since(material.as_of, 0)[1] >= _SENT
    ).select(*_WHO, "sent_at", "role", "conversation")


def _counted(touches: pl.LazyFrame, as_of: dt.datetime) -> pl.DataFrame:
    """Each person's mails of an account by window."""

    def within(newest: int, oldest: int) -> pl.Expr:
        return ((_ago(as_of, oldest) < _SENT) & (_ago(as_of, newest) >= _SENT)).sum()

    found = (
        touches.group_by(_WHO)
        .agg(
            role=pl.col("role").last(),
            first_at=_SENT.min(),
            last_at=_SENT.max(),
            mails_30=within(0, 30),
            mails_90=within(0, 90),
            mails_90_before=within(90, 180),
            earlier=within(CHAMPION_QUIET, CHAMPION_SPAN),
        )
        .collect(engine=engine_of(touches))
    )
    whole = pl.col("mails_90").sum().over("account")
    return found.with_columns(share_90=pl.when(whole > 0).then(pl.col("mails_90") / whole))


def _successors(
    inbound: pl.LazyFrame, found: pl.DataFrame, quiet: pl.DataFrame, as_of: dt.datetime
) -> pl.DataFrame:
    """``successor`` of who went quiet: the first to write in a conversation of theirs, later, who never had before."""
    left = (
        inbound.join(quiet.lazy().select(_WHO), on=_WHO, how="semi")
        .group_by("account", "conversation", left="person")
        .agg(left_at=_SENT.max())
    )
    newcomers = found.lazy().filter(pl.col("first_at") > _ago(as_of, CHAMPION_SPAN)).select(*_WHO, "first_at")
    return (
        inbound.join(newcomers, on=_WHO)
        .join(left, on=["account", "conversation"])
        .filter(pl.col("left_at") < _SENT, pl.col("first_at") > pl.col("left_at"))
        .sort("sent_at", "person")
        .group_by("account", person="left")
        .agg(successor=pl.col("person").first())
        .collect(engine=engine_of(inbound))
    )


def _ago(as_of: dt.datetime, days: int) -> pl.Expr:
    return since(as_of, days)[0]
