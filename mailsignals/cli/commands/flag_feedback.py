"""Feedback on flagged accounts: ``mailsignals flag snooze``, ``dismiss``, ``saved``, ``churned``, ``undo``."""

import datetime as dt
import getpass
from collections.abc import Callable
from typing import Annotated

import polars as pl
import typer

from mailsignals import clock
from mailsignals.accounts.nearest import did_you_mean
from mailsignals.cli.options import By, Note
from mailsignals.cli.run import Run
from mailsignals.errors import UserError
from mailsignals.flags.episodes import EVENTS, RETURNS, WORSE
from mailsignals.flags.feedback_rules import About, FeedbackRules, NotSaidError, Row
from mailsignals.store.tables.feedback import FeedbackEntry
from mailsignals.usecases.feedback import Word, give
from mailsignals.workspace import Workspace

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's id in the account list.")]

OPTIONS = {About.UNTIL: "--until", About.NOTE: "--note", About.CHURNED_ON: "--on"}
NEXT = {
    About.FLAG: "To list flags: `mailsignals flag --all`.",
    About.RECORD: "To record today: `mailsignals flag record`.",
}
"""The next step on the command line."""


def snooze(
    context: typer.Context,
    account: Account,
    *,
    until: Annotated[
        str,
        typer.Option(
            metavar="WHEN",
            help=f"A date, tomorrow, 7d or 2w; `{WORSE}`: until the risk rises by half; `{RETURNS}`: until it is "
            "high again after a recovery.",
        ),
    ],
    note: Note = None,
    by: By = None,
) -> None:
    """Snooze a flag until a date or event. The flag stays open."""
    wanted = until if until in EVENTS else _day(context, until, "--until", ahead=True)
    words = {WORSE: "it gets worse", RETURNS: "it returns"}.get(until, f"{wanted}")
    _say(
        context, account, by, lambda saying: saying.snoozed(wanted, note), lambda _: f"snoozed until {words}"
    )


def dismiss(
    context: typer.Context,
    account: Account,
    *,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Reason why the account is not at risk.")],
    by: By = None,
) -> None:
    """Dismiss a flag as wrong. No new flag opens for this account for 60 days."""
    _say(context, account, by, lambda saying: saying.dismissed(note), lambda _: "dismissed")


def saved(context: typer.Context, account: Account, *, note: Note = None, by: By = None) -> None:
    """Mark as saved: the flag was right. No new flag opens for this account for 60 days."""
    _say(context, account, by, lambda saying: saying.saved(note), lambda _: "saved")


def churned(
    context: typer.Context,
    account: Account,
    *,
    on: Annotated[
        str | None,
        typer.Option(
            "--on", metavar="DATE", help="Churn date: a date, today, yesterday or -7d. Default: today."
        ),
    ] = None,
    note: Note = None,
    by: By = None,
) -> None:
    """Mark as churned. A churn date in the account list takes precedence."""
    left = None if on is None else _day(context, on, "--on")
    _say(
        context,
        account,
        by,
        lambda saying: saying.churned(left, note),
        lambda saying: f"churned on {left or saying.today}",
    )


def undo(context: typer.Context, account: Account, *, by: By = None) -> None:
    """Undo the last feedback on an account."""
    _say(context, account, by, _undone, _no_longer)


def _undone(saying: FeedbackRules) -> FeedbackEntry | None:
    return saying.undone()


def _no_longer(saying: FeedbackRules) -> str:
    last = saying.standing[-1]
    return f"no longer {last['kind']} (feedback by {last['given_by']})"


def _say(
    context: typer.Context, account: str, by: str | None, words: Word, outcome: Callable[[FeedbackRules], str]
) -> None:
    """Record the feedback, and print the outcome.

    Raises:
        UserError: the account is not in the list, or the feedback doesn't apply to it.
    """
    run: Run = context.obj
    workspace = run.workspace()
    by = by or getpass.getuser()
    try:
        _, stood = give(workspace.settings, _row(workspace, account), by=by, at=clock.now(), word=words)
    except NotSaidError as error:
        raise UserError(_with_option(error)) from None
    run.output.say(f"{stood.who}: {outcome(stood)}, by {by}.")


def _with_option(error: NotSaidError) -> str:
    """Return the error with its option and the next step."""
    option, then = OPTIONS.get(error.about), NEXT.get(error.about)
    return f"{option}: {error}" if option else f"{error} {then}" if then else str(error)


def _row(workspace: Workspace, account: str) -> Row:
    book = workspace.book.accounts
    found = book.filter(pl.col("account_id") == account)
    if found.is_empty():
        hint = did_you_mean(account, book["account_id"].to_list(), what="accounts")
        hint = hint if "did you mean" in hint else ""
        raise UserError(f"{account}: no such account in the account list{hint}.")
    return found.row(0, named=True)


def _day(context: typer.Context, text: str, option: str, *, ahead: bool = False) -> dt.date:
    run: Run = context.obj
    today = clock.local_date(clock.now(), run.settings().company.timezone)
    try:
        return clock.named_day(text, today=today, ahead=ahead) or dt.date.fromisoformat(text)
    except ValueError:
        use = (
            f"2026-12-31, tomorrow, 7d, {' or '.join(EVENTS)}"
            if ahead
            else "2026-12-31, today, yesterday or -7d"
        )
        raise UserError(f"{option}: invalid date {text!r}. Use {use}.") from None
