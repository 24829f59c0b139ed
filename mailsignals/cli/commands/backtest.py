"""``mailsignals backtest``: replay history month by month, and test the risk list on it."""

from pathlib import Path
from typing import Annotated

import typer

from mailsignals import clock
from mailsignals.cli.options import AsOf
from mailsignals.cli.progress import working
from mailsignals.cli.run import Run
from mailsignals.cli.tables.train import TargetOption, findings_table, refuse_target
from mailsignals.usecases.backtest import backtest, write_report
from mailsignals.usecases.train import backtest_figures
from mailsignals.wording.numbers import date_and_time


def backtest_command(
    context: typer.Context,
    *,
    as_of: AsOf = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for report.html and report.json."),
    ] = None,
    target: TargetOption = None,
) -> None:
    """Replay history to test how early the risk list warned."""
    run: Run = context.obj
    refuse_target(target, command="backtest")
    workspace = run.workspace()
    moment = workspace.instant(as_of, now=clock.now())
    with working(run.output, "Replaying history"):
        found = backtest(workspace, moment)
    run.output.result(backtest_figures(found.backtest), findings_table(found.backtest, found.leaks), to=None)
    if output is not None:
        on = date_and_time(moment, workspace.settings.company.timezone)
        for page in write_report(found, workspace, output, on=on):
            run.output.say(f"Wrote {page}.")
