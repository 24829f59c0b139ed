"""Numbers of accounts by level and state, with their revenue: the same numbers on every surface."""

import dataclasses
from collections.abc import Mapping

import polars as pl

from mailsignals.risk.levels import LEVELS
from mailsignals.risk.state import STATES

HIGH = "high"
GONE = ("churned", "not_started")
"""The states of accounts that are not customers at the as-of time."""
CURRENT = tuple(name for name in STATES if name not in GONE)
"""The states of current customers, in the order of lists."""

UNLIKELY = 0.05
"""The chance under which going quiet is unlikely."""
NEARLY_ALL = 0.9


@dataclasses.dataclass(frozen=True, kw_only=True)
class Totals:
    """Numbers of accounts and their revenue."""

    accounts: int
    """All rows, whatever their state."""
    current: int
    """Current customers: neither churned nor not started."""
    levels: Mapping[str, int]
    """The number of active accounts by level, with every level."""
    states: Mapping[str, int]
    """The number of accounts by state, with every state."""
    arr: float | None
    """The ARR of current customers, in the currency of the account list; None if none has any."""
    arr_high: float | None
    """The ARR of active accounts at high risk; None if no current customer has any ARR."""
    expected_loss: float | None
    """The expected loss of ARR within 90 days; None with too few churned accounts."""
    all_write_often: bool
    """True if nearly all active accounts write so often that their silence is unlikely."""
    source: str | None
    """The source of their risk; None without a row."""

    @property
    def high(self) -> int:
        """Return the number of accounts at high risk."""
        return self.levels[HIGH]


def totals(rows: pl.DataFrame) -> Totals:
    """Return the numbers of some accounts.

    Args:
        rows: as ``risk.assess.assess`` returns them, or as they are shown to somebody: with ``state``, ``level``,
            ``quiet``, ``arr``, ``expected_loss`` and ``source``.
    """
    levels = dict(rows["level"].drop_nulls().value_counts().iter_rows())
    states = dict(rows["state"].value_counts().iter_rows())
    current = rows.filter(pl.col("state").is_in(CURRENT))
    high = current.filter(pl.col("level") == HIGH)
    active = rows.filter(pl.col("state") == "active")
    has_arr = current["arr"].count() > 0
    often = active.filter(pl.col("quiet") < UNLIKELY).height
    return Totals(
        accounts=rows.height,
        current=current.height,
        levels={name: levels.get(name, 0) for name in LEVELS},
        states={name: states.get(name, 0) for name in STATES},
        arr=float(current["arr"].sum()) if has_arr else None,
        arr_high=float(high["arr"].sum()) if has_arr else None,
        expected_loss=float(rows["expected_loss"].sum()) if rows["expected_loss"].count() else None,
        all_write_often=active.height > 0 and often >= NEARLY_ALL * active.height,
        source=rows["source"].to_list()[0] if rows.height else None,
    )
