"""Flags that are held back at random, so that one learns whom a call saves."""

import dataclasses
import datetime as dt
import hashlib
import hmac

import polars as pl

from mailsignals.flags.outcomes import LEFT, judged_flags
from mailsignals.flags.shares import Share, share_difference, share_of
from mailsignals.wording.numbers import count_noun, percent

SECRET = "hold-back"  # noqa: S105  # the name of its file
ENOUGH = 30
"""Flags of each kind under which a difference says nothing."""


def is_holdout(account_id: str, opened_on: dt.date, *, secret: bytes, hold_back: float) -> bool:
    """Return whether a flag is held back: a fixed draw that nobody can predict without the store's secret.

    Args:
        account_id: whose flag.
        opened_on: the day on which it opened.
        secret: of the store.
        hold_back: the share of flags that are held back, 0 to 1.
    """
    digest = hmac.digest(secret, f"{opened_on.isoformat()} {account_id}".encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "big") < hold_back * 2**64


@dataclasses.dataclass(frozen=True, kw_only=True)
class HoldoutEffect:
    """The number of churned accounts among flags shown and flags held back, both chosen by lot."""

    shown: int
    shown_left: int
    held_back: int
    held_back_left: int
    saved: Share
    """The share that churned among flags held back minus the share among flags shown, with its interval."""

    @property
    def text(self) -> str:
        """Return the effect in sentences for people."""
        if not self.shown and not self.held_back:
            return (
                "Nothing was learnt from holding flags back yet: it takes 120 days to know what becomes of one, and "
                "hold_back under [model] above 0."
            )
        shown, held_back = count_noun(self.shown, "flag"), count_noun(self.held_back, "flag")
        told = (
            f"Of {shown} that were shown by lot {self.shown_left} left within 120 days, "
            f"of {held_back} that were held back {self.held_back_left}."
        )
        if min(self.shown, self.held_back) < ENOUGH:
            return f"{told} These are too few to say anything: it takes {ENOUGH} of each."
        value, low, high = (figure or 0.0 for figure in (self.saved.value, self.saved.low, self.saved.high))
        if low <= 0 <= high:
            return f"{told} Telling people saved {_span(value, low, high)}: that may be chance."
        if value < 0:
            return f"{told} Telling people lost {_span(-value, -high, -low)}."
        return f"{told} Telling people saved {_span(value, low, high)}."


def holdout_effect(found: pl.DataFrame, *, as_of: dt.datetime, timezone: str) -> HoldoutEffect:
    """Return the effect of showing flags, from flags that were drawn for it and whose 120 days have passed.

    Args:
        found: what ``flags`` returned for the instant.
        as_of: the instant.
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
    return f"{percent(value)} of accounts ({percent(low)} to {percent(high)})"


def _counts(rows: pl.DataFrame) -> tuple[int, int]:
    return rows.height, int((rows["became"] == LEFT).sum())
