"""Portfolios of invented accounts, as the scorecard sees them."""

import datetime as dt
from collections.abc import Mapping

import polars as pl
from hypothesis import strategies as st

from models.feature import WEEKS
from models.features import FEATURES

AS_OF = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
PAST_DAYS = 273.0
INSTANTS = ("last_inbound_at", "last_outbound_at")

_KEYS = ("account", "as_of")
COLUMNS = sorted({name for f in FEATURES for e in (f.expr, f.value, f.usual) for name in e.meta.root_names()})
"""Everything that features read."""
COUNTS = [name for name in COLUMNS if name not in {*_KEYS, *INSTANTS, "past_days"}]


def ago(days: float) -> dt.datetime:
    """The instant so many days before."""
    return AS_OF - dt.timedelta(days=days)


PLAIN: Mapping[str, object] = {
    **dict.fromkeys(COUNTS, 0.0),
    **dict.fromkeys(INSTANTS, ago(3)),
    "past_days": PAST_DAYS,
}
"""An account without mail of note."""

SCHEMA = {
    **dict.fromkeys(COLUMNS, pl.Float64()),
    **dict.fromkeys(("as_of", *INSTANTS), pl.Datetime("us", "UTC")),
    "account": pl.UInt32(),
}


def portfolio(*accounts: Mapping[str, object], as_of: dt.datetime = AS_OF) -> pl.DataFrame:
    """One day's accounts, numbered from 0; each states only in what it is not plain."""
    rows = [{**PLAIN, "account": number, "as_of": as_of, **own} for number, own in enumerate(accounts)]
    return pl.DataFrame(rows, schema=SCHEMA)


_COUNT = st.integers(0, 30).map(float)
_DAYS = st.floats(0, 200)


@st.composite
def accounts(draw: st.DrawFn) -> dict[str, object]:
    """An account with any history, some of it missing."""
    some = st.dictionaries(st.sampled_from(COUNTS), _COUNT, max_size=15)
    return {
        **draw(some),
        "inbound_past": draw(_COUNT),
        "active_days_past": draw(_COUNT),
        "past_days": draw(st.sampled_from((None, 27.0, 28.0, 100.0, PAST_DAYS, PAST_DAYS, PAST_DAYS))),
        "last_inbound_at": draw(st.one_of(st.none(), _DAYS.map(ago))),
        "last_outbound_at": draw(st.one_of(st.none(), _DAYS.map(ago))),
        f"active_days_week_{draw(st.integers(0, WEEKS - 1))}": draw(_COUNT),
    }


portfolios = st.lists(accounts(), min_size=1, max_size=8).map(lambda rows: portfolio(*rows))
"""A day's accounts."""
