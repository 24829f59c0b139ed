"""``mailsignals flag``: list flagged accounts, and record the day's risk or feedback."""

import datetime as dt
import enum
from typing import Annotated, Literal, TypeAlias

import polars as pl
import typer
from rich.text import Text

from mailsignals import clock
from mailsignals.cli.commands.flag_feedback import churned, dismiss, saved, snooze, undo
from mailsignals.cli.files import check_suffix
from mailsignals.cli.freshness import stale_words
from mailsignals.cli.options import Account, AsOf, Csm, Limit, Tier, To
from mailsignals.cli.output import Output
from mailsignals.cli.progress import working
from mailsignals.cli.run import Run
from mailsignals.cli.tables.flags import STATE_WORDS, flag_list
from mailsignals.errors import UserError
from mailsignals.flags.flags import visible_flags
from mailsignals.flags.holdout import HoldoutEffect, holdout_effect
from mailsignals.flags.outcomes import precision
from mailsignals.usecases.account_choice import AccountChoice, chosen_rows, sorted_rows
from mailsignals.usecases.score import score
from mailsignals.wording.numbers import count_noun, date_and_time
from mailsignals.workspace import Snapshot

FlagState: TypeAlias = Literal["open", "snoozed", "dismissed", "saved", "churned", "recovered"]


class FlagOrder(enum.StrEnum):
    """An order of flags."""

    ACCOUNT = "account"
    RISK = "risk"
    OPENED = "opened"
    NAME = "name"


flag = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
for command in (snooze, dismiss, saved, churned, undo):
    flag.command(command.__name__)(command)


@flag.callback()
def flag_command(  # noqa: PLR0913  # the options are the interface
    context: typer.Context,
    *,
    as_of: AsOf = None,
    every: Annotated[bool, typer.Option("--all", help="Closed flags, too.")] = False,
    csm: Csm = None,
    tier: Tier = None,
    account: Account = None,
    state: Annotated[
        FlagState | None,
        typer.Option(
            metavar="STATE",
            help="Only flags in this state: open, snoozed, dismissed, saved, churned or recovered.",
        ),
    ] = None,
    limit: Limit = None,
    sort: Annotated[
        FlagOrder,
        typer.Option(
            metavar="ORDER", help="Order: account, risk (largest first), opened (newest first) or name."
        ),
    ] = FlagOrder.ACCOUNT,
    held_back: Annotated[
        bool, typer.Option("--held-back", help="The effect of flags, from those held out for comparison.")
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
    wanted = AccountChoice(csm=csm, tier=tier, account=account, limit=limit)
    with working(run.output, "Reading flags"), workspace.at(moment) as snapshot:
        found = snapshot.recorded_flags
        newest, source = snapshot.store.scores.newest(), snapshot.recorded_source
        rows = chosen_rows(_named(visible_flags(found), snapshot), snapshot.accounts, wanted)
        stale = stale_words(snapshot, "flag record") if run.output.for_people(output) else None
    if held_back:
        effect = holdout_effect(found, as_of=moment, timezone=timezone)
        run.output.result(_figures(effect), Text(effect.text), to=output)
        return
    chosen = _listed(rows, state, sort, every=every)
    shown = chosen if limit is None else chosen.head(limit)
    run.output.result(
        shown, flag_list(shown, every=every or state is not None, names=workspace.names), to=output
    )
    if run.output.for_people(output):
        closed = 0 if state is not None or every else rows["closed_on"].count()
        _remark(run.output, closed, chosen.height - shown.height, newest)
        run.output.say(precision(found, as_of=moment, timezone=timezone, source=source).text)
        if stale:
            run.output.say(stale)


@flag.command("record")
def record_command(context: typer.Context, *, as_of: AsOf = None) -> None:
    """Record the day's risk, from which flags follow. A recorded day is never changed."""
    run: Run = context.obj
    workspace = run.workspace()
    now = clock.now()
    moment = workspace.instant(as_of, now=now)
    timezone = workspace.settings.company.timezone
    if moment > now:
        raise UserError(
            f"--as-of {date_and_time(moment, timezone)} is in the future. Use a past date, or leave --as-of out."
        )
    with working(run.output, "Computing risk"):
        record = score(workspace, moment).recorded
    with workspace.at(moment) as snapshot:
        seen = visible_flags(snapshot.recorded_flags)
    if record.rows.is_empty():
        run.output.say(
            f"{record.on} was already recorded, at {date_and_time(record.at, timezone)}, and is unchanged."
        )
        return
    is_open = seen.filter(pl.col("closed_on").is_null())
    opened = is_open.filter(pl.col("opened_on") == record.on).height
    closed = seen.filter(pl.col("closed_on") == record.on).height
    run.output.say(
        f"{record.on}: recorded {count_noun(record.rows.height, 'account')}. {count_noun(opened, 'flag')} opened, "
        f"{closed} closed; {is_open.height} open now."
    )


def _named(rows: pl.DataFrame, snapshot: Snapshot) -> pl.DataFrame:
    """Return the flags with ``name`` and ``csm`` of the account list."""
    listed = snapshot.workspace.book.accounts.select("account_id", "name", "csm")
    return rows.join(listed, on="account_id", maintain_order="left", how="inner")


def _listed(rows: pl.DataFrame, state: FlagState | None, sort: FlagOrder, *, every: bool) -> pl.DataFrame:
    if state is not None:
        rows = rows.filter(pl.col("state").replace_strict(STATE_WORDS, default=pl.col("state")) == state)
    elif not every:
        rows = rows.filter(pl.col("closed_on").is_null())
    if sort is FlagOrder.RISK:
        return sorted_rows(rows, "risk", largest_first=True)
    if sort is FlagOrder.OPENED:
        return sorted_rows(rows, "opened_on", largest_first=True)
    return sorted_rows(rows, "name") if sort is FlagOrder.NAME else rows


def _remark(output: Output, closed: int, more: int, newest: tuple[dt.date, dt.datetime] | None) -> None:
    """Print the last recorded day, and the number of flags that the list leaves out."""
    if newest is None:
        output.say(
            "No day was recorded by then, so there are no flags. To record today: `mailsignals flag record`."
        )
        return
    further = f" {count_noun(more, 'more flag')} beyond --limit." if more else ""
    hidden = f" {count_noun(closed, 'closed flag')} listed with --all." if closed else ""
    output.say(f"Last recorded day: {newest[0]}.{further}{hidden}")


def _figures(effect: HoldoutEffect) -> pl.DataFrame:
    """Return one row: the counts, and the difference with its interval."""
    return pl.DataFrame(
        {
            "shown": [effect.shown],
            "shown_left": [effect.shown_left],
            "held_back": [effect.held_back],
            "held_back_left": [effect.held_back_left],
            "saved_share": [effect.saved.value],
            "saved_share_low": [effect.saved.low],
            "saved_share_high": [effect.saved.high],
        },
        schema_overrides=dict.fromkeys(("saved_share", "saved_share_low", "saved_share_high"), pl.Float64),
    )
