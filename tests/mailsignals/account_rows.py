"""The mails and turns of an account at an instant, as an edition has them for its page."""

import datetime as dt
from collections.abc import Mapping

import polars as pl

from mailsignals.signals.facts import Facts
from mailsignals.signals.provenance import MAILS, TURNS
from mailsignals.units import hours

AccountRows = Mapping[str, pl.DataFrame]
"""The rows of one account by their kind."""


def account_rows(found: Facts, at: dt.datetime) -> dict[int, AccountRows]:
    """All rows of each account up to the instant; what is answered later is open."""
    account, started_at, answered_at = pl.col("account"), pl.col("started_at"), pl.col("answered_at")
    mails = found.touches.filter(pl.col("sent_at") <= at).collect()
    turns = (
        found.turns.filter(started_at <= at)
        .with_columns(answered_at=pl.when(answered_at <= at).then(answered_at))
        .with_columns(
            hours=hours(answered_at - started_at),
            open_hours=pl.when(answered_at.is_not_null()).then(
                found.promises.open_hours(account, started_at, pl.coalesce(answered_at, started_at))
            ),
        )
        .collect()
    )
    return {
        number: {kind: rows.filter(account == number) for kind, rows in ((MAILS, mails), (TURNS, turns))}
        for number in found.accounts
    }
