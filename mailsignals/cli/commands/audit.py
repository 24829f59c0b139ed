"""``mailsignals audit``: the dashboard's audit log."""

from typing import Annotated

import polars as pl
import typer
from rich.console import RenderableType

from mailsignals import clock
from mailsignals.cli.options import DATES, Account, Limit, To
from mailsignals.cli.output import table
from mailsignals.cli.run import Run
from mailsignals.store.tables.audit import Audit, AuditKind
from mailsignals.wording.people import PersonNames

SHOWN = 100
NAMELESS = {"open": "(at this machine)"}
"""Names for people without one, by their way in."""


def audit_command(  # noqa: PLR0913  # the options are the interface
    context: typer.Context,
    *,
    since: Annotated[
        str | None, typer.Option("--since", metavar="T", help=f"First entry: {DATES}. Default: all.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="T", help="End, exclusive; dates as above. Default: now.")
    ] = None,
    who: Annotated[
        str | None, typer.Option("--who", metavar="ADDRESS", help="Only this person, or `token NAME`.")
    ] = None,
    account: Account = None,
    refused: Annotated[bool, typer.Option("--refused", help="Only refused requests.")] = False,
    limit: Limit = None,
    output: To = None,
) -> None:
    """Show the dashboard's audit log."""
    run: Run = context.obj
    workspace, now = run.workspace(), clock.now()
    found = Audit(workspace.settings.store.path).frame(
        since=None if since is None else workspace.instant(since, now=now),
        who=who if who is None or who.startswith("token ") else who.lower(),
        account_id=account,
    )
    if until is not None:
        found = found.filter(pl.col("at") < workspace.instant(until, now=now))
    if refused:
        found = found.filter(pl.col("kind") == str(AuditKind.REFUSED))
    chosen = found if limit is None else found.head(limit)
    shown = chosen.head(SHOWN if limit is None else limit)
    run.output.result(chosen, _table(shown, workspace.timezone, workspace.names), to=output)
    if run.output.for_people(output) and found.height > shown.height:
        run.output.say(f"{found.height - shown.height:,} earlier entries; list more with --limit or --json.")


def _table(found: pl.DataFrame, timezone: str, names: PersonNames) -> RenderableType:
    local = found.with_columns(pl.col("at").dt.convert_time_zone(timezone).dt.strftime("%Y-%m-%d %H:%M:%S"))
    rows = [
        (row["at"], _name(row, names), row["client"], row["kind"], row["what"], row["detail"] or "")
        for row in local.iter_rows(named=True)
    ]
    return table(
        [f"time ({timezone})", "person", "address", "action", "object", "detail"], rows, empty="No entries."
    )


def _name(row: dict[str, str], names: PersonNames) -> str:
    return names.of(row["who"]) if row["who"] else NAMELESS.get(row["way"], "(unknown)")
