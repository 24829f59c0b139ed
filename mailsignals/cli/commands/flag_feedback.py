"""What people say of flagged accounts: ``mailsignals flag snooze``, ``dismiss``, ``saved``, ``churned``, ``undo``."""

import datetime as dt
import getpass
from collections.abc import Callable
from typing import Annotated

import polars as pl
import typer

from mailsignals import clock
from mailsignals.accounts.nearest import did_you_mean
from mailsignals.cli.run import Run
from mailsignals.errors import UserError
from mailsignals.flags.episodes import EVENTS, RETURNS, WORSE
from mailsignals.flags.feedback_rules import About, FeedbackRules, NotSaidError, Row
from mailsignals.store.tables.feedback import FeedbackEntry
from mailsignals.usecases.feedback import Word, give
from mailsignals.workspace import Workspace

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's id, as in the account book.")]
By = Annotated[str | None, typer.Option(metavar="NAME", help="Who says so. Default: your login.")]
Note = Annotated[str | None, typer.Option(metavar="TEXT", help="What there is to know.")]

OPTIONS = {About.UNTIL: "--until", About.NOTE: "--note", About.CHURNED_ON: "--on"}
NEXT = {
    About.FLAG: "`mailsignals flag --all` lists those there are.",
    About.RECORD: "`mailsignals flag record` records today's.",
}
"""What to do about it here."""


def snooze(
    context: typer.Context,
    account: Account,
    *,
    until: Annotated[
        str,
        typer.Option(
            metavar="WHEN",
            help=f"A day, as in 2026-12-31; `{WORSE}`: until the risk rises by a half; `{RETURNS}`: until it is "
            "high again after it recovered.",
        ),
    ],
    note: Note = None,
    by: By = None,
) -> None:
    """Not now: out of sight until a day or an event. The flag stays open."""
    wanted = until if until in EVENTS else _day(until, "--until")
    words = {WORSE: "it gets worse", RETURNS: "it returns"}.get(until, until)
    _say(
        context, account, by, lambda saying: saying.snoozed(wanted, note), lambda _: f"snoozed until {words}"
    )


def dismiss(
    context: typer.Context,
    account: Account,
    *,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why it is not at risk.")],
    by: By = None,
) -> None:
    """Not at risk: the flag was wrong. No flag of the account opens for 60 days."""
    _say(context, account, by, lambda saying: saying.dismissed(note), lambda _: "dismissed")


def saved(context: typer.Context, account: Account, *, note: Note = None, by: By = None) -> None:
    """It was at risk, and is kept. The flag was right, and no other opens for 60 days."""
    _say(context, account, by, lambda saying: saying.saved(note), lambda _: "saved")


def churned(
    context: typer.Context,
    account: Account,
    *,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="The day it left. Default: today.")
    ] = None,
    note: Note = None,
    by: By = None,
) -> None:
    """It left. Say so in the account book instead if you can: what stands there goes first."""
    left = None if on is None else _day(on, "--on")
    _say(
        context,
        account,
        by,
        lambda saying: saying.churned(left, note),
        lambda saying: f"churned on {left or saying.today}",
    )


def undo(context: typer.Context, account: Account, *, by: By = None) -> None:
    """Take back what was said last of the account."""
    _say(context, account, by, _undone, _no_longer)


def _undone(saying: FeedbackRules) -> FeedbackEntry | None:
    return saying.undone()


def _no_longer(saying: FeedbackRules) -> str:
    last = saying.standing[-1]
    return f"no longer {last['kind']}, as {last['given_by']} had said"


def _say(
    context: typer.Context, account: str, by: str | None, words: Word, told: Callable[[FeedbackRules], str]
) -> None:
    """Keep it, and say so.

    Raises:
        UserError: there is no such account, or this may not be said of it.
    """
    run: Run = context.obj
    workspace = run.workspace()
    by = by or getpass.getuser()
    try:
        _, stood = give(workspace.settings, _row(workspace, account), by=by, at=clock.now(), word=words)
    except NotSaidError as error:
        raise UserError(_with_option(error)) from None
    run.output.say(f"{stood.who}: {told(stood)}, says {by}.")


def _with_option(error: NotSaidError) -> str:
    """What is wrong, with the option that it is about, and what to do."""
    option, then = OPTIONS.get(error.about), NEXT.get(error.about)
    return f"{option}: {error}" if option else f"{error} {then}" if then else str(error)


def _row(workspace: Workspace, account: str) -> Row:
    book = workspace.book.accounts
    found = book.filter(pl.col("account_id") == account)
    if found.is_empty():
        hint = did_you_mean(account, book["account_id"].to_list(), what="accounts")
        hint = hint if "did you mean" in hint else ""
        raise UserError(f"{account}: the account book has no such account_id{hint}.")
    return found.row(0, named=True)


def _day(text: str, option: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        events = f", or one of {', '.join(EVENTS)}" if option == "--until" else ""
        raise UserError(f"{option} {text!r} is not a day. Write one such as 2026-12-31{events}.") from None
