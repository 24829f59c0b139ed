"""Predictions of rules and models for customers of simulated companies, and the outcomes.

A company is replayed with the snapshots of mailsignals on every fourth Monday. All fits use the data known then: churn
dates count from their entry on, silences once their 90 days are over.
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
"""Columns that order accounts: simple rules, the first version of the scorecard, the default and the calibrated chance
of going quiet, risk without churn dates from either, the trained chance of churn, and risk with it."""
FIRST_SEED = 700
KNOWN_CHURNERS = 40
"""Number of known churned customers at which a replay begins."""


def world_rows(world: World, *, companies: int, accounts: int) -> pl.DataFrame:
    """Return one row per snapshot and account that wrote in the 90 days before it, of several companies of a world.

    ``account`` and ``csm`` are unique over companies. ``left`` (churned) and ``silent`` are outcomes within 90 days;
    ``silent`` is null for churned accounts. ``METHODS`` are predictions. ``level`` is the level of risk 2 among active
    accounts (null for others), ``level of all`` that among all rows, and ``first level`` that of the first version
    (null without one).
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
        RuntimeError: too few customers churned for a replay.
    """
    facts, book = company.facts(), company.dated_book()
    known = build_dataset(facts, book, SETTINGS, as_of=END)
    origins = origins_of(known.churn.sample, every=EVERY_DAYS, least_churners=KNOWN_CHURNERS) if known else []
    if known is None or not origins:
        raise RuntimeError("Too few customers churned. Simulate more --accounts.")
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
    """Return the chance that at least one of two independent events happens."""
    return 1 - (1 - pl.col(one)) * (1 - pl.col(other))


def _refitted(known: Dataset, origins: list[int]) -> Floats:
    """Return the chance of churn by models fitted at each origin to the data known then; nan before the first."""
    sample, found = known.churn.sample, np.full(len(known.churn.sample), np.nan)
    for origin, until in zip(origins, [*origins[1:], np.iinfo(np.int64).max], strict=True):
        rows = (sample.day > origin) & (sample.day <= until)
        fitted = known.recipe.fit(Candidate(), sample.known_on(origin))
        found[rows] = fitted.probabilities(sample.take(rows))
    return found


def _with_scorecard(rows: pl.DataFrame, company: Simulated) -> pl.DataFrame:
    """Return the rows with the scorecard (0 without a score) and the level of the first version."""
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
    """Return the rows with levels, null for accounts that rarely write, and with levels over all rows."""
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
