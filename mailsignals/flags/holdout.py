"""Flags that are held out at random for comparison, to measure the effect of showing flags."""

import dataclasses
import datetime as dt
import hashlib
import hmac

import polars as pl

from mailsignals.flags.outcomes import LEFT, judged_flags
from mailsignals.flags.shares import Share, share_difference, share_of
from mailsignals.wording.numbers import percent

ENOUGH = 30
"""Flags of each kind that a comparison needs."""


def is_holdout(account_id: str, opened_on: dt.date, *, secret: bytes, hold_back: float) -> bool:
    """Return whether a flag is held out: a fixed draw that can't be predicted without the store's secret.

    Args:
        account_id: of the flag's account.
        opened_on: the day on which it opened.
        secret: of the store.
        hold_back: the share of flags that are held out, 0 to 1.
    """
    digest = hmac.digest(secret, f"{opened_on.isoformat()} {account_id}".encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "big") < hold_back * 2**64


@dataclasses.dataclass(frozen=True, kw_only=True)
class HoldoutEffect:
    """Churned accounts among shown flags and among flags held out for comparison, both drawn at random."""

    shown: int
    shown_left: int
    held_back: int
    held_back_left: int
    saved: Share
    """The share that churned among held-out flags minus the share among shown flags, with its interval."""

    @property
    def text(self) -> str:
        """Return the effect in sentences for people."""
        if not self.shown and not self.held_back:
            return (
                "No holdout comparison yet. It needs hold_back above 0 under [model], and 120 days per flag."
            )
        told = (
            f"{self.shown_left:,} of {self.shown:,} accounts with a shown flag churned within 120 days, "
            f"against {self.held_back_left:,} of {self.held_back:,} held out for comparison."
        )
        if min(self.shown, self.held_back) < ENOUGH:
            return f"{told} A comparison needs at least {ENOUGH} of each."
        value, low, high = (figure or 0.0 for figure in (self.saved.value, self.saved.low, self.saved.high))
        if low <= 0 <= high:
            return f"{told} Showing flags saved {_span(value, low, high)}, which may be chance."
        if value < 0:
            return f"{told} Showing flags lost {_span(-value, -high, -low)}."
        return f"{told} Showing flags saved {_span(value, low, high)}."


def holdout_effect(found: pl.DataFrame, *, as_of: dt.datetime, timezone: str) -> HoldoutEffect:
    """Return the effect of showing flags, from flags that were drawn for it and whose 120 days have passed.

    Args:
        found: in ``FLAG_SCHEMA``, at the date and time.
        as_of: the date and time.
        timezone: of days.
    """
    known = judged_flags(found, as_of=as_of, timezone=timezone).filter(
        pl.col("over"), pl.col("held_back").is_not_null()
    )
    shown, shown_left = _counts(known.filter(~pl.col("held_back")))
    held_back, held_back_left = _counts(known.filter(pl.col("held_back")))
    return HoldoutEffect(
        shown=shown,
        shown_left=shown_left,
        held_back=held_back,
        held_back_left=held_back_left,
        saved=share_difference(share_of(held_back_left, held_back), share_of(shown_left, shown)),
    )


def _span(value: float, low: float, high: float) -> str:
    return f"{percent(value)} of accounts (95% interval {percent(low)} to {percent(high)})"


def _counts(rows: pl.DataFrame) -> tuple[int, int]:
    return rows.height, int((rows["became"] == LEFT).sum())
