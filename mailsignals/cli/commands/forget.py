"""``mailsignals forget``: erase a person from the store, for good and for mail to come."""

from typing import Annotated

import polars as pl
import typer

from mailsignals import clock
from mailsignals.accounts import address_of
from mailsignals.cli.cells import number
from mailsignals.cli.exit_status import DONE, PARTIAL
from mailsignals.cli.output import Output, table
from mailsignals.cli.run import Run
from mailsignals.errors import UserError
from mailsignals.usecases.forget import ForgetReport, forget, preview_erasure

STILL_READ = (
    "Nothing shows the address any more, but some program still reads files that hold it. Stop it and run the same "
    "command again; else the next job that writes wipes them from the disk."
)


def forget_command(
    context: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The person's address.")],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be changed; change nothing.")
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
            run.output.say(f"Nothing in the store names {whom}.")
        return DONE
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
    output.result(found, table(["what", head], rows, right=[head]), to=None)


def _sentence(done: ForgetReport) -> str:
    person = done.person
    if done.found["changed"].sum():
        return f"{person.address} is {person.token} from now on, in new mail too. Nothing leads back from that name."
    return (
        f"Nothing in the store named {person.address}. Should mail come that does, it will be stored under the name "
        f"{person.token}."
    )
