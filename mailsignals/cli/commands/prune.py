"""``mailsignals prune``: delete data that is older than ``[retention]`` allows."""

from typing import Annotated

import polars as pl
import typer

from mailsignals import clock
from mailsignals.cli.cells import number
from mailsignals.cli.output import Output, table
from mailsignals.cli.progress import working
from mailsignals.cli.run import Run
from mailsignals.usecases.retention import preview_pruning, price, prune
from mailsignals.wording.numbers import count_noun, date_and_time

STILL_READ = (
    "The deleted data is out of all figures, but another program still reads files that hold it. They are wiped from "
    "the disk by the next job that writes, or by `mailsignals prune`."
)


def prune_command(
    context: typer.Context,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Preview what would be deleted; change nothing.")
    ] = False,
) -> None:
    """Delete data that is past its retention period."""
    run: Run = context.obj
    workspace = run.workspace()
    settings, now = workspace.settings, clock.now()
    if dry_run:
        _show(run.output, preview_pruning(workspace, now), "would be deleted")
        for sentence in price(settings.retention, workspace.book, now):
            run.output.say(sentence)
        return
    with working(run.output, "Deleting old data"):
        done = prune(workspace, now)
    _show(run.output, done.removed, "deleted")
    if done.backups and done.removed["removed"].sum():
        run.output.say(
            f"{count_noun(done.backups, 'backup')} in {settings.schedule.backup_folder} may still hold the deleted "
            "data. Newer backups replace them, or delete them by hand."
        )
    if not done.wiped:
        run.output.complain(STILL_READ)


def _show(output: Output, found: pl.DataFrame, head: str) -> None:
    heads = ["data", head, "older than"]
    rows = [
        (row["kind"], number(row["removed"]), date_and_time(row["kept_since"], "UTC"))
        for row in found.iter_rows(named=True)
    ]
    output.result(found, table(heads, rows, right=heads[1:2]), to=None)
