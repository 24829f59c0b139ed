"""What models learn from, without any mail: an invented company of snapshots."""

import datetime as dt

import numpy as np
import polars as pl

from mailsignals.config import Settings
from mailsignals.training.dataset import Dataset, Target
from models.sample import Sample
from tests.models.samples import RECIPE, company

SETTINGS = Settings.model_validate({"company": {"name": "Us & <Them>", "domains": ["us.test"]}})


def material(sample: Sample) -> Dataset:
    """The snapshots of a company with two tiers and two CSMs."""
    rows = pl.DataFrame(
        {
            "days since last mail": np.random.default_rng(0).random(len(sample)),
            "graded rule": sample.score,
            "tier": np.where(sample.account % 3 == 0, "enterprise", "small"),
            "csm": np.where(sample.account % 2 == 0, "ana@us.test", "bo@us.test"),
            "inbound_90": sample.account.astype(np.float64),
        }
    )
    newest = pl.DataFrame(
        sample.inputs[sample.day == sample.day.max()], schema=list(sample.names), orient="row"
    )
    return Dataset(
        target=Target.CHURN,
        as_of=dt.datetime(1971, 6, 1, tzinfo=dt.UTC),
        rows=rows,
        sample=sample,
        recipe=RECIPE,
        newest=newest.with_columns(pl.all().name.prefix("raw ")),
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
