"""Simulated companies whose customers leave: how loudly leaving announces itself is what tells worlds apart.

Nothing here knows what signals, features or the scorecard look for. An account has habits, a course of its own, and
perhaps an end; mail follows from these (``chatter``), and only mail and the account book reach mailsignals.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping

import numpy as np
import polars as pl

from benchmarks.account_lives import DAYS, Ends, Habits, courses, ends_of, habits_of
from benchmarks.mail_generator import chatter
from mailsignals.config import Settings
from mailsignals.schema import BOOK_SCHEMA, LINK_SCHEMA, PROGRAM_SCHEMA
from mailsignals.signals.facts import Facts, facts
from mailsignals.turns import ConversationRules

BEGIN = dt.datetime(2023, 1, 2, tzinfo=dt.UTC)
END = BEGIN + dt.timedelta(days=DAYS)
ACCOUNTS_PER_CSM = 40
SETTINGS = Settings.model_validate({"company": {"name": "Us", "domains": ["us.example"]}})


@dataclasses.dataclass(frozen=True, kw_only=True)
class World:
    """How leaving shows in mail."""

    strength: float
    """How far an account departs from its habits before it leaves; 0 is no sign at all."""
    angry: float
    """Of those who give signs, the share that gets loud; the others fade."""
    silent: float = 0.22
    """The share that leaves without any sign."""


WORLDS: Mapping[str, World] = {
    "faint": World(strength=0.45, angry=0.15),
    "mid": World(strength=0.75, angry=0.15),
    "loud": World(strength=0.95, angry=0.25),
    "strong": World(strength=1.3, angry=0.15),
    "angry": World(strength=0.85, angry=0.7),
}


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Simulated:
    """What mailsignals gets to see of a company."""

    book: pl.DataFrame
    """``BOOK_SCHEMA``, with every departure up to the end of the simulation."""
    touches: pl.DataFrame
    """``TOUCH_SCHEMA``, in its order."""

    def facts(self, until: dt.datetime = END) -> Facts:
        """Of the mail up to an instant."""
        return facts(
            self.touches.lazy().filter(pl.col("sent_at") <= until),
            pl.LazyFrame(schema=LINK_SCHEMA),
            pl.LazyFrame(schema=PROGRAM_SCHEMA),
            accounts=pl.Series(range(self.book.height), dtype=pl.UInt32),
            rules=ConversationRules(),
            promises=SETTINGS.promises(self.book["tier"]),
        )


def simulate(world: World, *, accounts: int, seed: int) -> Simulated:
    """A company; the same for the same arguments."""
    rng = np.random.default_rng([20_230_102, seed])
    habits = habits_of(rng, accounts)
    ends = ends_of(rng, habits)
    course = courses(rng, habits, ends, strength=world.strength, angry=world.angry, silent=world.silent)
    csm = np.arange(accounts) // ACCOUNTS_PER_CSM
    return Simulated(
        book=_book(habits, ends, csm, seed), touches=chatter(rng, habits, ends, course, csm, BEGIN)
    )


def _book(
    habits: Habits, ends: Ends, csm: np.ndarray[tuple[int], np.dtype[np.int64]], seed: int
) -> pl.DataFrame:
    tiers = SETTINGS.tier_names
    day = pl.duration(days=pl.col("day"))
    left = pl.when(pl.col("left") < DAYS).then(pl.lit(BEGIN.date()) + pl.duration(days="left"))
    renewal = pl.lit(BEGIN.date()) + pl.duration(days="renewal")
    return (
        pl.DataFrame(
            {
                "account": np.arange(len(csm)),
                "csm": csm,
                "day": habits.starts.astype(np.int64),
                "left": ends.recorded.clip(max=DAYS).astype(np.int64),
                "renewal": ends.renewal.astype(np.int64),
                "yearly": ends.yearly,
                "arr": habits.revenue,
                "tier": [tiers[-1 - place] for place in habits.size_class.tolist()],
            }
        )
        .with_columns(
            account_id=pl.format("C{}-{}", pl.lit(seed), "account"),
            name=pl.format("Customer {}", "account"),
            csm=pl.format("csm{}-{}@us.example", pl.lit(seed), "csm"),
            started_on=pl.lit(BEGIN.date()) + day,
            churned_on=left,
            renewal_on=pl.when("yearly").then(renewal),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in BOOK_SCHEMA.items())
    )
