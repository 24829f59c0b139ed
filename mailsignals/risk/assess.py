"""From facts to risk, in one story: outlook, state, score, level, reasons."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import polars as pl

from mailsignals.config import Settings
from mailsignals.errors import UserError
from mailsignals.risk.levels import alarm_level, level
from mailsignals.risk.marks import MARKS
from mailsignals.risk.outlook import outlook
from mailsignals.risk.predicted import Predicted
from mailsignals.risk.reasons import REASON, Reason, reasons, too_little_sight
from mailsignals.risk.state import state
from mailsignals.signals.facts import Facts
from models.feature import Feature
from models.features import FEATURES
from models.scorecard import contributions, percentile_score, raw_score

RISK_SCHEMA = pl.Schema(
    {
        "account_id": pl.String(),
        "as_of": pl.Datetime("us", "UTC"),
        "state": pl.String(),
        "risk": pl.Float64(),
        "score": pl.Float64(),
        "level": pl.String(),
        "source": pl.String(),
        "reasons": pl.List(REASON),
    }
)
"""What ``mailsignals risk`` writes: ``risk`` is null until a model gives a probability."""

RISKS = ("risk_30", "risk_60", "risk")

PART = pl.Struct({"input": pl.String(), "value": pl.Float64(), "usual": pl.Float64(), "adds": pl.Float64()})
"""What one input adds to the score or to the model's index; all of an account add up to it."""


def assess(
    facts: Facts,
    book: pl.DataFrame,
    people: pl.DataFrame,
    settings: Settings,
    *,
    as_of: dt.datetime,
    predicted: Predicted | None = None,
) -> pl.DataFrame:
    """The outlook of every account of the book with ``RISK_SCHEMA`` added, the riskiest first.

    ``risk_30``, ``risk_60`` and ``parts`` (a list of ``PART``, the largest first; null where nothing is judged) stand
    beside; with a model, it decides order, level and reasons, and ``score`` stays.

    Args:
        facts: of all accounts; the scorecard compares them with each other.
        book: the account book's rows.
        people: the addresses behind ``person``.
        settings: thresholds and weights.
        as_of: the instant.
        predicted: what the model in use says of the scored accounts at the instant.
    """
    risk = settings.risk
    rows = outlook(
        facts,
        book,
        people,
        as_of=as_of,
        reply_horizon=dt.timedelta(days=settings.signals.reply_horizon_days),
        timezone=settings.company.timezone,
    )
    judged = rows.with_columns(
        state=state(
            as_of,
            timezone=settings.company.timezone,
            min_touches=risk.min_touches,
            max_visibility_gap=risk.max_visibility_gap,
        )
    )
    parts = contributions(judged.filter(pl.col("state") == "scored"), risk.weights.model_dump())
    scored = (
        judged.join(
            parts.select("account", raw_score=raw_score(parts)),
            on="account",
            how="left",
            maintain_order="left",
        )
        .with_columns(score=percentile_score(pl.col("raw_score")))
        .with_columns(level=level(high_score=80.0, accounts_per_csm=risk.accounts_per_csm))
    )
    if predicted is None:
        found = scored.with_columns(
            *(pl.lit(None, dtype=pl.Float64).alias(name) for name in RISKS), source=pl.lit("scorecard")
        )
        return _explained(found, parts, FEATURES, settings).sort(
            "raw_score", descending=True, nulls_last=True, maintain_order=True
        )
    return _by_model(scored, predicted, settings)


def _by_model(scored: pl.DataFrame, predicted: Predicted, settings: Settings) -> pl.DataFrame:
    """The scored rows with what the model says; an alarm decides the level where the model has alarms."""
    said = scored.join(predicted.rows, on="account", how="left", maintain_order="left")
    if predicted.alarms:
        said = said.with_columns(level=alarm_level(accounts_per_csm=settings.risk.accounts_per_csm))
    found = said.with_columns(source=pl.lit(predicted.source))
    return _explained(found, predicted.parts, predicted.drivers, settings).sort(
        "risk", "raw_score", descending=True, nulls_last=True, maintain_order=True
    )


def _explained(
    scored: pl.DataFrame, parts: pl.DataFrame, features: Sequence[Feature], settings: Settings
) -> pl.DataFrame:
    """With ``reasons`` and ``parts``."""
    worded = scored.with_columns(
        *(
            mark.holds(settings.risk.marks).fill_null(value=False).alias(f"mark {mark.name}")
            for mark in MARKS
        ),
        *(mark.value.alias(f"value {mark.name}") for mark in MARKS),
        *(mark.before.alias(f"before {mark.name}") for mark in MARKS),
        *(feature.value.cast(pl.Float64).alias(f"value {feature.name}") for feature in features),
        *(feature.usual.cast(pl.Float64).alias(f"usual {feature.name}") for feature in features),
    )
    return scored.with_columns(
        _reasons(worded, parts, features, settings), _parts(worded, parts, {f.name for f in features})
    )


def _parts(worded: pl.DataFrame, parts: pl.DataFrame, told: Collection[str]) -> pl.Series:
    """What each input of each account is, usually is, and adds, in the order of the rows."""
    nothing = pl.lit(None, dtype=pl.Float64)
    inputs = [name for name in parts.columns if name != "account"]
    one = [
        pl.struct(
            pl.lit(name).alias("input"),
            (pl.col(f"value {name}") if name in told else nothing).alias("value"),
            (pl.col(f"usual {name}") if name in told else nothing).alias("usual"),
            pl.col(f"adds {name}").alias("adds"),
        )
        for name in inputs
    ]
    added = parts.select("account", pl.col(inputs).name.prefix("adds "))
    largest = pl.concat_list(one).list.eval(
        pl.element().sort_by(pl.element().struct.field("adds").abs(), descending=True, maintain_order=True)
    )
    known = worded.join(added, on="account", how="inner").select("account", largest.alias("parts"))
    return worded.select("account").join(known, on="account", how="left", maintain_order="left")["parts"]


def _reasons(
    worded: pl.DataFrame, parts: pl.DataFrame, features: Sequence[Feature], settings: Settings
) -> pl.Series:
    """The reasons of each account, in the order of the rows."""
    drivers = {row["account"]: _drivers(row, features) for row in parts.iter_rows(named=True)}
    found: list[list[Reason]] = []
    for row in worded.iter_rows(named=True):
        if row["state"] == "scored":
            found.append(reasons(row, MARKS, drivers[row["account"]]))
        elif row["state"] == "not_enough_sight":
            found.append(too_little_sight(row, min_touches=settings.risk.min_touches))
        else:
            found.append([])
    return pl.Series("reasons", found, dtype=pl.List(REASON))


def _drivers(row: dict[str, float], features: Sequence[Feature]) -> list[tuple[Feature, float]]:
    """The features that raise the risk most, first."""
    return sorted(((f, row[f.name]) for f in features), key=lambda driver: -driver[1])


def parts_of(assessed: pl.DataFrame, account_id: str) -> tuple[dict[str, Any], pl.DataFrame]:
    """Return one account's row of ``assess``, and all that adds to its score or model index, in ``PART``.

    Raises:
        UserError: there is no such account, or it cannot be judged.
    """
    found = assessed.filter(pl.col("account_id") == account_id)
    if found.is_empty():
        raise UserError(f"--explain {account_id}: the account book has no such account_id.")
    row = found.row(0, named=True)
    if row["parts"] is None:
        why = row["state"].replace("_", " ")
        raise UserError(f"--explain {account_id}: this account is not judged at that instant ({why}).")
    return row, pl.DataFrame(row["parts"], schema=pl.Schema(PART))
