"""The early warning on real mail, from the data known at each origin, beside the first version of the scorecard."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.archive import read_archive
from benchmarks.first_scorecard import FIRST_FEATURES, first_level, first_scores
from benchmarks.warning import figures, slope
from benchmarks.warning_cost import synthetic_days
from benchmarks.warning_rows import warning_rows
from mailsignals.risk.quiet import with_chances
from mailsignals.risk.silences import HORIZON, quiet_history
from models.baselines import few_active_days
from models.metrics import Ranked, bins_of, calibration_error
from models.posterior import logistic
from models.quiet import DEFAULT_CALIBRATION, quiet_logit
from models.quiet_signs import with_signs
from tests.models.mail_days import days_of, hours, portfolio
from tests.models.portfolios import AS_OF, PLAIN, SCHEMA

FIRST_ONLY = {"followups_60": 0.0, "unanswered_checkin_days": None}
"""Inputs that only the scorecard of the first round reads."""


@pytest.fixture(scope="module")
def rows(openbmc: Path) -> pl.DataFrame:
    """Every origin of the public mailing list."""
    return warning_rows(read_archive(openbmc))


def _ranked(rows: pl.DataFrame, name: str) -> Ranked:
    return Ranked(rows[name].cast(pl.Float64).to_numpy(), rows["silent"].to_numpy())


@pytest.mark.slow
def test_risk_ranks_silence_better_than_the_days_since(rows: pl.DataFrame) -> None:
    """The targets on the public mailing list: ranks, calibration, and what became of high and low accounts."""
    ones = np.ones(rows.height)
    risk, since = _ranked(rows, "risk"), _ranked(rows, "days since")
    assert risk.roc_auc(ones) >= 0.81
    assert risk.pr_auc(ones) >= 0.57
    assert risk.roc_auc(ones) - since.roc_auc(ones) > 0.06
    chances = rows["quiet chosen"].to_numpy()
    assert calibration_error(chances, rows["silent"].to_numpy(), ones, bins_of(chances)) <= 0.04
    share = dict(rows.group_by("level").agg(pl.col("silent").mean()).rows())
    assert share["high"] >= 2 * float(rows["silent"].to_numpy().mean())
    assert share["low"] <= 0.1 * float(rows["silent"].to_numpy().mean())
    assert rows["wrote"].all()


@pytest.mark.slow
def test_risk_ranks_what_the_first_round_scored(rows: pl.DataFrame) -> None:
    """On the rows that the first version scored, its scorecard is hardly better than chance, and risk is."""
    scored = rows.filter("scored")
    ones = np.ones(scored.height)
    assert _ranked(scored, "risk").roc_auc(ones) >= 0.79
    assert _ranked(scored, "scorecard").roc_auc(ones) < 0.6


def test_the_first_scorecard_has_all_its_features() -> None:
    """Nineteen features; the riskiest account has the highest percentile, and its level follows the score."""
    assert len(FIRST_FEATURES) == 19
    accounts = [
        dict(PLAIN, account=number, as_of=AS_OF, inbound_30=30.0 * number, **FIRST_ONLY)
        for number in range(10)
    ]
    history = pl.DataFrame(accounts, schema_overrides={**SCHEMA, **dict.fromkeys(FIRST_ONLY, pl.Float64())})
    found = first_scores(history, {"activity": 1.0})
    assert found["score"][0] == 90.0
    assert found["score"].to_list() == sorted(found["score"], reverse=True)
    levels = found.with_columns(csm=pl.lit("ana")).select(first_level()).to_series()
    assert levels.to_list() == ["high", "high", *["low"] * 8]


def test_differences_are_paired_and_a_slope_tells_extremes() -> None:
    """The best method has no gain over itself; chances that are twice too extreme have slope one half."""
    rng = np.random.default_rng(0)
    logit = rng.normal(0, 1, 4000)
    silent = rng.random(4000) < logistic(logit)
    rows = pl.DataFrame(
        {"account": np.arange(4000) % 100, "as_of": [AS_OF] * 4000, "silent": silent, "risk": logistic(logit)}
    )
    found = figures(rows, ("risk",))
    assert (found["over risk"].low, found["over risk"].high) == (0.0, 0.0)
    assert found["risk top"].value > silent.mean()
    assert slope(logistic(2 * logit), silent) == pytest.approx(0.5, abs=0.05)


def test_synthetic_days_are_active_days() -> None:
    """Sorted by account and day, each once, within the weeks."""
    days = synthetic_days(20, 10)
    assert days.select("account", "day").is_unique().all()
    assert days.equals(days.sort("account", "day"))
    assert days["day"].n_unique() <= 70


@pytest.mark.slow
def test_steady_writers_are_ranked_as_well_as_by_few_active_days() -> None:
    """Where all keep their pace, the default slope is wrong: half a year of silences mends chances and order."""
    mails = portfolio(600, days=740, lapsing=0.0, seed=1)
    days, end = days_of(mails), hours(24 * 740)
    theirs = pl.DataFrame(
        mails, schema={"account": pl.UInt32(), "sent_at": pl.Datetime("us", "UTC")}, orient="row"
    ).with_columns(outbound=pl.lit(value=False), person=pl.lit(0, dtype=pl.UInt32))
    nobody = pl.DataFrame(schema={"account": pl.UInt32, "churned_on": pl.Date})
    history = with_signs(quiet_history(days, nobody, as_of=end, timezone="UTC"), days, theirs)
    rows = with_chances(history, since=hours(24 * 270), until=end - HORIZON)
    chances, silent, ones = rows["quiet"].to_numpy(), rows["silent"].to_numpy(), np.ones(rows.height)
    few = Ranked(few_active_days(theirs, rows), silent)
    assert Ranked(chances, silent).roc_auc(ones) >= few.roc_auc(ones) - 0.02
    plain = logistic(
        quiet_logit(rows["log_odds"].to_numpy(), rows["days_since"].to_numpy(), DEFAULT_CALIBRATION)
    )
    learnt, shipped = (calibration_error(one, silent, ones, bins_of(one)) for one in (chances, plain))
    assert learnt <= 0.04
    assert shipped > 3 * learnt
