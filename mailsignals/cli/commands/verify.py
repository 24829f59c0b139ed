"""``mailsignals verify``: compare the store or a backup with what was written."""

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from mailsignals.cli.output import table
from mailsignals.cli.progress import working
from mailsignals.cli.run import DONE, PARTIAL, Run
from mailsignals.usecases.verify import verify
from mailsignals.wording.numbers import count_noun

DAMAGE_SCHEMA = pl.Schema(
    {
        "file": pl.String(),
        "kind": pl.String(),
        "name": pl.String(),
        "problem": pl.String(),
        "remedy": pl.String(),
    }
)


def verify_command(
    context: typer.Context,
    backup: Annotated[
        Path | None, typer.Argument(metavar="BACKUP", help="A backup instead of the store.")
    ] = None,
    *,
    read_data: Annotated[
        bool, typer.Option("--read-data", help="Read every file, which takes a second per gigabyte or two.")
    ] = False,
) -> int:
    """Verify the files and tables of the store or of a backup."""
    run: Run = context.obj
    workspace = run.workspace()
    with working(run.output, "Verifying"):
        found = verify(workspace, read_data=read_data, backup=backup)
    rows = [
        (str(each.path), str(each.kind), each.name or None, each.what, each.remedy) for each in found.damages
    ]
    compared = "content" if read_data else "presence and size"
    sound = f"No damage: {count_noun(found.files, 'file')} of {found.folder} compared by {compared}."
    shown = table(["file", "problem", "remedy"], [(row[0], row[3], row[4]) for row in rows], empty=sound)
    run.output.result(pl.DataFrame(rows, schema=DAMAGE_SCHEMA, orient="row"), shown, to=None)
    for sentence in found.remarks:
        run.output.say(sentence)
    return DONE if found.sound else PARTIAL
