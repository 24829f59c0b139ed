"""How many accounts stand where, and how much revenue with them: the same numbers on every surface."""

import dataclasses
from collections.abc import Mapping

import polars as pl

from mailsignals.risk.levels import LEVELS
from mailsignals.risk.state import STATES

HIGH = "high"
GONE = ("churned", "not_started")
"""The states of who is no customer at the instant."""
CURRENT = tuple(name for name in STATES if name not in GONE)
"""The states of current customers, in the order of lists."""

UNLIKELY = 0.05
"""A chance to go quiet under this is no news."""
NEARLY_ALL = 0.9


@dataclasses.dataclass(frozen=True, kw_only=True)
class Totals:
    """Numbers of accounts and their revenue."""

    accounts: int
    """All rows, whatever their state."""
    current: int
    """Customers at the instant: neither churned nor not started."""
    levels: Mapping[str, int]
    """By level, of active accounts; every level is there."""
    states: Mapping[str, int]
    """By state; every state is there."""
    arr: float | None
    """Of current customers, in the currency of the account list; None if none has any."""
    arr_high: float | None
    """Of active accounts at high risk; None if no current customer has any ARR."""
    expected_loss: float | None
    """Within 90 days; None while it may not be said."""
    all_write_often: bool
    """Whether nearly all active accounts write so often that silence says little of them."""
    source: str | None
    """What judged them; None without a row."""

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
