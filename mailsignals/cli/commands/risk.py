"""``mailsignals risk``: which accounts are drifting away, and why."""

import datetime as dt
from typing import Annotated

import polars as pl
import typer

from mailsignals import clock
from mailsignals.cli.files import check_suffix
from mailsignals.cli.options import AsOf, To
from mailsignals.cli.output import Output
from mailsignals.cli.run import Run
from mailsignals.cli.tables.risk import at_risk, explanation
from mailsignals.risk.assess import RISK_SCHEMA
from mailsignals.risk.explanation import parts_of
from mailsignals.wording.numbers import date_and_time


def risk_command(
    context: typer.Context,
    *,
    as_of: AsOf = None,
    explain: Annotated[
        str | None, typer.Option(metavar="ACCOUNT", help="All that adds to one account's score, by its id.")
    ] = None,
    output: To = None,
) -> None:
    """Which accounts are drifting away, and why; the riskiest first."""
    run: Run = context.obj
    check_suffix(output)
    workspace = run.workspace()
    moment = workspace.instant(as_of, now=clock.now())
    with workspace.at(moment) as snapshot:
        frame, model = snapshot.risk, snapshot.model
        unused = bool(snapshot.model_journal) and model is None
        fit = snapshot.fit if explain is None and run.output.for_people(output) else None
    if explain is not None:
        row, parts = parts_of(frame, explain)
        run.output.result(parts, explanation(row["name"], row["risk"], row["source"], parts), to=output)
        return
    run.output.result(frame.select(RISK_SCHEMA.names()), at_risk(frame), to=output)
    if run.output.for_people(output):
        summarise(frame, moment, workspace.timezone, run.output)
        if unused:
            run.output.say(
                "No model in use was trained by then, so that this is the scorecard: what a model learnt later may not "
                f"count. `mailsignals train --as-of {as_of or moment.isoformat()}` makes one."
            )
        for sentence in fit.doubts if fit else ():
            run.output.say(f"The model may no longer fit. {sentence}")


def summarise(assessed: pl.DataFrame, as_of: dt.datetime, timezone: str, output: Output) -> None:
    """One line that accounts for every account, and one that says what the score is."""
    levels = dict(assessed["level"].drop_nulls().value_counts().iter_rows())
    states = dict(assessed["state"].value_counts().iter_rows())
    shown = [f"{levels.get(name, 0)} {name}" for name in ("high", "medium", "low")]
    shown += [
        f"{states[name]} {words}"
        for name, words in (
            ("not_enough_sight", "with too little mail in sight to judge"),
            ("churned", "churned"),
            ("not_started", "not started"),
        )
        if states.get(name)
    ]
    output.say(f"At {date_and_time(as_of, timezone)}, {assessed.height} accounts: {', '.join(shown)}.")
    if levels:
        output.say("The score is the percentage of the judged accounts that look better.")
        source = assessed.item(0, "source")
        if source != "scorecard":
            output.say(
                f"Chances and reasons are those of the model {source}; `mailsignals model` says how good it is."
            )
