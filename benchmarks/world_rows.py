"""What each rule and model would have said about the customers of simulated companies, and what they then did.

A company is replayed by the program's own snapshots of every fourth Monday. Whatever is fitted is fitted at each to
what was known then: churn dates count from when they were entered, silences once their 90 days are over.
"""

import numpy as np
import polars as pl

from benchmarks.first_scorecard import LEAST_TOUCHES, WIDEST_GAP, first_level, first_scores
from benchmarks.scenarios import END, SETTINGS, Simulated, World, simulate
from mailsignals.risk.levels import level
from mailsignals.risk.quiet import with_chances
from mailsignals.risk.silences import quiet_history
from mailsignals.risk.state import SELDOM
from mailsignals.risk.track_record import sight
from mailsignals.signals.active_days import active_days
from mailsignals.signals.history import history
from mailsignals.training.backtest import EVERY_DAYS, risk_of
from mailsignals.training.dataset import QUIET, Dataset, build_dataset, departures_of
from mailsignals.training.model_inputs import CHURN_SIGNALS
from models.baselines import FEW_ACTIVE_DAYS
from models.controls import DAYS_SINCE_LAST_MAIL
from models.posterior import logistic
from models.quiet import DEFAULT_CALIBRATION
from models.rolling_origin import origins_of
from models.sample import Floats
from models.train import Candidate
from models.trained_leaving import QUIET_INPUTS

SCORECARD, RISK_1, RISK_2 = "first scorecard", "risk 1", "risk 2"
QUIET_1, QUIET_2, LEAVING, WITH_LEAVING = "quiet 1", "quiet 2", "leaving", "risk with leaving"
METHODS = (
    DAYS_SINCE_LAST_MAIL,
    FEW_ACTIVE_DAYS,
    SCORECARD,
    QUIET_1,
    QUIET_2,
    RISK_1,
    RISK_2,
    LEAVING,
    WITH_LEAVING,
)
"""Columns that order accounts: simple rules, the scorecard of the first round, quiet by default and self-calibrated,
risk without churn dates from either, leaving as trained, and risk with that inside."""
FIRST_SEED = 700
KNOWN_CHURNERS = 40
"""A replay begins when so many customers are known to have left."""


def world_rows(world: World, *, companies: int, accounts: int) -> pl.DataFrame:
    """Return one row a snapshot and account that wrote within the 90 days before it, of several companies of a world.

    ``account`` and ``csm`` tell companies apart. ``left`` and ``silent`` are what happened within 90 days; ``silent``
    is null for who left. ``METHODS`` are what was said. ``level`` is that of risk 2 among active accounts (null for
    others), ``level of all`` that among all rows, ``first level`` that of the first round, null where it gave none.
    """
    parts = [
        company_rows(simulate(world, accounts=accounts, seed=FIRST_SEED + number)).with_columns(
            pl.col("account") + pl.lit(number * accounts, dtype=pl.UInt32)
        )
        for number in range(companies)
    ]
    return pl.concat(parts)


def company_rows(company: Simulated) -> pl.DataFrame:
    """Return the rows of one company, as ``world_rows`` describes them.

    Raises:
        RuntimeError: too few customers have left to replay anything.
    """
    facts, book = company.facts(), company.dated_book()
    known = build_dataset(facts, book, SETTINGS, as_of=END)
    origins = origins_of(known.churn.sample, every=EVERY_DAYS, least_churners=KNOWN_CHURNERS) if known else []
    if known is None or not origins:
        raise RuntimeError("too few customers have left; simulate more accounts")
    sample = known.churn.sample
    pace, silence_days = sample.only(QUIET_INPUTS).inputs.T
    default = DEFAULT_CALIBRATION
    plain = logistic(default.pace * pace + default.days_since * silence_days + default.intercept)
    leaving = _refitted(known, origins)
    rows = known.churn.rows.with_columns(
        pl.Series("left", sample.event),
        pl.Series(QUIET_1, plain),
        pl.Series(LEAVING, leaving),
        pl.Series(RISK_1, risk_of(plain, known.churn.rows[CHURN_SIGNALS].to_numpy())),
    ).with_columns(
        pl.col(QUIET).alias(QUIET_2),
        _either(QUIET, CHURN_SIGNALS).alias(RISK_2),
        _either(QUIET, LEAVING).alias(WITH_LEAVING),
    )
    asked = rows.filter(pl.Series(sample.mature & (sample.day > origins[0])))
    silent = known.silence.rows.select("account", "as_of", silent=pl.Series(known.silence.sample.event))
    told = asked.join(silent, on=["account", "as_of"], how="left", maintain_order="left")
    return _levelled(_with_scorecard(told, company), company)


