"""The table behind "My accounts": one row for each account of the book."""

import polars as pl

from mailsignals.prepared.material import Material
from mailsignals.signals.evidence import weekly_mail

WEEKS = 13

FIGURES = (
    "response_hours_median",
    "customer_response_hours_median",
    "thread_response_rate",
    "checkins",
    "inbound",
    "outbound",
)
"""The signals that a list of accounts shows, of 30 and of 90 days."""

COLUMNS = (
    *(
        "account",
        "account_id",
        "name",
        "tier",
        "csm",
        "started_on",
        "churned_on",
        "renewal_on",
        "arr",
        "state",
    ),
    *("level", "risk", "score", "source", "reasons", "news", "away", "flagged_on"),
    *("before_on", "before_risk", "before_score", "before_source"),
    *("days_since_inbound", "days_since_outbound", "last_inbound_person", "last_outbound_person"),
)


def accounts(material: Material) -> pl.DataFrame:
    """The riskiest first.

    Returns:
        ``COLUMNS``; each of ``FIGURES`` with ``_30`` and ``_90``, ``days_since_checkin`` and ``open_turns``; and
        ``theirs`` and ``ours``, the mails of the last 13 weeks as lists, the oldest first.
    """
    weeks = weekly_mail(material.facts, material.as_of, weeks=WEEKS)
    shown = material.rows.select(COLUMNS)
    return shown.join(_figures(material), on="account", how="left", maintain_order="left").join(
        weeks, on="account", how="left", maintain_order="left"
    )


def _figures(material: Material) -> pl.DataFrame:
    found = material.signals
    moment = ("days_since_checkin", "open_turns")
    narrow = found.filter(pl.col("window_days") == 30).select("account", *moment)
    for days in (30, 90):
        of_window = found.filter(pl.col("window_days") == days)
        named = [pl.col(name).alias(f"{name}_{days}") for name in FIGURES]
        narrow = narrow.join(
            of_window.select("account", *named), on="account", how="left", maintain_order="left"
        )
    return narrow
