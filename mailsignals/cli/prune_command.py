"""``mailsignals prune``: remove for good what ``[retention]`` no longer keeps."""

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from mailsignals import clock
from mailsignals.cli.cells import number
from mailsignals.cli.output import Output, table
from mailsignals.cli.retaining import price, remove, too_old
from mailsignals.cli.run import Run
from mailsignals.errors import UserError
from mailsignals.store import Store
from mailsignals.store.messages.catalogue import FILE
from mailsignals.store.messages.errors import missing
from mailsignals.store.upkeep.backup import backups
from mailsignals.wording.numbers import counted, day

NOTHING_SET = (
    "Everything is kept, as nothing else is configured. Say under [retention] in config.toml for how many days mail "
    "(mail_days) and records (records_days) are kept; docs/operating.md says what that costs."
)
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
    """Remove for good what [retention] no longer keeps."""
    run: Run = context.obj
    workspace = run.workspace()
    settings, now = workspace.settings, clock.now()
    if not (settings.retention.mail_days or settings.retention.records_days):
        raise UserError(NOTHING_SET)
    if dry_run:
        with workspace.reading() as store:
            found, wiped = too_old(workspace, store, now), True
    elif not (settings.store.path / FILE).is_file():
        raise missing(settings.store.path)
    else:
        with Store.open(settings.store.path, mode="write") as store:
            found = remove(workspace, store, now)
            wiped = store.retention.wipe()
    heads = ["what", "would be removed" if dry_run else "removed", "from before"]
    rows = [
        (row["kind"], number(row["removed"]), day(row["kept_since"], "UTC"))
        for row in found.iter_rows(named=True)
    ]
    run.output.result(found, table(heads, rows, right=heads[1:2]), to=None)
    if dry_run:
        for sentence in price(settings.retention, workspace.book, now):
            run.output.say(sentence)
    else:
        tell_backups(run.output, settings.schedule.backup_folder, found)
    if not wiped:
        run.output.complain(STILL_READ)


def tell_backups(output: Output, folder: Path, found: pl.DataFrame) -> None:
    """Say that copies from before still hold what was removed."""
    made = backups(folder)
    if made and found["removed"].sum():
        output.say(
            f"{counted(len(made), 'backup')} in {folder} still hold what was removed; each goes as newer ones come, or "
            "remove it by hand."
        )
