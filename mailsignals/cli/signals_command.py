"""``mailsignals signals``: every signal of every account at one or several instants."""

import polars as pl
import typer
from rich.console import RenderableType

from mailsignals import clock
from mailsignals.cli.files import check_suffix
from mailsignals.cli.options import AsOfs, To
from mailsignals.cli.output import table
from mailsignals.cli.run import Run
from mailsignals.cli.words import day, days, hours, number, share
from mailsignals.cli.workspace import Workspace
from mailsignals.signals.pipeline import SIGNALS, signals

HEADINGS = ("in", "out", "we answer in", "they answer in", "check-ins", "answered", "waiting", "silent for")


def signals_command(context: typer.Context, *, as_of: AsOfs = None, output: To = None) -> None:
    """One row an account and window of 30, 60 and 90 days."""
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


def _table(frame: pl.DataFrame, workspace: Workspace) -> RenderableType:
    names = dict(workspace.book.accounts.select("account_id", "name").iter_rows())
    timezone = workspace.settings.company.timezone
    rows = [
        (
            names[row["account_id"]],
            day(row["as_of"], timezone),
            number(row["inbound"]),
            number(row["outbound"]),
            hours(row["response_hours_median"]),
            hours(row["customer_response_hours_median"]),
            number(row["checkins"]),
            share(row["thread_response_rate"]),
            number(row["open_turns"]),
            days(row["days_since_inbound"]),
        )
        for row in frame.filter(pl.col("window_days") == 30).iter_rows(named=True)
    ]
    return table(
        ["account", "as of", *HEADINGS],
        rows,
        title="The last 30 days; every signal is in --output",
        right=HEADINGS,
    )
