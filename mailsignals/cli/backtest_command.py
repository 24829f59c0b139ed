"""``mailsignals backtest``: would it have warned us? History replayed week by week."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from mailsignals import clock
from mailsignals.cli.cells import day
from mailsignals.cli.files import write_text
from mailsignals.cli.options import AsOf
from mailsignals.cli.run import Run
from mailsignals.cli.train_command import TargetOption, contenders, figures, material_at
from mailsignals.training.backtest import Backtest, replayed
from mailsignals.training.dataset import Target
from mailsignals.training.report import document, html
from mailsignals.training.verdict import verdict
from mailsignals.workspace import Workspace


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
    with workspace.reading() as store:
        known = material_at(workspace, store, moment, target)
    judgement = replayed(known, workspace.settings, whole=True)
    shown = [Text(verdict(judgement, target))]
    run.output.result(
        figures(judgement), Group(*shown, Text(), contenders(judgement)) if judgement else shown[0], to=None
    )
    if output is not None:
        on = day(moment, workspace.settings.company.timezone)
        for page in write_report(judgement, target, workspace, output, on=on):
            run.output.say(f"Written: {page}")


def write_report(
    judgement: Backtest | None, target: Target, workspace: Workspace, folder: Path, *, on: str
) -> list[Path]:
    """Write ``report.html`` and ``report.json``, and return where they are.

    Raises:
        UserError: the folder cannot be written.
    """
    book = workspace.book.accounts
    texts = {
        "report.html": html(judgement, target, book, company=workspace.settings.company.name, as_of=on),
        "report.json": document(judgement, target, book, as_of=on),
    }
    return [write_text(folder, name, text, option="--output") for name, text in texts.items()]
