"""``mailsignals sla dismiss``: a lead says that what waits in a ticket needs no answer."""

import getpass
from typing import Annotated

import typer

from mailsignals import clock
from mailsignals.cli.run import Run
from mailsignals.usecases.dismiss_ticket import dismiss_ticket, undo_dismissal
from mailsignals.wording.numbers import date_and_time


def dismiss_command(
    context: typer.Context,
    ticket: Annotated[str, typer.Argument(metavar="TICKET", help="The ticket's id, or how it begins.")],
    *,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="Why it needs no answer.")] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who says so. Default: your login.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take back what was said of the ticket.")] = False,
) -> None:
    """Say that what waits in a ticket needs no answer, such as a "thanks"; a later mail of the customer does again."""
    run: Run = context.obj
    workspace, now = run.workspace(), clock.now()
    if undo:
        found, what = undo_dismissal(workspace, ticket, at=now), "waits for its answer again"
    else:
        who = by or getpass.getuser()
        found = dismiss_ticket(workspace, ticket, at=now, by=who, note=note)
        what = f"needs no answer, says {who}"
    opened = date_and_time(found.opening.sent_at, workspace.timezone)
    run.output.say(f"Ticket {found.ticket} of {found.opening.sender}, opened {opened}: {what}.")
