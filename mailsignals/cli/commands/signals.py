"""``mailsignals signals``: every signal of every account at one or several points in time."""

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Group, RenderableType
from rich.text import Text

from mailsignals import clock
from mailsignals.cli.cells import duration, number, percentage
from mailsignals.cli.files import check_suffix
from mailsignals.cli.freshness import stale_words
from mailsignals.cli.options import Account, AsOfs, Csm, Limit, Tier, To
from mailsignals.cli.output import table
from mailsignals.cli.progress import working
from mailsignals.cli.run import Run
from mailsignals.usecases.account_choice import AccountChoice, chosen_rows, sorted_rows
from mailsignals.usecases.signals import compute_signals
from mailsignals.wording.numbers import date_and_time
from mailsignals.workspace import Workspace

HEADINGS = (
    *("received", "sent", "our\nresponse", "their\nresponse"),
    *("check-\nins", "responded", "un-\nanswered", "days\nsilent"),
)


class SignalOrder(enum.StrEnum):
    """An order of accounts."""

    LIST = "list"
    NAME = "name"
    RECEIVED = "received"
    SILENT = "silent"


COLUMNS = {
    SignalOrder.NAME: "name",
    SignalOrder.RECEIVED: "inbound",
    SignalOrder.SILENT: "days_since_inbound",
}


def signals_command(  # noqa: PLR0913  # the options are the interface
    context: typer.Context,
    *,
    as_of: AsOfs = None,
    csm: Csm = None,
    tier: Tier = None,
    account: Account = None,
    limit: Limit = None,
    sort: Annotated[
        SignalOrder,
        typer.Option(
            metavar="ORDER",
            help="Order: list (the account list's), name, or received or silent (largest first).",
        ),
    ] = SignalOrder.LIST,
    output: To = None,
) -> None:
    """Show the signals of each account over 30, 60 and 90 days."""
    run: Run = context.obj
    check_suffix(output)
    workspace = run.workspace()
    now = clock.now()
    as_ofs = sorted({workspace.instant(text, now=now) for text in as_of}) if as_of else [now]
    wanted = AccountChoice(csm=csm, tier=tier, account=account, limit=limit)
    listed = workspace.book.accounts
    with working(run.output, "Computing signals"):
        frame = chosen_rows(compute_signals(workspace, as_ofs), listed, wanted)
    frame = _listed(frame, listed, wanted, sort)
    run.output.result(frame, _tables(frame, workspace), to=output)
    if run.output.for_people(output):
        _tell_stale(run, workspace, as_ofs[-1])


def _listed(
    frame: pl.DataFrame, accounts: pl.DataFrame, wanted: AccountChoice, sort: SignalOrder
) -> pl.DataFrame:
    """Return the rows of the first accounts in an order, point in time by point in time."""
    if sort is SignalOrder.LIST and wanted.limit is None:
        return frame
    names = accounts.select("account_id", "name")
    last_month = frame.filter(pl.col("window_days") == 30).join(names, on="account_id", maintain_order="left")
    ordered = (
        last_month
        if sort is SignalOrder.LIST
        else sorted_rows(last_month, COLUMNS[sort], largest_first=sort is not SignalOrder.NAME)
    )
    first = ordered.group_by("as_of", maintain_order=True).head(wanted.limit or ordered.height)
    places = first.select("account_id", "as_of").with_row_index("place")
    return frame.join(places, on=["account_id", "as_of"]).sort("as_of", "place", "window_days").drop("place")


def _tell_stale(run: Run, workspace: Workspace, as_of: dt.datetime) -> None:
    with workspace.at(as_of) as snapshot:
        if words := stale_words(snapshot, "signals"):
            run.output.say(words)


def _tables(frame: pl.DataFrame, workspace: Workspace) -> RenderableType:
    """Return the most important signals over 30 days, with a table per point in time."""
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
        number(row["days_since_inbound"] and int(row["days_since_inbound"])),
    )
