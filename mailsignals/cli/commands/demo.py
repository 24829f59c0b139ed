"""``mailsignals demo``: a simulated company, from its mail to the accounts at risk."""

import datetime as dt
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mailsignals import clock
from mailsignals.cli.commands.import_files import import_and_report
from mailsignals.cli.commands.risk import RiskFilter, chosen_list
from mailsignals.cli.commands.serve import show
from mailsignals.cli.run import DONE, Run
from mailsignals.cli.tables.risk import risk_list
from mailsignals.demo import STORIES_FILE, simulate, write_company
from mailsignals.errors import UserError
from mailsignals.risk.assess import RISK_SCHEMA
from mailsignals.training.verdict import verdict
from mailsignals.usecases.backtest import backtest, write_report
from mailsignals.usecases.digests import chosen_pages
from mailsignals.usecases.score import score
from mailsignals.usecases.train import train
from mailsignals.workspace import Workspace

DAYS_RECORDED = 30
"""For how many days the demo's flags were watched: from the day on which its model was trained."""


def demo_command(
    context: typer.Context,
    *,
    accounts: Annotated[
        int, typer.Option(metavar="N", help="How many customers the company has.", min=1)
    ] = 200,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed gives the same company.", min=0)] = 1,
    folder: Annotated[
        Path, typer.Option(metavar="DIR", help="Where it is written; an earlier demo there is replaced.")
    ] = Path("mailsignals-demo"),
) -> int:
    """Invent a company, and show which of its customers drift away."""
    run: Run = context.obj
    today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    _make_room(folder)
    run.output.say(f"Inventing a company with {accounts:,} customers and two years of mail (seed {seed}) ...")
    simulation = simulate(accounts=accounts, seed=seed, until=today)
    write_company(simulation, folder)
    workspace = Workspace.load(folder / "config.toml")
    desk = f"support@{workspace.settings.company.domains[0]}"
    status = import_and_report(workspace, [folder / "messages.parquet"], desk, run.output)
    if status == DONE:
        days = [
            workspace.instant(f"{today - dt.timedelta(days=ago):%Y-%m-%d}", now=today)
            for ago in reversed(range(DAYS_RECORDED))
        ]
        _learn(run, workspace, days[0], folder)
        _watch(run, workspace, days)
        _show(run, workspace, days[-1], folder)
        _offer(run, workspace, folder)
    return status


def _make_room(folder: Path) -> None:
    """Remove what an earlier demo left; a folder with anything else in it is left alone."""
    if (folder / STORIES_FILE).exists():
        for name in ("store", "digests", "backtest"):
            shutil.rmtree(folder / name, ignore_errors=True)
    elif folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UserError(f"{folder}: this is something else than an earlier demo. Name another --folder.")


def _learn(run: Run, workspace: Workspace, as_of: dt.datetime, folder: Path) -> None:
    """Train a model and replay history; a company of which too few have left goes on without one, and is told so."""
    run.output.say("Learning from the customers who left, and replaying history ...")
    try:
        train(workspace, as_of, now=as_of, whole=False)
    except UserError as error:
        run.output.say(str(error))
    try:
        found = backtest(workspace, as_of)
    except UserError as error:
        run.output.say(str(error))
        return
    page, _ = write_report(found, workspace, folder / "backtest", on=f"{workspace.day(as_of)}")
    run.output.say(f"\nWould it have warned us? {verdict(found.backtest)}\n  {page.resolve()}\n")


def _watch(run: Run, workspace: Workspace, days: Sequence[dt.datetime]) -> None:
    """Record the scores of each day, as the service would have."""
    run.output.say(f"Watching the customers for {len(days)} days ...")
    for day in days:
        score(workspace, day)


def _show(run: Run, workspace: Workspace, as_of: dt.datetime, folder: Path) -> None:
    with workspace.at(as_of) as snapshot:
        shown, pages = chosen_list(snapshot, RiskFilter()), chosen_pages(snapshot, csm=None)
    run.output.result(shown.rows.select(RISK_SCHEMA.names()), risk_list(shown), to=None)
    run.output.say("\nEach CSM's digest, to open in a browser:")
    for page in pages:
        run.output.say(f"  {page.write(folder / 'digests').resolve()}")


def _offer(run: Run, workspace: Workspace, folder: Path) -> None:
    """Say how to go on; to somebody at a terminal, show the dashboard at once if they like."""
    run.output.say(
        f"\nThe company is in {folder.resolve()}: cd there and try `mailsignals serve`, `sla` or `model`."
    )
    if (
        sys.stdin.isatty()
        and run.output.for_people(None)
        and typer.confirm("Open its dashboard now?", err=True)
    ):
        show(run, workspace, host="127.0.0.1", port=0)
