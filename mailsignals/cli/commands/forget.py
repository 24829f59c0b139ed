"""``mailsignals forget``: erase a person from the store and from future mail."""

from typing import Annotated

import polars as pl
import typer

from mailsignals import clock
from mailsignals.accounts import address_of
from mailsignals.cli.cells import number
from mailsignals.cli.exit_status import DONE, PARTIAL
from mailsignals.cli.output import Output, table
from mailsignals.cli.progress import working
from mailsignals.cli.run import Run
from mailsignals.errors import UserError
from mailsignals.usecases.forget import ForgetReport, forget, preview_erasure

STILL_READ = (
    "The address no longer appears anywhere, but another program still reads files that hold it. Stop it and run the "
    "same command again; otherwise the next job that writes wipes them from the disk."
)


def forget_command(
    context: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Address of the person.")],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Preview what would be changed; change nothing.")
    ] = False,
) -> int:
    """Erase a person: a random name replaces the address."""
    run: Run = context.obj
    workspace = run.workspace()
    try:
        whom = address_of(address)
    except ValueError as error:
        raise UserError(f"ADDRESS: {error}.") from None
    if dry_run:
        found = preview_erasure(workspace, whom)
        _show(run.output, found, "would be changed")
        if not found["changed"].sum():
            run.output.say(f"{whom} does not appear in the store.")
        return DONE
    with working(run.output, "Erasing"):
        done = forget(workspace, whom, clock.now())
    _show(run.output, done.found, "changed")
    run.output.say(_sentence(done))
    for task in done.tasks:
        run.output.say(task)
    if done.wiped:
        return DONE
    run.output.complain(STILL_READ)
    return PARTIAL


def _show(output: Output, found: pl.DataFrame, head: str) -> None:
    rows = [(row["what"], number(row["changed"])) for row in found.iter_rows(named=True)]
    output.result(found, table(["data", head], rows, right=[head]), to=None)


def _sentence(done: ForgetReport) -> str:
    person = done.person
    if done.found["changed"].sum():
        return f"{person.address} is now {person.token}, in future mail too. The name can't be traced back."
    return f"{person.address} does not appear in the store. Future mail will be stored under the name {person.token}."