def _either(one: str, other: str) -> pl.Expr:
    """The chance that at least one of two independent things happens."""
    return 1 - (1 - pl.col(one)) * (1 - pl.col(other))


def _refitted(known: Dataset, origins: list[int]) -> Floats:
    """The chance of leaving by models fitted at each origin to all that was known then; nan before the first."""
    sample, found = known.churn.sample, np.full(len(known.churn.sample), np.nan)
    for origin, until in zip(origins, [*origins[1:], np.iinfo(np.int64).max], strict=True):
        rows = (sample.day > origin) & (sample.day <= until)
        fitted = known.recipe.fit(Candidate(), sample.known_on(origin))
        found[rows] = fitted.probabilities(sample.take(rows))
    return found


def _with_scorecard(rows: pl.DataFrame, company: Simulated) -> pl.DataFrame:
    """With the scorecard and the level of the first round; who was not scored stands in the middle of the day."""
    facts, months = company.facts(), rows["as_of"].unique().sort().to_list()
    judged = (
        history(facts, months, timezone=SETTINGS.company.timezone)
        .join(sight(facts, months), on=["account", "as_of"], how="left", maintain_order="left")
        .join(rows.select("account", "as_of", "csm"), on=["account", "as_of"], maintain_order="left")
        .filter(
            pl.col("visibility_gap_90").fill_null(0.0) <= WIDEST_GAP,
            pl.col("touches_180").fill_null(0) >= LEAST_TOUCHES,
        )
    )
    scores = first_scores(judged, SETTINGS.risk.weights.model_dump())
    levels = (
        judged.select("account", "as_of", "csm")
        .join(scores, on=["account", "as_of"], maintain_order="left")
        .select("account", "as_of", first_level().alias("first level"), pl.col("raw_score").alias(SCORECARD))
    )
    joined = rows.join(levels, on=["account", "as_of"], how="left", maintain_order="left")
    return joined.with_columns(pl.col(SCORECARD).fill_null(0.0), scored=pl.col("first level").is_not_null())


def _levelled(rows: pl.DataFrame, company: Simulated) -> pl.DataFrame:
    """With levels; who seldom writes has none, unless all rows are levelled alike."""
    timezone, rules = SETTINGS.company.timezone, SETTINGS.risk
    days = active_days(company.facts(), timezone=timezone)
    silences = quiet_history(days, departures_of(company.book), as_of=END, timezone=timezone)
    since, until = rows.select(
        pl.col("as_of").min().alias("since"), pl.col("as_of").max().alias("until")
    ).row(0)
    usual = with_chances(silences, since=since, until=until).select("account", "as_of", "usual_quiet")
    seldom = (pl.col("state") == "active") & (pl.col("usual_quiet") >= SELDOM)
    levels = level(
        high_risk=rules.high_risk, medium_risk=rules.medium_risk, accounts_per_csm=rules.accounts_per_csm
    )
    found = rows.join(usual, on=["account", "as_of"], how="left", maintain_order="left").with_columns(
        state=pl.when(seldom).then(pl.lit("seldom_writes")).otherwise("state"), risk=RISK_2
    )
    everybody = found.with_columns(state=pl.lit("active")).select(levels).to_series()
    return found.with_columns(levels.alias("level"), everybody.alias("level of all")).drop("risk")
