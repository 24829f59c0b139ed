"""``mailsignals risk``: which accounts are drifting away, and why."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mailsignals import clock
from mailsignals.cli.assessing import Assessed, assessed_at
from mailsignals.cli.cells import day
from mailsignals.cli.explaining import explain_account
from mailsignals.cli.files import check_suffix
from mailsignals.cli.options import AsOf, To
from mailsignals.cli.output import Output
from mailsignals.cli.run import Run
from mailsignals.risk.assess import RISK_SCHEMA
from mailsignals.training.drift import fit_of
from mailsignals.wording.numbers import chance, event_of
from mailsignals.wording.terminal import visible
from mailsignals.workspace import Workspace

STYLES = {"high": "bold red", "medium": "yellow"}
HEADING = "level   score  account"
INDENT = HEADING.index("account")


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
    with workspace.reading() as store:
        assessed = assessed_at(workspace, store, moment)
        unused = bool(store.models.journal()) and assessed.model is None
    if explain is not None:
        explain_account(assessed, explain, run.output, to=output)
        return
    frame = assessed.frame
    run.output.result(frame.select(RISK_SCHEMA.names()), at_risk(frame), to=output)
    if run.output.for_people(output):
        summarise(frame, moment, workspace, run.output)
        if unused:
            run.output.say(
                "No model in use was trained by then, so that this is the scorecard: what a model learnt later may not "
                f"count. `mailsignals train --as-of {as_of or moment.isoformat()}` makes one."
            )
        _doubt(assessed, moment, workspace, run.output)


def _doubt(assessed: Assessed, as_of: dt.datetime, workspace: Workspace, output: Output) -> None:
    """Say so where accounts no longer look like those that the model learnt from."""
    if assessed.model is None:
        return
    fit = fit_of(assessed.model, assessed.facts, assessed.book, workspace.settings, as_of=as_of)
    for sentence in fit.doubts:
        output.say(f"The model may no longer fit. {sentence}")


def at_risk(assessed: pl.DataFrame) -> RenderableType:
    """High and medium risk in blocks: who, then why; every reason of the former, the first of the latter."""
    flagged = assessed.filter(pl.col("level").is_in(list(STYLES)))
    if flagged.is_empty():
        return Text("No account is at high or medium risk.")
    ordered = flagged.sort(pl.col("level") == "medium", maintain_order=True)
    blocks = (block for row in ordered.iter_rows(named=True) for block in _blocks(row))
    return Group(Text(HEADING, style="bold"), *blocks)


def _blocks(row: Mapping[str, Any]) -> list[RenderableType]:
    level = row["level"]
    head = Text.assemble(
        (f"{level:8}", STYLES[level]), f"{row['score']:5.0f}  ", (visible(row["name"]), "bold")
    )
    for label, value in (("", row["tier"]), ("CSM ", row["csm"]), ("renews ", row["renewal_on"])):
        if value is not None:
            head.append(f"  {label}{visible(str(value))}", style="dim")
    texts = [visible(reason["text"]) for reason in row["reasons"]]
    shown = [*_chances(row), *(texts if level == "high" else texts[:1])]
    return [head, *(Padding(Text(text), (0, 0, 0, INDENT), expand=False) for text in shown), Text()]


def _chances(row: Mapping[str, Any]) -> list[str]:
    """What the model says, if there is one."""
    if row["risk"] is None:
        return []
    text = f"{chance(row['risk'])} to {event_of(row['source'])} within 90 days"
    if row["risk_30"] is not None:
        text += f", {chance(row['risk_60'])} within 60, {chance(row['risk_30'])} within 30"
    return [f"{text[0].upper()}{text[1:]}."]


def summarise(assessed: pl.DataFrame, as_of: dt.datetime, workspace: Workspace, output: Output) -> None:
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
    output.say(
        f"At {day(as_of, workspace.settings.company.timezone)}, {assessed.height} accounts: {', '.join(shown)}."
    )
    if levels:
        output.say("The score is the percentage of the judged accounts that look better.")
        source = assessed.item(0, "source")
        if source != "scorecard":
            output.say(
                f"Chances and reasons are those of the model {source}; `mailsignals model` says how good it is."
            )
