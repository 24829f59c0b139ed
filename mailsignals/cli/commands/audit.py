"""``mailsignals audit``: who saw and changed what on the dashboard."""

from typing import Annotated

import polars as pl
import typer
from rich.console import RenderableType

from mailsignals import clock
from mailsignals.cli.options import To
from mailsignals.cli.output import table
from mailsignals.cli.run import Run
from mailsignals.store.tables.audit import Audit

SHOWN = 100
NAMELESS = {"open": "(at this machine)"}
"""What somebody is called by how they came, who has no name."""


def audit_command(
    context: typer.Context,
    *,
    since: Annotated[
        str | None, typer.Option("--since", metavar="T", help="An instant or a day. Default: all there is.")
    ] = None,
    who: Annotated[
        str | None, typer.Option("--who", metavar="ADDRESS", help="What this person, or `token NAME`, did.")
    ] = None,
    account: Annotated[
        str | None, typer.Option("--account", metavar="ID", help="What was done with this account.")
    ] = None,
    output: To = None,
) -> None:
    """Show the dashboard's audit log."""
    run: Run = context.obj
    workspace = run.workspace()
    found = Audit(workspace.settings.store.path).frame(
        since=None if since is None else workspace.instant(since, now=clock.now()),
        who=who if who is None or who.startswith("token ") else who.lower(),
        account_id=account,
    )
    run.output.result(found, _table(found.head(SHOWN), workspace.settings.company.timezone), to=output)
    if run.output.for_people(output) and found.height > SHOWN:
        run.output.say(f"and {found.height - SHOWN:,} more, which were earlier; --json lists all.")


def _table(found: pl.DataFrame, timezone: str) -> RenderableType:
    local = found.with_columns(pl.col("at").dt.convert_time_zone(timezone).dt.strftime("%Y-%m-%d %H:%M:%S"))
    rows = [
        (row["at"], _name(row), row["client"], row["kind"], row["what"], row["detail"] or "")
        for row in local.iter_rows(named=True)
    ]
    return table([f"at ({timezone})", "who", "from", "did", "what", ""], rows)


def _name(row: dict[str, str]) -> str:
    return row["who"] or NAMELESS.get(row["way"], "(unknown)")
