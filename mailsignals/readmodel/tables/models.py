"""The tables behind the page Model: the model in use, its test, its drift, and the outcome of its flags."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from mailsignals.flags.flags import visible_flags
from mailsignals.flags.holdout import holdout_effect
from mailsignals.flags.outcomes import RIGHT, judged_flags, precision
from mailsignals.schema import INSTANT
from mailsignals.training.quiet_card import quiet_card
from mailsignals.workspace import Snapshot
from models.card import FIGURES

RANDOM = "random alarms"

WORDS_SCHEMA = pl.Schema({"about": pl.String(), "text": pl.String()})
MODELS_SCHEMA = pl.Schema(
    {
        "model": pl.String(),
        "in_use": pl.Boolean(),
        "trained_as_of": INSTANT,
        "readable": pl.Boolean(),
        "retired": pl.String(),
    }
)
"""``retired``: the reason why a model of an old kind is never used; null for others."""
PROMOTIONS_SCHEMA = pl.Schema({"model": pl.String(), "trained_as_of": INSTANT, "promoted_at": INSTANT})
CONTENDERS_SCHEMA = pl.Schema(
    {
        "contender": pl.String(),
        "chosen": pl.Boolean(),
        "figure": pl.String(),
        "words": pl.String(),
        "value": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
    }
)
CALIBRATION_SCHEMA = pl.Schema({"said": pl.Float64(), "came": pl.Float64(), "rows": pl.Float64()})
SHIFTS_SCHEMA = pl.Schema(
    {
        "column": pl.String(),
        "stability_index": pl.Float64(),
        "critical": pl.Float64(),
        "drifted": pl.Boolean(),
    }
)
SETTLED = (
    *("account_id", "name", "csm", "opened_on", "opening_risk", "opening_source", "state"),
    *("became", "known_on"),
)


def model_words(snapshot: Snapshot) -> pl.DataFrame:
    """Return sentences about the model in ``WORDS_SCHEMA``.

    ``about`` is ``quiet`` (Markdown), ``card`` (Markdown), ``retired`` (a retired model in use), ``verdict`` (of the
    backtest), ``doubt`` (one row each), ``departures``, ``precision`` or ``lesson``. Subjects without a sentence have
    no row.
    """
    return pl.DataFrame(list(_words(snapshot)), schema=WORDS_SCHEMA, orient="row")


def _words(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    yield "quiet", quiet_card(snapshot.quiet_model, snapshot.quiet_bands)
    if snapshot.retired_model is not None:
        yield "retired", retired_sentence(snapshot)
    if snapshot.model is not None:
        yield "card", snapshot.model_card
        verdict = snapshot.model.manifest.get("verdict")
        if verdict:
            yield "verdict", str(verdict)
    if snapshot.fit is not None:
        yield from (("doubt", doubt) for doubt in snapshot.fit.doubts)
        yield "departures", snapshot.fit.departures
    if snapshot.is_recorded:
        timezone = snapshot.timezone
        found = precision(
            snapshot.flags, as_of=snapshot.as_of, timezone=timezone, source=snapshot.recorded_source
        )
        yield "precision", found.text
        yield "lesson", holdout_effect(snapshot.flags, as_of=snapshot.as_of, timezone=timezone).text


def retired_sentence(snapshot: Snapshot) -> str:
    """Return a sentence about the retired model that was in use."""
    model = str(snapshot.retired_model)
    return (
        f"{model} is retired ({snapshot.models_retired[model]}). Risk is computed without a trained model. "
        "Run `mailsignals train` to train a new one."
    )


def registry(snapshot: Snapshot) -> pl.DataFrame:
    """Return the models of the store in ``MODELS_SCHEMA``: the one in use first, then those with the newest data."""
    current = snapshot.model.id if snapshot.model else None
    rows = [
        (model, model == current, known, known is not None, snapshot.models_retired.get(model))
        for model, known in snapshot.models_trained_as_of.items()
    ]
    return pl.DataFrame(rows, schema=MODELS_SCHEMA, orient="row").sort(
        "in_use", "trained_as_of", "model", descending=[True, True, False], nulls_last=True
    )


def promotions(snapshot: Snapshot) -> pl.DataFrame:
    """Return the models put into use, newest first, in ``PROMOTIONS_SCHEMA``."""
    rows = [(entry.id, entry.trained_as_of, entry.promoted_at) for entry in snapshot.model_journal]
    found = pl.DataFrame(rows, schema=PROMOTIONS_SCHEMA, orient="row")
    return found.reverse().sort("promoted_at", descending=True, maintain_order=True)


def contenders(snapshot: Snapshot) -> pl.DataFrame:
    """Return the backtest figures that are stored with the model in use, in ``CONTENDERS_SCHEMA``."""
    test = _test(snapshot)
    own = snapshot.model.fitted.candidate.name if snapshot.model else ""
    rows = [
        (name, name == own, figure, FIGURES[figure], one["value"], one["low"], one["high"])
        for name, figures in (
            *((verdict["name"], verdict["figures"]) for verdict in (test["verdicts"] if test else ())),
            *(((RANDOM, test["random"]),) if test else ()),
        )
        for figure, one in figures.items()
        if figure in FIGURES
    ]
    return pl.DataFrame(rows, schema=CONTENDERS_SCHEMA, orient="row")


def calibration(snapshot: Snapshot) -> pl.DataFrame:
    """Return the predicted and actual shares of the model in the backtest, by tenths, in ``CALIBRATION_SCHEMA``.

    Empty without a model that was tested.
    """
    test = _test(snapshot)
    verdicts = {verdict["name"]: verdict for verdict in (test["verdicts"] if test else ())}
    model = snapshot.model.fitted.candidate.name if snapshot.model else ""
    rows = verdicts[model]["reliability"] if model in verdicts else []
    return pl.DataFrame(rows, schema=CALIBRATION_SCHEMA, orient="row")


def _test(snapshot: Snapshot) -> Mapping[str, Any]:
    """Return the backtest that is stored with the model in use; empty without one."""
    model = snapshot.model
    return (model.manifest["test"] if model else None) or {}


def shifts(snapshot: Snapshot) -> pl.DataFrame:
    """Return the drift of each column since the training, largest first, in ``SHIFTS_SCHEMA``."""
    fit = snapshot.fit
    rows = [
        (one.name, one.index, one.critical if np.isfinite(one.critical) else None, one.drifted)
        for one in (fit.shifts if fit else ())
    ]
    return pl.DataFrame(rows, schema=SHIFTS_SCHEMA, orient="row")


def settled_flags(snapshot: Snapshot) -> pl.DataFrame:
    """Return flags with an outcome, as ``settled_of`` returns them."""
    return settled_of(snapshot.flags, snapshot.accounts, as_of=snapshot.as_of, timezone=snapshot.timezone)


def settled_of(flags: pl.DataFrame, book: pl.DataFrame, *, as_of: dt.datetime, timezone: str) -> pl.DataFrame:
    """Return flags with an outcome, newest outcome first, without those held out for comparison.

    Args:
        flags: what ``flags`` returned for ``as_of``.
        book: the account list.
        as_of: the date and time of the figures.
        timezone: of days.

    Returns:
        ``SETTLED``, and ``right``.
    """
    named = book.select("account_id", "name", "csm")
    return (
        judged_flags(visible_flags(flags), as_of=as_of, timezone=timezone)
        .filter(pl.col("became").is_not_null())
        .join(named, on="account_id", how="left", maintain_order="left")
        .select(*SETTLED, right=pl.col("became").is_in(RIGHT))
        .sort("known_on", "account_id", descending=[True, False])
    )
