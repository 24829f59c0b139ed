"""``mailsignals signals``: every signal of every account at one or several instants."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import typer
from rich.console import Group, RenderableType
from rich.text import Text

from mailsignals import clock
from mailsignals.cli.cells import duration, full_days, number, percentage
from mailsignals.cli.files import check_suffix
from mailsignals.cli.options import AsOfs, To
from mailsignals.cli.output import table
from mailsignals.cli.run import Run
from mailsignals.usecases.signals import compute_signals
from mailsignals.wording.numbers import date_and_time
from mailsignals.workspace import Workspace

HEADINGS = ("in", "out", "we\nanswer in", "they\nanswer in", "check-\nins", "answered", "waiting", "silent")


def signals_command(context: typer.Context, *, as_of: AsOfs = None, output: To = None) -> None:
    """Show the signals of each account over 30, 60 and 90 days."""
    run: Run = context.obj
    check_suffix(output)
    workspace = run.workspace()
    now = clock.now()
    as_ofs = sorted({workspace.instant(text, now=now) for text in as_of}) if as_of else [now]
    frame = compute_signals(workspace, as_ofs)
    run.output.result(frame, _tables(frame, workspace), to=output)


def _tables(frame: pl.DataFrame, workspace: Workspace) -> RenderableType:
    """The signals over 30 days that say most, a table for each instant."""
    names = dict(workspace.book.accounts.select("account_id", "name").iter_rows())
    last_month = frame.filter(pl.col("window_days") == 30)
    shown: list[RenderableType] = []
    for (as_of,), rows in last_month.partition_by("as_of", as_dict=True, maintain_order=True).items():
        until = date_and_time(as_of, workspace.timezone)
        title = f"The 30 days until {until}; --output has every signal"
        cells = [(names[row["account_id"]], *_figures(row)) for row in rows.iter_rows(named=True)]
        shown += [table(["account", *HEADINGS], cells, title=title, right=HEADINGS), Text()]
    return Group(*shown)


def _figures(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        number(row["inbound"]),
        number(row["outbound"]),
        duration(row["response_hours_median"]),
        duration(row["customer_response_hours_median"]),
        number(row["checkins"]),
        percentage(row["thread_response_rate"]),
        number(row["open_turns"]),
        full_days(row["days_since_inbound"]),
    )
