"""What became of flags: whether they were right, and since when that is known."""

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
    """The flags with ``became``, ``known_on`` and ``over``.

    ``became``: the account ``left`` within 120 days after the flag opened; or else somebody says that it was ``kept``,
    or that there was ``no risk``; or else 120 days passed and ``nothing`` happened; null while that is not known.
    ``known_on`` is since when; ``over`` is whether the 120 days have passed.

    Args:
        found: what ``flags`` returned for the instant.
        as_of: the instant.
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
    """Flags of which nothing is known yet, whenever they opened."""
    share: Share
    """Of right ones among those settled; null where none is."""
    fair_from: dt.date | None
    """Until then flags are too young to have been wrong by waiting, so that the share flatters; null if it is fair."""
    earlier: int = 0
    """Flags, of those settled, that opened by another kind of method than today's."""

    @property
    def n(self) -> int:
        """Return the number of flags that were settled."""
        return self.right + self.wrong

    @property
    def text(self) -> str:
        """The figure in words, for people."""
        still = (
            f"of {count_noun(self.open, 'flag')} it is not known yet" if self.open else "none is undecided"
        )
        low, high, value = self.share.low, self.share.high, self.share.value
        if value is None or low is None or high is None:
            return f"No flag was settled in the last quarter; {still}."
        interval = f"({percent(value)}, {100 * low:.0f} to {100 * high:.0f})"
        told = (
            f"The only flag settled in the last quarter was {'right' if self.right else 'wrong'}; {still}."
            if self.n == 1
            else f"Of the {self.n:,} flags settled in the last quarter, {_how_many(self.right)} right {interval}; "
            f"{still}."
        )
        if self.earlier:
            told = f"{told} {self._how_many_earlier} an earlier method."
        if self.fair_from is None:
            return told
        return (
            f"{told} Until {on_day(self.fair_from)} this flatters, because a flag takes 120 days to be wrong."
        )

    @property
    def _how_many_earlier(self) -> str:
        if self.earlier == self.n:
            return "It opened by" if self.n == 1 else "All of them opened by"
        return f"{self.earlier:,} of them opened by"


def _how_many(right: int) -> str:
    """``none was``, ``1 was``, ``12 were``."""
    return f"{right:,} were" if right > 1 else "1 was" if right else "none was"


def precision(
    found: pl.DataFrame, *, as_of: dt.datetime, timezone: str, source: str | None = None
) -> Precision:
    """Return the precision of the flags that people are shown, over the last quarter.

    A flag counts in the quarter in which it was settled, not in which it opened. Of flags that opened in the last 90
    days none has outlasted its 120 days. Only those settled early would count, and these are mostly the right ones.

    Args:
        found: what ``flags`` returned for the date and time.
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
