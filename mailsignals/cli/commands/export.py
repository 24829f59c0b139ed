"""``mailsignals export``: export the tables behind the figures."""

from typing import Annotated

import typer

from mailsignals import clock
from mailsignals.cli.files import check_suffix
from mailsignals.cli.options import AsOf
from mailsignals.cli.progress import working
from mailsignals.cli.run import Run
from mailsignals.usecases.export import Table, export_table


def export_command(
    context: typer.Context,
    what: Annotated[Table, typer.Argument(metavar="TABLE", help="Table to export.")],
    *,
    output: Annotated[
        str, typer.Option(metavar="FILE", help="Output file (.parquet, .csv or .json), or - for JSON.")
    ],
    as_of: AsOf = None,
) -> None:
    """Export the tables behind the figures."""
    run: Run = context.obj
    check_suffix(output)
    workspace = run.workspace()
    moment = workspace.instant(as_of, now=clock.now())
    with working(run.output, "Exporting"), workspace.at(moment) as snapshot:
        frame = export_table(snapshot, what)
    run.output.save(frame, output)
