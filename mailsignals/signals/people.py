"""How many people carry the account, on either side, and whether the main one went quiet."""

import polars as pl

from mailsignals.signals.facts import Facts
from mailsignals.signals.instants import KEYS, Instants
from mailsignals.signals.signal import Signal, window

CHAMPION_SPAN, CHAMPION_QUIET, CHAMPION_MAILS = 180, 30, 5
"""The champion has the most inbound mails, 5 or more, in the days 180 to 30 ago; quiet is 30 days without one."""

SIGNALS = (
    Signal(
        "active_contacts",
        "people",
        "How many people of the customer wrote to us.",
        pl.col("active_contacts").fill_null(0),
    ),
    Signal(
        "contact_breadth",
        "people",
        "Over how many people the customer's mail is spread, as the exponential of its entropy: 1 is all on one.",
        pl.col("contact_breadth"),
    ),
    Signal("our_breadth", "people", "The same for our mail, by who of us wrote it.", pl.col("our_breadth")),
)

MOMENT_SIGNALS = (
    Signal(
        "champion_quiet",
        "yes or no",
        "Whether the contact who wrote most half a year back has been silent for 30 days.",
        pl.col("champion_quiet"),
    ),
)


def measures(facts: Facts, instants: Instants, days: int) -> list[pl.LazyFrame]:
    """Distinct people and the entropy of who writes."""
    sent_at = pl.col("sent_at")
    mails = (
        instants.stack(
            facts.touches.select("account", "sent_at", "outbound", "person"),
            since=sent_at,
            until=sent_at + window(days),
        )
        .group_by(*KEYS, "outbound", "person")
        .agg(mails=pl.len().cast(pl.Float64))
    )
    return [
        mails.group_by(KEYS).agg(
            active_contacts=(~pl.col("outbound")).sum().cast(pl.Int64),
            contact_breadth=_breadth(pl.col("mails").filter(~pl.col("outbound"))),
            our_breadth=_breadth(pl.col("mails").filter(pl.col("outbound"))),
        )
    ]


def moments(facts: Facts, instants: Instants) -> list[pl.LazyFrame]:
    """Whether the champion is quiet."""
    return [champions(facts, instants)]


def champions(facts: Facts, instants: Instants) -> pl.LazyFrame:
    """``champion`` (a person), ``champion_mails`` half a year back, ``champion_mails_30``, ``champion_quiet``."""
    sent_at = pl.col("sent_at")
    recent = sent_at > pl.col("as_of") - window(CHAMPION_QUIET)
    most = pl.struct(-pl.col("before").cast(pl.Int64), "person")
    return (
        instants.stack(
            facts.touches.filter(~pl.col("outbound")).select("account", "sent_at", "person"),
            since=sent_at,
            until=sent_at + window(CHAMPION_SPAN),
        )
        .group_by(*KEYS, "person")
        .agg(before=(~recent).sum(), lately=recent.sum())
        .filter(pl.col("before") >= CHAMPION_MAILS)
        .group_by(KEYS)
        .agg(pl.col("person", "before", "lately").sort_by(most).first())
        .select(
            *KEYS,
            champion="person",
            champion_mails="before",
            champion_mails_30="lately",
            champion_quiet=pl.col("lately") == 0,
        )
    )


def _breadth(mails: pl.Expr) -> pl.Expr:
    total = mails.sum()
    entropy = total.log() - (mails * mails.log()).sum() / total
    return pl.when(total > 0).then(entropy.exp())
