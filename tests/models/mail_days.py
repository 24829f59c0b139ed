"""Active days of invented accounts, counted one mail at a time."""

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from models.sample import Floats

START = dt.datetime(2023, 1, 2, tzinfo=dt.UTC)
SCHEMA = {
    "account": pl.UInt32(),
    "day": pl.Date(),
    "first_at": pl.Datetime("us", "UTC"),
    "last_at": pl.Datetime("us", "UTC"),
}

Mail = tuple[int, dt.datetime]
"""Whose mail it is, and when it came."""


def hours(number: float) -> dt.datetime:
    """The instant so many hours after the start."""
    return START + dt.timedelta(hours=number)


def local_day(moment: dt.datetime, timezone: str = "UTC") -> dt.date:
    """The day of an instant."""
    return moment.astimezone(ZoneInfo(timezone)).date()


def days_of(mails: Iterable[Mail], timezone: str = "UTC") -> pl.DataFrame:
    """The active days of mails, by account and day."""
    found: dict[tuple[int, dt.date], list[dt.datetime]] = {}
    for account, moment in mails:
        found.setdefault((account, local_day(moment, timezone)), []).append(moment)
    rows = [(*key, min(moments), max(moments)) for key, moments in sorted(found.items())]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def asked_at(accounts: Iterable[int], moment: dt.datetime, timezone: str = "UTC") -> pl.DataFrame:
    """The accounts at an instant."""
    rows = [(account, moment, local_day(moment, timezone)) for account in accounts]
    schema = {"account": pl.UInt32(), "as_of": SCHEMA["first_at"], "day": pl.Date()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def portfolio(accounts: int, *, days: int = 800, seed: int = 0, lapsing: float = 0.3) -> list[Mail]:
    """Mails of accounts with rates of their own, some of which stop for good at some time."""
    rng = np.random.default_rng(seed)
    rate: Floats = rng.gamma(1.0, 1 / 30, accounts)
    end = np.where(rng.random(accounts) < lapsing, rng.integers(100, days, accounts), days)
    wrote = (rng.random((accounts, days)) < rate[:, None]) & (np.arange(days) < end[:, None])
    wrote[:, 0] = True
    hour = rng.integers(0, 24 * 60, (accounts, days)) / 60
    return [
        (int(account), hours(24 * float(day) + float(hour[account, day])))
        for account, day in np.argwhere(wrote)
    ]
