"""Signals of people: the breadth of contacts on either side, and the silence of the main contact."""

from collections.abc import Callable

import polars as pl

from mailsignals.signals.facts import Facts
from mailsignals.signals.instants import BEFORE, CHANGE, KEYS, Instants
from mailsignals.signals.provenance import INBOUND_MAILS, OUTBOUND_MAILS
from mailsignals.signals.signal import Signal, count, window
from mailsignals.units import in_steps

CHAMPION_SPAN, CHAMPION_QUIET, CHAMPION_MAILS = 180, 30, 5
"""The champion has the most inbound emails, 5 or more, in the days 180 to 30 ago; quiet is 30 days without one."""


def _breadth(side: str, people: str) -> pl.Expr:
    """The exponential of the Shannon entropy of emails by person, from measures; null where nobody wrote."""
    mails = pl.col(side)
    entropy = mails.log() - pl.col(f"{side}_mails_log_mails") / mails
    return pl.when(pl.col(people) == 1).then(1.0).when(mails > 0).then(entropy.exp())


def _breadth_of_rows() -> pl.Expr:
    """The exponential of the Shannon entropy of emails by person, from one row per email."""
    mails = pl.col("person").value_counts().struct.field("count")
    whole = mails.sum()
    return pl.when(whole > 0).then((-(mails / whole * (mails / whole).log()).sum()).exp())


SIGNALS = (
    Signal(
        "active_contacts",
        "people",
        "People at the customer who wrote to us.",
        count("active_contacts"),
        rows=INBOUND_MAILS,
        from_rows=pl.col("person").n_unique().cast(pl.Int64),
    ),
    Signal(
        "contact_breadth",
        "people",
        "Effective number of people behind the customer's mail (exponential of its entropy); 1 is a single person.",
        _breadth("inbound", "active_contacts"),
        rows=INBOUND_MAILS,
        from_rows=_breadth_of_rows(),
    ),
    Signal(
        "our_breadth",
        "people",
        "Effective number of people behind our mail (exponential of its entropy); 1 is a single person.",
        _breadth("outbound", "active_actors"),
        rows=OUTBOUND_MAILS,
        from_rows=_breadth_of_rows(),
    ),
)

MOMENT_SIGNALS = (
    Signal(
        "champion_quiet",
        "yes or no",
        "Yes if the contact who wrote most half a year ago has been silent for 30 days.",
        pl.col("champion_quiet"),
        rows=INBOUND_MAILS.where(pl.col("person") == pl.col("champion")).over(CHAMPION_SPAN),
        from_rows=None,
    ),
)


def measures(facts: Facts, instants: Instants, days: int) -> list[pl.LazyFrame]:
    """Return the number of people who wrote and the sum of n log n over their n emails, per side, as changes.

    Entropy follows from them.
    """
    sent_at = pl.col("sent_at")
    mails = instants.counts(
        facts.touches.select("account", "outbound", "person", "sent_at"),
        ["account", "outbound", "person"],
        {"mails": (sent_at, sent_at + window(days))},
    )
    inbound, outbound = ~pl.col("outbound"), pl.col("outbound")
    active = _change(lambda n: (n > 0).cast(pl.Float64))
    information = _change(lambda n: pl.when(n > 0).then(in_steps(n * n.log())).otherwise(0.0))
    return [
        mails.group_by(KEYS).agg(
            active.filter(inbound).sum().alias(f"{CHANGE}active_contacts"),
            active.filter(outbound).sum().alias(f"{CHANGE}active_actors"),
            information.filter(inbound).sum().alias(f"{CHANGE}inbound_mails_log_mails"),
            information.filter(outbound).sum().alias(f"{CHANGE}outbound_mails_log_mails"),
        )
    ]


def _change(of: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """The change of a function of the number of emails."""
    return of(pl.col("mails")) - of(pl.col(f"{BEFORE}mails"))


def people_moments(facts: Facts, instants: Instants) -> list[pl.LazyFrame]:
    """Return the main contact of each account and whether they are silent, by account and as-of time."""
    return [champions(facts, instants)]


def champions(facts: Facts, instants: Instants) -> pl.LazyFrame:
    """Return the main contact of each account, with their emails, by account and as-of time.

    The columns are ``champion`` (a person), ``champion_mails`` (days 180 to 30 ago), ``champion_mails_30`` (since) and
    ``champion_quiet`` (no email in 30 days).
    """
    sent_at = pl.col("sent_at")
    recently, long_ago = window(CHAMPION_QUIET), window(CHAMPION_SPAN)
    mails = instants.counts(
        facts.touches.filter(~pl.col("outbound")).select("account", "person", "sent_at"),
        ["account", "person"],
        {"earlier": (sent_at + recently, sent_at + long_ago), "lately": (sent_at, sent_at + recently)},
    )
    most = pl.struct(-pl.col("earlier"), "person")
    return (
        instants.spread(mails.filter(pl.col("earlier") >= CHAMPION_MAILS))
        .group_by(KEYS)
        .agg(pl.col("person", "earlier", "lately").sort_by(most).first())
        .select(
            *KEYS,
            champion="person",
            champion_mails="earlier",
            champion_mails_30="lately",
            champion_quiet=pl.col("lately") == 0,
        )
    )
