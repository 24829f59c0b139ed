"""Simulated companies with churn: worlds differ in the signs of churn, and in the paces of customers.

The simulation is independent of signals, features and the scorecard. An account has habits, a course and perhaps an
end. Mail follows from these (``chatter``). mailsignals reads only this mail and the account list.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from benchmarks.account_list import account_history, account_list, listed
from benchmarks.account_lives import DAYS, Array, Leaving, courses, ends_of, habits_of
from benchmarks.mail_generator import chatter
from benchmarks.portfolios import Portfolio, paused, slowed
from mailsignals.config import Settings
from mailsignals.schema import INSTANT, LINK_SCHEMA, PROGRAM_SCHEMA
from mailsignals.signals.facts import Facts, facts
from mailsignals.training.snapshots import CONTRACT_FIELDS
from mailsignals.turns import ConversationRules

BEGIN = dt.datetime(2023, 1, 2, tzinfo=dt.UTC)
END = BEGIN + dt.timedelta(days=DAYS)
ACCOUNTS_PER_CSM = 40
SETTINGS = Settings.model_validate({"company": {"name": "Us", "domains": ["us.example"]}})


@dataclasses.dataclass(frozen=True, kw_only=True)
class World(Leaving):
    """Signs of churn in mail, and paces of customers."""

    portfolio: Portfolio | None = None
    """Shares of daily to quarterly writers; None if all write almost daily without pauses."""
    kept: float = 1.0
    """Mean share of emails that remain; the share varies by account, and emails are dropped at random."""


DAILY = Portfolio(daily=1.0, weekly=0.0, monthly=0.0, quarterly=0.0)
MIXED = Portfolio(daily=0.17, weekly=0.27, monthly=0.34, quarterly=0.22)
SELDOM = Portfolio(daily=0.0, weekly=0.1, monthly=0.6, quarterly=0.3)
APART = frozenset({"pace", "breadth", "urgent", "copied", "support"})
"""Habits that are independent of the amount of mail."""

CALM: Mapping[str, World] = {
    "calm/faint": World(strength=0.45, angry=0.15),
    "calm/mid": World(strength=0.75, angry=0.15),
    "calm/loud": World(strength=0.95, angry=0.25),
    "calm/strong": World(strength=1.3, angry=0.15),
    "calm/angry": World(strength=0.85, angry=0.7),
}
"""Customers who all write almost daily and are never silent."""
THINNED: Mapping[str, World] = {
    f"thinned/{name}": dataclasses.replace(CALM[f"calm/{name}"], kept=0.06)
    for name in ("mid", "strong", "angry")
}
"""The worlds of ``CALM`` with about 6% of their emails, so that churn is unrelated to pace."""
LIVELY: Mapping[str, World] = {
    "daily/mid": dataclasses.replace(CALM["calm/mid"], portfolio=DAILY),
    **{
        f"mixed/{name}": dataclasses.replace(CALM[f"calm/{name}"], portfolio=MIXED)
        for name in ("mid", "strong", "angry")
    },
    "mixed/apart": dataclasses.replace(CALM["calm/strong"], portfolio=MIXED, signs=APART),
    "monthly/fading": World(strength=2.4, angry=0.1, silent=0.35, portfolio=SELDOM),
}
"""Customers who pause, fall silent and return, at different paces, with a changing account list."""
WORLDS: Mapping[str, World] = {**CALM, **THINNED, **LIVELY}


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Simulated:
    """The data of a company that mailsignals reads."""

    book: pl.DataFrame
    """Account list in ``BOOK_SCHEMA``, with all churn dates up to the end and the values before them."""
    history: pl.DataFrame
    """Values of the account list in ``HISTORY_SCHEMA``, with their start and the time of their entry."""
    touches: pl.DataFrame
    """Touches in ``TOUCH_SCHEMA`` and its order."""
    pace: Array
    """A ``Pace`` for each account."""

    def dated_book(self) -> pl.DataFrame:
        """Return ``book`` with ``churn_seen_at``, the time at which each churn date was entered."""
        entered = self.history.filter(pl.col("field") == "churned_on")
        seen = entered.select("account_id", churn_seen_at="seen_at")
        return self.book.join(seen, on="account_id", how="left", maintain_order="left")

    def known_accounts(self, ats: Sequence[dt.datetime]) -> pl.DataFrame:
        """Return the account list as known at given times, in the form of ``training.snapshots.KnownAccounts``."""
        return pl.concat(
            self.listed(at)
            .with_row_index("account")
            .select(
                pl.col("account").cast(pl.UInt32),
                pl.lit(at).cast(INSTANT).alias("as_of"),
                *CONTRACT_FIELDS,
                *(pl.lit(value=True).alias(f"known_{field}") for field in CONTRACT_FIELDS),
            )
            for at in ats
        )

    def listed(self, at: dt.datetime) -> pl.DataFrame:
        """Return the account list as of a time, in ``BOOK_SCHEMA``."""
        return listed(self.book, self.history, at)

    def facts(self, until: dt.datetime = END) -> Facts:
        """Return the facts of the mail up to a time."""
        return facts(
            self.touches.lazy().filter(pl.col("sent_at") <= until),
            pl.LazyFrame(schema=LINK_SCHEMA),
            pl.LazyFrame(schema=PROGRAM_SCHEMA),
            accounts=pl.Series(range(self.book.height), dtype=pl.UInt32),
            rules=ConversationRules(),
            promises=SETTINGS.promises(self.book["tier"]),
        )


def simulate(world: World, *, accounts: int, seed: int) -> Simulated:
    """Return a simulated company, which the arguments determine."""
    rng = np.random.default_rng([20_230_102, seed])
    # A separate generator, so that the same customers churn on the same days in every world.
    own, papers, losses = np.random.default_rng([20_261_201, seed]).spawn(3)
    habits = habits_of(rng, accounts)
    ends = ends_of(rng, habits)
    course = courses(rng, habits, ends, world)
    pace = np.zeros(accounts, dtype=np.int64)
    if world.portfolio:
        pace = world.portfolio.paces(own, accounts)
        habits = slowed(own, habits, pace)
        course = paused(own, course, pace)
    csm = np.arange(accounts) // ACCOUNTS_PER_CSM
    touches = chatter(rng, habits, ends, course, csm, BEGIN)
    if world.kept < 1:
        share = world.kept * losses.uniform(0.4, 1.6, accounts)
        touches = touches.filter(losses.random(touches.height) < share[touches["account"].to_numpy()])
    tiers, begin = SETTINGS.tier_names[::-1], BEGIN.date()
    book = account_list(habits, ends, tiers=tiers, csms=csm, seed=seed, begin=begin)
    return Simulated(
        book=book,
        history=account_history(papers, book, tiers=tiers, seed=seed, begin=begin),
        touches=touches,
        pace=pace,
    )
