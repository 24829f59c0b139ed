"""The main contacts of accounts, chosen once a day, so that all surfaces of a day name the same people."""

import datetime as dt

import polars as pl

from mailsignals.signals.facts import Facts
from mailsignals.signals.people import CHAMPION_MAILS, CHAMPION_QUIET, CHAMPION_SPAN
from mailsignals.signals.programs import absences
from mailsignals.signals.signal import window

OF_CHAMPION = 0.5
"""The share of the champion's emails that a further main contact sent, and no fewer than a champion must."""
BOUNCES_SPAN = 90
"""The number of days for which a bounced email counts."""

_WHO = ["account", "person"]


def main_contacts(facts: Facts, as_of: dt.datetime, *, midnight: dt.datetime) -> pl.DataFrame:
    """Return the main contacts of each account: the champion, and people who wrote at least half as much.

    They are chosen as of midnight by their emails in the days 180 to 30 before it, at least 5. Absences, bounces
    and last emails are those up to ``as_of``.

    Args:
        facts: the facts of the accounts.
        as_of: the as-of time.
        midnight: the last midnight of the company's time zone at or before ``as_of``.

    Returns:
        ``account``, ``person``, ``mails`` (in the days 180 to 30 before midnight), ``mails_30`` (since), ``last_at``
        (their last email), ``away_since`` (their automatic reply, if they are away) and ``bounced_at`` (the last bounce
        in 90 days, if they have not written since). Sorted by account, the most emails first.
    """
    since, until = midnight - window(CHAMPION_SPAN), midnight - window(CHAMPION_QUIET)
    sent_at, mails = pl.col("sent_at"), pl.col("mails")
    inbound = facts.touches.filter(~pl.col("outbound"), sent_at > since, sent_at <= as_of)
    found = (
        inbound.group_by(_WHO)
        .agg(
            mails=(sent_at <= until).sum().cast(pl.Int64),
            mails_30=(sent_at > until).sum().cast(pl.Int64),
            last_at=sent_at.max(),
        )
        .filter(mails >= CHAMPION_MAILS)
        .filter(mails >= OF_CHAMPION * mails.max().over("account"))
    )
    return (
        found.join(_away(facts, as_of), on=_WHO, how="left")
        .join(_bounced(facts, as_of), on=_WHO, how="left")
        .sort("account", -mails, "person")
        .collect(engine=facts.engine)
    )


def _away(facts: Facts, as_of: dt.datetime) -> pl.LazyFrame:
    moment = pl.lit(as_of)
    now = absences(facts).filter(pl.col("since") <= moment, moment < pl.col("until"))
    return now.group_by(_WHO).agg(away_since=pl.col("since").max())


def _bounced(facts: Facts, as_of: dt.datetime) -> pl.LazyFrame:
    sent_at = pl.col("sent_at")
    bounces = facts.programs.filter(
        pl.col("kind") == "bounce", sent_at > as_of - window(BOUNCES_SPAN), sent_at <= as_of
    )
    wrote = facts.touches.filter(~pl.col("outbound"), sent_at <= as_of)
    return (
        bounces.group_by(_WHO)
        .agg(bounced_at=sent_at.max())
        .join(wrote.group_by(_WHO).agg(wrote_at=sent_at.max()), on=_WHO, how="left")
        .filter((pl.col("wrote_at") <= pl.col("bounced_at")).fill_null(value=True))
        .drop("wrote_at")
    )
