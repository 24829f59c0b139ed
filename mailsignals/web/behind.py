"""What stands behind a figure of an account: the very mails or turns that it counts, and the figure made of them."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

import polars as pl

from mailsignals.schema import INSTANT
from mailsignals.signals.conversations import OPEN_SPAN
from mailsignals.signals.facts import CHECKIN
from mailsignals.signals.people import CHAMPION_SPAN
from mailsignals.signals.pipeline import SIGNALS
from mailsignals.signals.signal import Signal, hours

MAILS: Final = "mails"
TURNS: Final = "turns"
YEAR = 365
"""As far back as single mails are kept at hand."""

DEFINED: Mapping[str, Signal] = MappingProxyType({signal.name: signal for signal in SIGNALS})
"""The signals by name, with their unit and meaning."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Behind:
    """The rows that a figure is made of."""

    of: Literal["mails", "turns"]
    """Touches, known by ``sent_at``, or turns, known by ``started_at``."""
    kept: pl.Expr
    """Which of the account's; may read ``as_of``, ``champion`` (a person) and ``reply_horizon``."""
    figure: pl.Expr | None = None
    """Made of these rows, as the signal is; none where it takes more than the rows."""
    days: int | None = None
    """The window of a figure that has its own."""
    windows: int = 1
    """How many windows it looks back."""


_IN, _OUT = ~pl.col("outbound"), pl.col("outbound")
_ANSWERED, _DUE_AT = pl.col("answered_at").is_not_null(), pl.col("due_at")
_DUE = (pl.col("as_of") >= _DUE_AT).fill_null(value=False)
_COUNT = pl.len().cast(pl.Int64)
_REPLIED = pl.col("answered_at") - pl.col("started_at") <= pl.col("reply_horizon")
_AGE = pl.col("as_of") - pl.col("started_at")


def _entropy(person: str) -> pl.Expr:
    """The exponential of the Shannon entropy of mails by person; null where nobody wrote."""
    mails = pl.col(person).value_counts().struct.field("count")
    whole = mails.sum()
    return pl.when(whole > 0).then((-(mails / whole * (mails / whole).log()).sum()).exp())


def _since(moment: str) -> pl.Expr:
    return (pl.col("as_of").first() - pl.col(moment).max()).dt.total_microseconds() / 8.64e10


def _mails(kept: pl.Expr, figure: pl.Expr | None, **more: int) -> Behind:
    return Behind(of=MAILS, kept=kept, figure=figure, **more)


def _turns(kept: pl.Expr, figure: pl.Expr | None, **more: int) -> Behind:
    return Behind(of=TURNS, kept=kept, figure=figure, **more)


def _answers(side: pl.Expr) -> Behind:
    return _turns(side & _ANSWERED, pl.col("hours").median())


def _slowest(side: pl.Expr) -> Behind:
    return _turns(side & _ANSWERED, pl.col("hours").quantile(0.9, "linear"))


_RECENT = pl.col("sent_at") > pl.col("as_of") - pl.col("window")
_TREND = _RECENT.sum() / (~_RECENT).sum() - 1

