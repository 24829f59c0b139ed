"""Outcomes of flags: right, wrong or undecided, and the day on which that became known."""

import dataclasses
import datetime as dt

import polars as pl

from mailsignals.clock import local_date
from mailsignals.flags.episodes import DISMISSED, SAVED
from mailsignals.flags.method import kind_of_source
from mailsignals.flags.shares import Share, share_of
from mailsignals.wording.numbers import count_noun, on_day, percent
from models.alarms import LOOK_AHEAD_DAYS

QUARTER = dt.timedelta(days=90)
LOOK_AHEAD = dt.timedelta(days=LOOK_AHEAD_DAYS)
LEFT, KEPT, NO_RISK, NOTHING = "left", "kept", "no risk", "nothing"
RIGHT = (LEFT, KEPT)


def judged_flags(found: pl.DataFrame, *, as_of: dt.datetime, timezone: str) -> pl.DataFrame:
    """Return flags with ``became``, ``known_on`` and ``over``.

    ``became``: ``left`` if the account churned within 120 days after the flag opened; else ``kept`` or ``no risk`` by
    feedback; else ``nothing`` after 120 days; null before. ``known_on`` is the day from which that is known; ``over``
    is true after the 120 days.

    Args:
        found: in ``FLAG_SCHEMA``, at the date and time.
        as_of: the date and time.
        timezone: of days.
    """
    today = local_date(as_of, timezone)
    last = pl.col("opened_on") + LOOK_AHEAD
    over = last < today
    left = pl.col("churned_on").is_between(pl.col("opened_on"), last)
    said_on = pl.col("since_at").dt.convert_time_zone(timezone).dt.date()
    became = (
        pl.when(left)
        .then(pl.lit(LEFT))
        .when(pl.col("state") == SAVED)
        .then(pl.lit(KEPT))
        .when(pl.col("state") == DISMISSED)
        .then(pl.lit(NO_RISK))
        .when(over)
        .then(pl.lit(NOTHING))
    )
    known_on = (
        pl.when(left)
        .then("churned_on")
        .when(pl.col("state").is_in([SAVED, DISMISSED]))
        .then(said_on)
        .when(over)
        .then(last)
    )
    return found.with_columns(became=became, known_on=known_on, over=over)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Precision:
    """The number of right and wrong flags among those settled in the last quarter."""

    right: int
    wrong: int
    open: int
    """The number of undecided flags, whenever they opened."""
    share: Share
    """The share of right flags among the settled ones; null without any."""
    fair_from: dt.date | None
    """The day from which the share is fair; before, flags are too young to be wrong. None if it is fair now."""
    earlier: int = 0
    """The number of settled flags that opened under another kind of method than today's."""

    @property
    def n(self) -> int:
        """Return the number of flags that were settled."""
        return self.right + self.wrong

    @property
    def text(self) -> str:
        """Return the precision of flags in a few sentences."""
        return " ".join(
            sentence for sentence in (self._settled, self._by_method, self._undecided, self._bias) if sentence
        )

    @property
    def _settled(self) -> str:
        low, high, value = self.share.low, self.share.high, self.share.value
        if value is None or low is None or high is None:
            return "No flag was settled in the last quarter."
        if self.n == 1:
            return f"The only flag settled in the last quarter was {'right' if self.right else 'wrong'}."
        were = "was" if self.right == 1 else "were"
        interval = f"{percent(value)}; 95% interval {percent(low)} to {percent(high)}"
        return f"{self.right:,} of {self.n:,} flags settled in the last quarter {were} right ({interval})."

    @property
    def _by_method(self) -> str:
        if not self.earlier:
            return ""
        if self.earlier == self.n:
            return f"{'It' if self.n == 1 else 'All of them'} opened under an earlier method."
        return f"{self.earlier:,} of them opened under an earlier method."

    @property
    def _undecided(self) -> str:
        return (
            f"{count_noun(self.open, 'flag')} {'is' if self.open == 1 else 'are'} undecided."
            if self.open
            else ""
        )

    @property
    def _bias(self) -> str:
        if self.fair_from is None or not self.n:
            return ""
        return f"The share is too high until {on_day(self.fair_from)}, because a flag needs 120 days to be wrong."


def precision(
    found: pl.DataFrame, *, as_of: dt.datetime, timezone: str, source: str | None = None
) -> Precision:
    """Return the precision of the flags that people are shown, over the last quarter.

    A flag counts in the quarter in which it was settled, not in which it opened. Of flags that opened in the last 90
    days none has outlasted its 120 days. Only those settled early would count, and these are mostly the right ones.

    Args:
        found: in ``FLAG_SCHEMA``, at the date and time.
        as_of: the date and time.
        timezone: of days.
        source: of today's risk, so that flags which opened by another kind of method are counted apart.
    """
    today = local_date(as_of, timezone)
    seen = judged_flags(found, as_of=as_of, timezone=timezone).filter(
        ~pl.col("held_back").fill_null(value=False)
    )
    settled = seen.filter(pl.col("known_on") > today - QUARTER)
    right = settled.filter(pl.col("became").is_in(RIGHT)).height
    first: dt.date | None = seen.select(pl.col("opened_on").min()).item()
    kinds = [kind_of_source(each) for each in settled["opening_source"]]
    fair_from = None if first is None else first + LOOK_AHEAD + QUARTER
    return Precision(
        right=right,
        wrong=settled.height - right,
        open=seen.filter(pl.col("became").is_null()).height,
        share=share_of(right, settled.height),
        fair_from=fair_from if fair_from is not None and fair_from > today else None,
        earlier=0 if source is None else sum(kind != kind_of_source(source) for kind in kinds),
    )
