"""Accounts that have been silent for over 90 days: who is new among them, and how many such customers write again."""

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable, Mapping

import polars as pl

from mailsignals.accounts.addresses import plain_address
from mailsignals.flags.news import DIGEST
from mailsignals.notifications.digest.card import Row
from mailsignals.notifications.digest.links import Links
from mailsignals.risk.state import LAPSED_DAYS
from mailsignals.store.tables.deliveries import SENT
from mailsignals.wording.risk import back_again_words

LAPSED = "lapsed"
"""The state."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class AccountLine:
    """An account and one line about it."""

    account_id: str
    name: str
    told: str
    url: str | None
    """Its page in the dashboard."""


def digests_sent_at(
    deliveries: pl.DataFrame, csms: Collection[str | None], *, today: dt.date
) -> Mapping[str | None, dt.datetime]:
    """Return when the last digest of a day before today went to each CSM; those who never got one are left out.

    Args:
        deliveries: in ``DELIVERIES_SCHEMA``.
        csms: as the account list has them.
        today: the day of the digest to come.
    """
    sent = deliveries.filter(
        pl.col("kind") == DIGEST, pl.col("state") == SENT, pl.col("due_on") < today
    ).sort("due_on")
    last = dict(sent.select("recipient", "claimed_at").iter_rows())
    addresses = {csm: plain_address(csm) for csm in csms if csm is not None}
    return {csm: last[address] for csm, address in addresses.items() if address in last}


def newly_lapsed(rows: Iterable[Row], *, since: dt.datetime) -> list[Row]:
    """Return the accounts that lapsed after a date and time, in their order.

    Args:
        rows: of accounts; ``last_inbound_at`` decides when an account lapsed.
        since: when the CSM was last told.
    """
    silent = dt.timedelta(days=LAPSED_DAYS)
    return [row for row in rows if row["state"] == LAPSED and row["last_inbound_at"] + silent > since]


def lapsed_words(row: Row) -> str:
    """Return how long a lapsed account has been silent, and how many customers write again after that long."""
    return back_again_words(row["days_since"], row["back_again"])


def account_line(row: Row, told: str, *, links: Links | None) -> AccountLine:
    """Return a line about an account, with the way to its page."""
    return AccountLine(
        account_id=row["account_id"],
        name=row["name"],
        told=told,
        url=links.account(row["account_id"]) if links else None,
    )