BEHIND: Mapping[str, Behind] = MappingProxyType(
    {
        "inbound": _mails(_IN, _COUNT),
        "outbound": _mails(_OUT, _COUNT),
        "inbound_trend": _mails(_IN, pl.when((~_RECENT).any()).then(_TREND), windows=2),
        "chasers": _mails(_IN & pl.col("again"), _COUNT),
        "urgent": _mails(_IN & pl.col("urgent"), _COUNT),
        "active_contacts": _mails(_IN, pl.col("person").n_unique().cast(pl.Int64)),
        "contact_breadth": _mails(_IN, _entropy("person")),
        "our_breadth": _mails(_OUT, _entropy("person")),
        "initiation_share": _turns(pl.col("opening"), _IN.mean()),
        "checkins": _turns(CHECKIN, _COUNT),
        "thread_response_rate": _turns(
            CHECKIN & (pl.col("reply_horizon") <= _AGE), _REPLIED.fill_null(value=False).mean()
        ),
        "unreplied_rate": _turns(_IN & _DUE, (~_ANSWERED).mean()),
        "response_hours_median": _answers(_IN),
        "response_hours_p90": _slowest(_IN),
        "first_response_hours_median": _answers(_IN & pl.col("opening")),
        "response_hours_km_median": _turns(_IN, None),
        "customer_response_hours_median": _answers(_OUT),
        "customer_response_hours_p90": _slowest(_OUT),
        "customer_response_hours_km_median": _turns(_OUT, None),
        "days_since_checkin": _turns(CHECKIN, _since("started_at"), days=YEAR),
        "days_since_inbound": _mails(_IN, _since("sent_at"), days=YEAR),
        "days_since_outbound": _mails(_OUT, _since("sent_at"), days=YEAR),
        "overdue_ratio": _mails(_IN, None, days=180),
        "open_turns": _turns(_IN & ~_ANSWERED, _COUNT, days=OPEN_SPAN),
        "oldest_open_hours": _turns(_IN & ~_ANSWERED, hours(_AGE.max()), days=OPEN_SPAN),
        "champion_quiet": _mails(_IN & (pl.col("person") == pl.col("champion")), None, days=CHAMPION_SPAN),
    }
)
"""Of each signal that can be opened; the visibility gap is of mails that we do not hold."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Basis:
    """What a mark rests on."""

    signal: str
    days: int
    behind: Behind | None = None
    """Where its rows are not those of its signal."""


MARKS: Mapping[str, Basis] = MappingProxyType(
    {
        "inbound_down": Basis(signal="inbound", days=90),
        "champion_quiet": Basis(signal="champion_quiet", days=CHAMPION_SPAN),
        "customer_slower": Basis(signal="customer_response_hours_median", days=30),
        "fewer_answers": Basis(signal="thread_response_rate", days=30),
        "chasing": Basis(signal="chasers", days=30),
        "urgent": Basis(signal="urgent", days=30),
        "overdue_answer": Basis(
            signal="open_turns", days=OPEN_SPAN, behind=_turns(_IN & ~_ANSWERED & _DUE, _COUNT)
        ),
        "we_are_slow": Basis(
            signal="response_hours_median",
            days=30,
            behind=_turns(_IN & (pl.col("open_hours") > 0), pl.col("open_hours").median()),
        ),
        "no_checkin": Basis(signal="days_since_checkin", days=YEAR),
        "single_contact": Basis(signal="contact_breadth", days=90),
    }
)
"""Of each mark, what its number is made of."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Window:
    """Since when rows count, and until when."""

    as_of: dt.datetime
    days: int
    champion: int | None = None
    reply_horizon: dt.timedelta = dt.timedelta(days=7)


def rows_behind(found: pl.DataFrame, behind: Behind, window: Window) -> pl.DataFrame:
    """Those of an account's mails or turns that a figure is made of, the newest first.

    Args:
        found: all of the account, as ``account_mails`` or ``account_answers`` have them.
        behind: which of them.
        window: where it ends, and how long it is.
    """
    moment = "sent_at" if behind.of == MAILS else "started_at"
    span = behind.windows * dt.timedelta(days=behind.days or window.days)
    begin, end = (pl.lit(at, dtype=INSTANT) for at in (window.as_of - span, window.as_of))
    return (
        _with_context(found, window)
        .filter(pl.col(moment).is_between(begin, end, closed="right"), behind.kept.fill_null(value=False))
        .select(found.columns)
        .sort(moment, descending=True, maintain_order=True)
    )


def figure_of(rows: pl.DataFrame, behind: Behind, window: Window) -> float | None:
    """The figure that the rows make; none where it takes more than them, or where there is nothing to make it of."""
    if behind.figure is None:
        return None
    made: float | None = _with_context(rows, window).select(behind.figure.alias("figure")).item()
    return None if made is None else float(made)


def _with_context(found: pl.DataFrame, window: Window) -> pl.DataFrame:
    return found.with_columns(
        as_of=pl.lit(window.as_of, dtype=INSTANT),
        window=pl.lit(dt.timedelta(days=window.days)),
        champion=pl.lit(window.champion, dtype=pl.UInt32),
        reply_horizon=pl.lit(window.reply_horizon),
    )
