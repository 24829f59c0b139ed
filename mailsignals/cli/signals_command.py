"""``mailsignals signals``: every signal of every account at one or several instants."""

from typing import Annotated

import polars as pl
import typer
from rich.table import Table

from mailsignals import clock
from mailsignals.cli.app import Run, app
from mailsignals.cli.output import check_suffix, table
from mailsignals.cli.words import day, hours, number, share
from mailsignals.cli.workspace import Workspace
from mailsignals.signals.pipeline import SIGNALS, signals

AsOf = Annotated[
    list[str] | None,
    typer.Option("--as-of", help="An instant or a day; repeat it for several. Default: now."),
]
To = Annotated[
    str | None,
    typer.Option("--output", help="A file (.parquet, .csv or .json), or - for JSON on standard output."),
]


@app.command("signals")
def signals_command(context: typer.Context, *, as_of: AsOf = None, output: To = None) -> None:
    """One row an account and window of 30, 60 and 90 days: how fast, how often, how much is answered."""
    run: Run = context.obj
    check_suffix(output)
    workspace = run.workspace()
    now = clock.now()
    as_ofs = sorted({workspace.instant(text, now=now) for text in as_of}) if as_of else [now]
    with workspace.reading() as store:
        found = pl.concat(
            signals(workspace.facts(tables), instants, reply_horizon=workspace.reply_horizon)
            for tables, instants in workspace.derived_by_instant(store, as_ofs)
        )
    frame = with_account_ids(found, workspace)
    run.output.result(frame, _table(frame, workspace), to=output)


def with_account_ids(found: pl.DataFrame, workspace: Workspace) -> pl.DataFrame:
    """Signals by ``account_id`` instead of number, in the order of the book."""
    ids = pl.lit(workspace.book.accounts["account_id"]).gather(pl.col("account"))
    return found.sort("as_of", "account", "window_days").select(
        ids.alias("account_id"), "as_of", "window_days", *(signal.name for signal in SIGNALS)
    )


def _table(frame: pl.DataFrame, workspace: Workspace) -> Table:
    headings = [
        "in",
        "out",
        "we answer in",
        "they answer in",
        "check-ins",
        "answered",
        "waiting",
        "silent for",
    ]
    made = table(
        ["account", "as of", *headings], title="The last 30 days; every signal is in --output", right=headings
    )
    names = dict(workspace.book.accounts.select("account_id", "name").iter_rows())
    for row in frame.filter(pl.col("window_days") == 30).iter_rows(named=True):
        made.add_row(
            names[row["account_id"]],
            day(row["as_of"], workspace.settings.company.timezone),
            number(row["inbound"]),
            number(row["outbound"]),
            hours(row["response_hours_median"]),
            hours(row["customer_response_hours_median"]),
            number(row["checkins"]),
            share(row["thread_response_rate"]),
            number(row["open_turns"]),
            f"{number(row['days_since_inbound'])} d" if row["days_since_inbound"] is not None else "-",
        )
    return made
