"""Cost of the chance of going quiet for 5,000 accounts over 104 weeks, in processor seconds of this process."""

import datetime as dt
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from mailsignals.risk.back_again import learn_back_again
from mailsignals.risk.quiet import learn_from_history, quiet_of
from mailsignals.risk.silences import prior_of, quiet_history
from mailsignals.schema import INSTANT
from models.quiet_signs import with_signs

ACCOUNTS, WEEKS = 5_000, 104
BEGIN = dt.datetime(2023, 1, 2, tzinfo=dt.UTC)
MOST_SECONDS = 2.0
_UTC = "UTC"

Result = TypeVar("Result")


def synthetic_days(accounts: int = ACCOUNTS, weeks: int = WEEKS, *, seed: int = 0) -> pl.DataFrame:
    """Return the active days of accounts with gamma-distributed rates around one day in 12."""
    rng = np.random.default_rng(seed)
    rate = np.minimum(rng.gamma(1.0, 1 / 12, accounts), 0.9)
    account, day = np.nonzero(rng.random((accounts, 7 * weeks)) < rate[:, None])
    moment = pl.lit(BEGIN).cast(INSTANT) + pl.duration(days="number", seconds="second")
    return (
        pl.DataFrame(
            {
                "account": pl.Series(account, dtype=pl.UInt32),
                "number": day,
                "second": rng.integers(0, 86_000, len(day)),
            }
        )
        .with_columns(first_at=moment, last_at=moment)
        .select("account", day=pl.col("first_at").dt.date(), first_at="first_at", last_at="last_at")
    )


def synthetic_touches(days: pl.DataFrame, *, a_day: int = 4, seed: int = 0) -> pl.DataFrame:
    """Return emails on active days, half of them from the team, with five people on either side."""
    rng = np.random.default_rng(seed)
    mails = pl.concat([days.select("account", sent_at="first_at")] * a_day)
    return mails.with_columns(
        pl.Series("outbound", rng.random(mails.height) < 0.5),
        pl.Series("person", rng.integers(0, 5, mails.height), dtype=pl.UInt32),
    )


def cost(console: Console) -> float:
    """Print the processor seconds of each part, and return those of going quiet with its calibration."""
    days = synthetic_days()
    touches = synthetic_touches(days)
    nobody = pl.DataFrame(schema={"account": pl.UInt32, "churned_on": pl.Date})
    as_of = BEGIN + dt.timedelta(weeks=WEEKS)
    seconds: dict[str, float] = {}

    def timed(name: str, function: Callable[[], Result]) -> Result:
        begin = time.process_time()
        found = function()
        seconds[name] = time.process_time() - begin
        return found

    history = timed(
        "snapshots, each with its prior", lambda: quiet_history(days, nobody, as_of=as_of, timezone=_UTC)
    )
    prior = timed("prior of the day", lambda: prior_of(days, as_of=as_of, timezone=_UTC))
    history = timed("further signs", lambda: with_signs(history, days, touches))
    model = timed(
        "calibration, both fits compared, and the chances of two years",
        lambda: learn_from_history(history, prior=prior, as_of=as_of),
    )
    timed("chances of the day", lambda: quiet_of(days, model, as_of=as_of, timezone=_UTC, touches=touches))
    whole = sum(seconds.values())
    timed(
        "chances to come back (not counted)",
        lambda: learn_back_again(days, nobody, as_of=as_of, timezone=_UTC),
    )
    table = Table(
        "part", "processor s", title=f"{ACCOUNTS:,} accounts, {WEEKS} weeks, {touches.height:,} emails"
    )
    for name, value in seconds.items():
        table.add_row(name, f"{value:.2f}")
    table.add_row(f"quiet (at most {MOST_SECONDS:g})", f"{whole:.2f}")
    console.print(table)
    return whole
