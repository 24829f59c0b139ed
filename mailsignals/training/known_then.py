"""Fields of the account list as they were known at each snapshot, compared with today's list."""

import dataclasses
from typing import Any

import numpy as np
import polars as pl

from mailsignals.accounts.book import numbered_accounts
from mailsignals.training.dataset import Questions
from mailsignals.training.snapshots import CONTRACT_FIELDS
from models.metrics import Ranked

GROUPS = 10
"""Number of groups of about equal size into which numbers and dates are split."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FieldThen:
    """One field of the account list: its changes since, and how well each version alone ranks churned accounts."""

    field: str
    rows: int
    unknown: int
    """Number of rows at which the value was not known then."""
    differ: int
    """Number of rows at which the value was known and differs from today's."""
    roc_auc_then: float
    """0.5 is chance; nan where nothing can be ranked."""
    roc_auc_today: float

    def to_json(self) -> dict[str, Any]:
        """Return the values for JSON, null instead of nan."""
        return {
            name: None if isinstance(value, float) and not np.isfinite(value) else value
            for name, value in dataclasses.asdict(self).items()
        }


def facts_then_and_today(questions: Questions, book: pl.DataFrame) -> list[FieldThen]:
    """Return a comparison of each field as known then with today's list, over rows with a known outcome.

    A field that ranks churned accounts far better by today's values was changed after the churn.

    Args:
        questions: the snapshots labelled with churn, with the fields as they were known then.
        book: today's account list, whose row numbers are the account numbers.
    """
    mature = questions.sample.mature
    rows = questions.rows.filter(pl.Series(mature))
    event = questions.sample.take(mature).event
    today = numbered_accounts(book, CONTRACT_FIELDS)
    both = rows.select(
        "account", "as_of", *CONTRACT_FIELDS, *(f"known_{field}" for field in CONTRACT_FIELDS)
    ).join(today, on="account", how="left", suffix="_today", maintain_order="left")
    return [
        FieldThen(
            field=field,
            rows=both.height,
            unknown=both.filter(~pl.col(f"known_{field}")).height,
            differ=both.filter(
                pl.col(f"known_{field}") & pl.col(field).ne_missing(pl.col(f"{field}_today"))
            ).height,
            roc_auc_then=_alone(both, field, event),
            roc_auc_today=_alone(both, f"{field}_today", event),
        )
        for field in CONTRACT_FIELDS
    ]


def _alone(rows: pl.DataFrame, name: str, event: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """Return the ROC-AUC of ranking rows by the churned share of their value's group; nan without both outcomes."""
    if not event.any() or event.all():
        return float("nan")
    value = pl.col(name)
    kind = rows.schema[name]
    number = (
        (value.cast(pl.Datetime("us", "UTC")) - pl.col("as_of")).dt.total_days() if kind == pl.Date else value
    )
    group = (
        number.rank("ordinal") * GROUPS // (number.count() + 1)
        if kind.is_numeric() or kind == pl.Date
        else value
    )
    shares = rows.select(group=group.cast(pl.String), event=pl.Series(event)).select(
        pl.col("event").mean().over("group")
    )
    return Ranked(shares.to_series().to_numpy(), event).roc_auc(np.ones(len(event)))
