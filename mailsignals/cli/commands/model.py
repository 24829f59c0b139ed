"""``mailsignals model``: the calibration, the model in use, its test and its drift."""

import dataclasses
from typing import Annotated

import polars as pl
import typer
from rich.console import Group, RenderableType
from rich.text import Text

from mailsignals import clock
from mailsignals.cli.options import AsOf
from mailsignals.cli.output import table
from mailsignals.cli.progress import working
from mailsignals.cli.run import Run
from mailsignals.errors import UserError
from mailsignals.readmodel.tables.models import retired_sentence
from mailsignals.store.tables.models import SCORECARD
from mailsignals.training.drift import Fit
from mailsignals.training.quiet_card import quiet_card
from mailsignals.usecases.train import put_into_use, roll_back_model
from mailsignals.workspace import Snapshot

MODELS_SCHEMA = pl.Schema(
    {"model": pl.String(), "in_use": pl.Boolean(), "trained_as_of": pl.String(), "retired": pl.String()}
)
BANDS_SCHEMA = pl.Schema(
    {
        "low": pl.Float64(),
        "high": pl.Float64(),
        "rows": pl.Int64(),
        "predicted": pl.Float64(),
        "happened": pl.Float64(),
    }
)
DRIFT_SCHEMA = pl.Schema(
    {
        "column": pl.String(),
        "stability_index": pl.Float64(),
        "critical": pl.Float64(),
        "drifted": pl.Boolean(),
    }
)


def model_command(
    context: typer.Context,
    *,
    as_of: AsOf = None,
    use: Annotated[
        str | None, typer.Option(metavar="ID", help="Use this model, or `scorecard` for none.")
    ] = None,
    roll_back: Annotated[bool, typer.Option("--roll-back", help="Use the previous model again.")] = False,
) -> None:
    """Show the calibration, the model in use and its drift."""
    run: Run = context.obj
    if use is not None and roll_back:
        raise UserError("--use and --roll-back can't be combined. Use one of them.")
    workspace = run.workspace()
    now = clock.now()
    if use is not None:
        put_into_use(workspace, use, at=now)
        run.output.say(f"Now in use: {use}.")
    if roll_back:
        run.output.say(f"Now in use: {roll_back_model(workspace)}.")
    with (
        working(run.output, "Checking the model"),
        workspace.at(workspace.instant(as_of, now=now)) as snapshot,
    ):
        frames, shown = _model(snapshot)
    run.output.document(frames, shown)


def _model(snapshot: Snapshot) -> tuple[dict[str, pl.DataFrame], RenderableType]:
    """Return the frames for programs, and the same for people."""
    current = snapshot.model
    models = pl.DataFrame(
        [
            (
                model_id,
                current is not None and model_id == current.id,
                known and known.isoformat(),
                snapshot.models_retired.get(model_id),
            )
            for model_id, known in snapshot.models_trained_as_of.items()
        ],
        schema=MODELS_SCHEMA,
        orient="row",
    )
    bands = pl.DataFrame([dataclasses.asdict(band) for band in snapshot.quiet_bands], schema=BANDS_SCHEMA)
    card = Text(quiet_card(snapshot.quiet_model, snapshot.quiet_bands))
    if snapshot.fit is None:
        frames = {"models": models, "drift": pl.DataFrame(schema=DRIFT_SCHEMA), "quiet": bands}
        return frames, Group(card, *_without(models, snapshot))
    drift = pl.DataFrame(
        [(one.name, one.index, one.critical, one.drifted) for one in snapshot.fit.shifts],
        schema=DRIFT_SCHEMA,
        orient="row",
    ).with_columns(critical=pl.when(pl.col("critical").is_finite()).then("critical"))
    shown = Group(card, Text(snapshot.model_card), *_drifted(snapshot.fit), _list(models))
    return {"models": models, "drift": drift, "quiet": bands}, shown


def _without(models: pl.DataFrame, snapshot: Snapshot) -> list[RenderableType]:
    why = (
        "No trained model is in use. To train one on churned accounts: `mailsignals train`."
        if snapshot.retired_model is None
        else retired_sentence(snapshot)
    )
    return [Text(why), *([Text(), _list(models)] if models.height else [])]


def _drifted(fit: Fit) -> list[RenderableType]:
    """Return lines on the drift of accounts and churn since training."""
    nothing = f"No significant drift in {len(fit.shifts)} columns since training."
    lines = [*([] if fit.moved else [nothing]), *fit.doubts]
    lines += [] if fit.more_or_fewer_left else [fit.departures]
    return [Text("Drift", style="bold"), *(Text(line) for line in lines), Text()]


def _list(models: pl.DataFrame) -> RenderableType:
    rows = [
        (
            "in use" if row["in_use"] else "retired" if row["retired"] else "",
            row["model"],
            row["retired"] or row["trained_as_of"] or "can't be read",
        )
        for row in models.iter_rows(named=True)
    ]
    return table(
        ["", "model", "trained as of"], rows, title=f"Models in the store (`--use {SCORECARD}` for none)"
    )
