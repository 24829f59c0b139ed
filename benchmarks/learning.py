"""Stages of training: snapshots of two years, and the evaluation and fit of models.

No account churns in the synthetic mail, so churn dates are random. Training on noise costs as much.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.company import ACCOUNTS, AS_OF, BEGIN, DAYS, book
from benchmarks.engine import facts_in
from benchmarks.measure import Figures
from mailsignals.config import Settings
from mailsignals.schema import INSTANT
from mailsignals.signals.active_days import active_days
from mailsignals.training.backtest import replay_history
from mailsignals.training.dataset import build_dataset
from mailsignals.training.fit import fit_model
from mailsignals.training.snapshots import WEEK, mondays, snapshots

SNAPSHOTS = 104
LEFT = 0.25
CSMS = 125
SETTINGS = Settings.model_validate({"company": {"name": "Us", "domains": ["us.example"]}})


def weekly_snapshots(folder: Path) -> Figures:
    """Compute the features of all accounts on 104 Mondays; return the number of rows."""
    last = mondays(AS_OF - WEEK, AS_OF)[-1]
    weeks = [last - week * WEEK for week in range(SNAPSHOTS)]
    facts = facts_in(folder)
    days = active_days(facts, timezone=SETTINGS.company.timezone)
    wrote = days.group_by("account").agg(first_inbound_at=pl.col("first_at").min())
    heard = wrote.join(pl.DataFrame({"as_of": weeks}, schema={"as_of": INSTANT}), how="cross")
    return {"rows": snapshots(facts, _book(), SETTINGS, weeks, heard=heard).height}


def judge_and_fit(folder: Path) -> Callable[[], Figures]:
    """Return a stage that evaluates candidates and fits the chosen one, as `train` does after computing features."""
    known = build_dataset(facts_in(folder), _book(), SETTINGS, as_of=AS_OF)
    if known is None:
        raise RuntimeError("The synthetic mail is too short for training. Use more --messages.")

    def measured() -> Figures:
        judgement = replay_history(known, whole=False, silence=False)
        artifact = fit_model(known, judgement, SETTINGS)
        return {"rows": len(known.churn.sample), "churned accounts": artifact.manifest["events"]}

    return measured


def _book() -> pl.DataFrame:
    rng = np.random.default_rng(7)
    leaves = rng.random(ACCOUNTS) < LEFT
    day = rng.integers(150, DAYS, ACCOUNTS).tolist()
    left = [
        BEGIN.date() + dt.timedelta(days=one) if gone else None for one, gone in zip(day, leaves, strict=True)
    ]
    return book().accounts.with_columns(
        pl.Series("churned_on", left, dtype=pl.Date),
        csm=pl.format("csm{}", pl.int_range(pl.len()) % CSMS),
    )
