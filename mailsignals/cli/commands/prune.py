"""``mailsignals prune``: remove for good what ``[retention]`` no longer keeps."""

from typing import Annotated

import polars as pl
import typer

from mailsignals import clock
from mailsignals.cli.cells import number
from mailsignals.cli.output import Output, table
from mailsignals.cli.run import Run
from mailsignals.usecases.retention import preview_pruning, price, prune
from mailsignals.wording.numbers import count_noun, date_and_time

STILL_READ = (
    "What was removed is in no figure any more, but some program still reads files that hold it. The next run of any "
    "job that writes wipes them from the disk, or `mailsignals prune` does."
)


def prune_command(
    context: typer.Context,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be removed; change nothing.")
    ] = False,
) -> None:
    """Delete data that is past its retention period."""
    run: Run = context.obj
    workspace = run.workspace()
    settings, now = workspace.settings, clock.now()
    if dry_run:
        _show(run.output, preview_pruning(workspace, now), "would be removed")
        for sentence in price(settings.retention, workspace.book, now):
            run.output.say(sentence)
        return
    done = prune(workspace, now)
    _show(run.output, done.removed, "removed")
    if done.backups and done.removed["removed"].sum():
        run.output.say(
            f"{count_noun(done.backups, 'backup')} in {settings.schedule.backup_folder} still hold what was removed; "
            "each goes as newer ones come, or remove it by hand."
        )
    if not done.wiped:
        run.output.complain(STILL_READ)


def _show(output: Output, found: pl.DataFrame, head: str) -> None:
    heads = ["what", head, "from before"]
    rows = [
        (row["kind"], number(row["removed"]), date_and_time(row["kept_since"], "UTC"))
        for row in found.iter_rows(named=True)
    ]
    output.result(found, table(heads, rows, right=heads[1:2]), to=None)
