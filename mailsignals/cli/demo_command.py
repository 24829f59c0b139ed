"""``mailsignals demo``: a simulated company, from its mail to the accounts at risk."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from mailsignals import clock
from mailsignals.cli.app import Run, app
from mailsignals.cli.digest_command import write_digests
from mailsignals.cli.import_command import import_files
from mailsignals.cli.risk_command import assessed_at, at_risk, summarise
from mailsignals.cli.workspace import Workspace
from mailsignals.demo import simulate, write


@app.command("demo")
def demo_command(
    context: typer.Context,
    *,
    accounts: Annotated[int, typer.Option(help="How many customers the company has.", min=1)] = 120,
    seed: Annotated[int, typer.Option(help="The same seed gives the same company.", min=0)] = 1,
    folder: Annotated[Path, typer.Option(help="Where it is written.")] = Path("mailsignals-demo"),
) -> int:
    """Invent a company with two years of mail, and show which of its customers are drifting away."""
    run: Run = context.obj
    today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    run.output.say(f"Inventing a company with {accounts:,} customers and two years of mail (seed {seed}) ...")
    simulation = simulate(accounts=accounts, seed=seed, until=today)
    write(simulation, folder)
    run.output.say(f"Importing {simulation.messages.height:,} mails ...")
    workspace = Workspace.load(folder / "config.toml")
    import_files(workspace, [folder / "messages.parquet"], "support@example.com", run.output)
    return _show(run, workspace, today, folder)


def _show(run: Run, workspace: Workspace, as_of: dt.datetime, folder: Path) -> int:
    with workspace.reading() as store:
        assessed = assessed_at(workspace, store, as_of)
        pages = write_digests(workspace, store, as_of, folder / "digests", csm=None)
    if run.output.as_json:
        run.output.result(assessed.select("account_id", "level", "score"), at_risk(assessed), to="-")
        return 0
    run.output.out.print(at_risk(assessed))
    summarise(assessed, as_of, workspace, run.output)
    run.output.say("\nEach CSM's digest, to open in a browser:")
    for page in pages:
        run.output.say(f"  {page.resolve()}")
    run.output.say(f"\nThe company is in {folder.resolve()}: cd there and try `mailsignals signals`.")
    return 0
