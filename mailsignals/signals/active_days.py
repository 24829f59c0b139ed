"""Active days: the local days on which an account wrote.

The pace of an account is counted in days, not in emails: 464 emails sent on one day are one act.
"""

import polars as pl

from mailsignals.schema import INSTANT
from mailsignals.signals.facts import Facts

ACTIVE_DAY_SCHEMA = pl.Schema(
    {"account": pl.UInt32(), "day": pl.Date(), "first_at": INSTANT, "last_at": INSTANT}
)
"""One row per account and local day with inbound touches: the times of the first and the last of them.

Sorted by account and day. As of a time before ``last_at`` only ``first_at`` may be used.
"""


def active_days(facts: Facts, *, timezone: str) -> pl.DataFrame:
    """Return every day with inbound touches of an account, with the times of the first and the last.

    Args:
        facts: the facts of all accounts.
        timezone: the time zone in which days begin (``company.timezone``).

    Returns:
        ``ACTIVE_DAY_SCHEMA``.
    """
    sent_at = pl.col("sent_at")
    return (
        facts.touches.filter(~pl.col("outbound"))
        .group_by("account", day=sent_at.dt.convert_time_zone(timezone).dt.date())
        .agg(first_at=sent_at.min(), last_at=sent_at.max())
        .sort("account", "day")
        .collect(engine=facts.engine)
    )
