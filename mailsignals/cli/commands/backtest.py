"""``mailsignals backtest``: would it have warned us? History replayed week by week."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from mailsignals import clock
from mailsignals.cli.options import AsOf
from mailsignals.cli.run import Run
from mailsignals.cli.tables.train import TargetOption, contenders_table
from mailsignals.training.dataset import Target
from mailsignals.training.verdict import verdict
from mailsignals.usecases.backtest import backtest, write_report
from mailsignals.usecases.train import backtest_figures
from mailsignals.wording.numbers import date_and_time


def backtest_command(
    context: typer.Context,
    *,
    as_of: AsOf = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The folder for report.html and report.json."),
    ] = None,
    target: TargetOption = Target.CHURN,
) -> None:
    """Would it have warned us? History replayed, with a report."""
    run: Run = context.obj
    workspace = run.workspace()
    moment = workspace.instant(as_of, now=clock.now())
    found = backtest(workspace, moment, target)
    shown = [Text(verdict(found, target))]
    run.output.result(
        backtest_figures(found),
        Group(*shown, Text(), contenders_table(found)) if found else shown[0],
        to=None,
    )
    if output is not None:
        on = date_and_time(moment, workspace.settings.company.timezone)
        for page in write_report(found, target, workspace, output, on=on):
            run.output.say(f"Written: {page}")
