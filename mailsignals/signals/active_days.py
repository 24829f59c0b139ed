"""Active days: the local days on which an account wrote, which say how often it writes.

A series of 464 mails on one day is one act, so that the pace of an account is counted in days, not in mails.
"""

import polars as pl

from mailsignals.schema import INSTANT
from mailsignals.signals.facts import Facts

ACTIVE_DAY_SCHEMA = pl.Schema(
    {"account": pl.UInt32(), "day": pl.Date(), "first_at": INSTANT, "last_at": INSTANT}
)
"""One row an account and local day with inbound touches: when the first and the last of them were sent.

Sorted by account and day. Until ``last_at`` is over, a reader may use no more than that ``first_at`` has passed.
"""


def active_days(facts: Facts, *, timezone: str) -> pl.DataFrame:
    """Return every day on which an account wrote to us, with its first and last inbound touch.

    Args:
        facts: of all accounts.
        timezone: where days begin; ``company.timezone``.

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
