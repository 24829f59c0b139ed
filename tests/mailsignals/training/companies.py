"""What models learn from, without any mail: an invented company of snapshots."""

import datetime as dt

import numpy as np
import polars as pl

from mailsignals.config import Settings
from mailsignals.training.dataset import Dataset, Questions, Target
from mailsignals.training.snapshots import CONTRACT_FIELDS
from models.baselines import PLAIN_COUNTS
from models.sample import Floats, Sample
from tests.models.samples import MAIL_NAMES, RECIPE, company

SETTINGS = Settings.model_validate({"company": {"name": "Us & <Them>", "domains": ["us.test"]}})


def questions(target: Target, sample: Sample, *, quiet: Floats) -> Questions:
    """Questions about snapshots of two tiers and two CSMs; the scorecard is what ``sample`` holds as its score."""
    rng = np.random.default_rng(0)
    rows = pl.DataFrame(
        {
            "account": sample.account.astype(np.uint32),
            "as_of": pl.Series(sample.day, dtype=pl.Int32).cast(pl.Date).cast(pl.Datetime("us", "UTC")),
            "state": "active",
            "days since last mail": rng.random(len(sample)),
            "few active days": rng.random(len(sample)),
            "graded rule": sample.score,
            "quiet": quiet,
            "churn signals": 1 / (1 + np.exp(3.5 - 0.7 * sample.score / 0.40)),
            "inbound_90": sample.account.astype(np.float64),
            "csm": np.where(sample.account % 2 == 0, "ana@us.test", "bo@us.test"),
            "tier": np.where(sample.account % 3 == 0, "enterprise", "small"),
            "arr": 1000.0 * (sample.account % 7),
            "renewal_on": dt.date(1971, 1, 1),
            "started_on": dt.date(1969, 1, 1),
        }
    )
    return Questions(
        target=target,
        rows=rows.with_columns(pl.lit(value=True).alias(f"known_{field}") for field in CONTRACT_FIELDS),
        sample=sample,
        counts=rng.random((len(sample), len(PLAIN_COUNTS))),
        accounts_per_csm=SETTINGS.risk.accounts_per_csm,
        false_alarms=SETTINGS.model.false_alarms_per_csm_month,
    )


def silent_sample(sample: Sample) -> Sample:
    """The same snapshots, at which every second account is now and then about to fall silent, and shows it."""
    silent = (sample.account % 2 == 0) & (sample.day % 3 == 0) & sample.mature
    days = np.where(silent, 90.0, np.inf)
    return Sample(
        names=sample.names,
        inputs=sample.inputs,
        score=sample.score,
        account=sample.account,
        fold=sample.fold,
        day=sample.day,
        days_known=sample.days_known,
        days_to_event=days,
        days_to_sight=days,
    )


def material(sample: Sample) -> Dataset:
    """The snapshots of a company of which hardly anybody falls silent."""
    calm = np.full(len(sample), 0.01)
    return dataset_of(
        sample, questions(Target.SILENCE, silent_sample(sample).take(sample.day < 0), quiet=calm[:0])
    )


def quiet_material(sample: Sample) -> Dataset:
    """The same company where every second account falls silent now and then, which the chance to go quiet sees."""
    rng = np.random.default_rng(1)
    silent = silent_sample(sample)
    quiet = np.clip(np.where(silent.event, 0.5, 0.1) + rng.normal(scale=0.1, size=len(silent)), 0.01, 0.9)
    return dataset_of(sample, questions(Target.SILENCE, silent, quiet=quiet))


def dataset_of(sample: Sample, silence: Questions) -> Dataset:
    """The dataset of snapshots with what is asked about silence."""
    newest = pl.DataFrame(
        sample.inputs[sample.day == sample.day.max()], schema=list(sample.names), orient="row"
    )
    return Dataset(
        as_of=dt.datetime(1971, 6, 1, tzinfo=dt.UTC),
        churn=questions(Target.CHURN, sample, quiet=np.full(len(sample), 0.01)),
        silence=silence,
        churn_dates=len(np.unique(sample.account[np.isfinite(sample.days_to_event)])),
        recipe=RECIPE,
        newest=newest.with_columns(pl.col(MAIL_NAMES).name.prefix("raw ")),
        tiers=("enterprise", "small"),
    )


def book(accounts: int) -> pl.DataFrame:
    """Their names."""
    numbers = range(accounts)
    return pl.DataFrame(
        {"account_id": [f"A{n}" for n in numbers], "name": [f"<b>Firm</b> {n}" for n in numbers]}
    )


def small_company() -> Sample:
    """Few leave."""
    return company(60, seed=11)


def large_company() -> Sample:
    """Many leave, for a reason that the scorecard does not see."""
    return company(500, seed=12, driver="more_inbound_30", strength=1.8, base=0.005)
