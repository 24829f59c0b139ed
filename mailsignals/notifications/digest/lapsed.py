"""Accounts silent for over 90 days: the new ones, and how many such customers write again; pure."""

import dataclasses
import datetime as dt
from collections.abc import Iterable

from mailsignals.notifications.digest.card import Row
from mailsignals.notifications.digest.links import Links
from mailsignals.risk.state import LAPSED_DAYS
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
    """The address of its page in the dashboard; None without a dashboard."""


def newly_lapsed(rows: Iterable[Row], *, since: dt.datetime) -> list[Row]:
    """Return the accounts that lapsed after a date and time, in their order.

    Args:
        rows: of accounts; ``last_inbound_at`` decides when an account lapsed.
        since: the time of the CSM's last digest.
    """
    silent = dt.timedelta(days=LAPSED_DAYS)
    return [row for row in rows if row["state"] == LAPSED and row["last_inbound_at"] + silent > since]


def lapsed_words(row: Row) -> str:
    """Return how long a lapsed account has been silent, and how many customers write again after that long."""
    return back_again_words(row["days_since"], row["back_again"])


def account_line(row: Row, told: str, *, links: Links | None) -> AccountLine:
    """Return a line about an account, with the address of its page."""
    return AccountLine(
        account_id=row["account_id"],
        name=row["name"],
        told=told,
        url=links.account(row["account_id"]) if links else None,
    )
