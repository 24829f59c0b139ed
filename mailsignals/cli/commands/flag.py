"""``mailsignals flag``: which accounts are flagged, since when, what people said of them, and what it came to."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

import polars as pl
import typer
from rich.text import Text

from mailsignals import clock
from mailsignals.cli.commands.flag_feedback import churned, dismiss, saved, snooze, undo
from mailsignals.cli.files import check_suffix
from mailsignals.cli.options import AsOf, To
from mailsignals.cli.output import Output
from mailsignals.cli.run import Run
from mailsignals.cli.tables.flags import flag_list
from mailsignals.errors import UserError
from mailsignals.flags.flags import visible_flags
from mailsignals.flags.holdout import HoldoutEffect, holdout_effect
from mailsignals.flags.outcomes import precision
from mailsignals.usecases.score import score
from mailsignals.wording.numbers import count_noun, date_and_time
from mailsignals.workspace import Workspace

flag = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
for command in (snooze, dismiss, saved, churned, undo):
    flag.command(command.__name__)(command)


@flag.callback()
def flag_command(  # the options are the interface
    context: typer.Context,
    *,
    as_of: AsOf = None,
    every: Annotated[bool, typer.Option("--all", help="Those that are closed as well.")] = False,
    csm: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Only this CSM's accounts.")] = None,
    held_back: Annotated[
        bool, typer.Option("--held-back", help="What holding flags back has taught, instead.")
    ] = False,
    output: To = None,
) -> None:
    """List flagged accounts, and record feedback on them."""
    if context.invoked_subcommand is not None:
        return
    run: Run = context.obj
    check_suffix(output)
    workspace = run.workspace()
    timezone = workspace.settings.company.timezone
    moment = workspace.instant(as_of, now=clock.now())
    with workspace.at(moment) as snapshot:
        found = snapshot.recorded_flags
        newest, source = snapshot.store.scores.newest(), snapshot.recorded_source
    if held_back:
        learnt = holdout_effect(found, as_of=moment, timezone=timezone)
        run.output.result(_figures(learnt), Text(learnt.text), to=output)
        return
    rows = _named(visible_flags(found), workspace, csm)
    chosen = rows if every else rows.filter(pl.col("closed_on").is_null())
    run.output.result(chosen, flag_list(chosen, every=every), to=output)
    if run.output.for_people(output):
        _remark(run.output, rows.height - chosen.height, newest)
        run.output.say(precision(found, as_of=moment, timezone=timezone, source=source).text)


@flag.command("record")
def record_command(context: typer.Context, *, as_of: AsOf = None) -> None:
    """Record the day's levels and risks, from which flags follow. A recorded day stays as it is."""
    run: Run = context.obj
    workspace = run.workspace()
    now = clock.now()
    moment = workspace.instant(as_of, now=now)
    timezone = workspace.settings.company.timezone
    if moment > now:
        raise UserError(
            f"--as-of {date_and_time(moment, timezone)}: that is to come; what is recorded must be known."
        )
    told = score(workspace, moment).recorded
    with workspace.at(moment) as snapshot:
        seen = visible_flags(snapshot.recorded_flags)
    if told.rows.is_empty():
        run.output.say(f"{told.on} was recorded already, at {date_and_time(told.at, timezone)}; that stays.")
        return
    is_open = seen.filter(pl.col("closed_on").is_null())
    opened = is_open.filter(pl.col("opened_on") == told.on).height
    closed = seen.filter(pl.col("closed_on") == told.on).height
    run.output.say(
        f"{told.on}: {count_noun(told.rows.height, 'account')} recorded. {count_noun(opened, 'flag')} opened, "
        f"{closed} closed, {is_open.height} open now."
    )


def _named(rows: pl.DataFrame, workspace: Workspace, csm: str | None) -> pl.DataFrame:
    """The flags with ``name`` and ``csm``; those of one CSM where that is asked.

    Raises:
        UserError: no account has this CSM.
    """
    book = workspace.book.accounts.select("account_id", "name", "csm")
    named = rows.join(book, on="account_id", maintain_order="left")
    if csm is None:
        return named
    own = pl.col("csm").str.to_lowercase() == csm.lower()
    if book.filter(own).is_empty():
        known: Sequence[str] = book["csm"].drop_nulls().unique().sort().to_list()
        names = ", ".join(known) or "nobody"
        raise UserError(f"--csm {csm}: no account has this CSM. The account book names {names}.")
    return named.filter(own)


def _remark(output: Output, closed: int, newest: tuple[dt.date, dt.datetime] | None) -> None:
    """Since when the list is what it is, and what it leaves out."""
    if newest is None:
        output.say(
            "No day was recorded by then, so there aren't any flags. `mailsignals flag record` records today."
        )
        return
    more = f" {count_noun(closed, 'closed flag')} more with --all." if closed else ""
    output.say(f"The last recorded day is {newest[0]}.{more}")


def _figures(learnt: HoldoutEffect) -> pl.DataFrame:
    """One row: the counts, and the difference with its interval."""
    return pl.DataFrame(
        {
            "shown": [learnt.shown],
            "shown_left": [learnt.shown_left],
            "held_back": [learnt.held_back],
            "held_back_left": [learnt.held_back_left],
            "saved_share": [learnt.saved.value],
            "saved_share_low": [learnt.saved.low],
            "saved_share_high": [learnt.saved.high],
        },
        schema_overrides=dict.fromkeys(("saved_share", "saved_share_low", "saved_share_high"), pl.Float64),
    )
