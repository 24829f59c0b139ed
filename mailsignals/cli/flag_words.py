"""What people say of flagged accounts: ``mailsignals flag snooze``, ``dismiss``, ``saved``, ``churned``, ``undo``."""

import datetime as dt
import getpass
from collections.abc import Mapping
from typing import Annotated, Any

import polars as pl
import typer

from mailsignals import clock
from mailsignals.accounts.nearest import did_you_mean
from mailsignals.cli.run import Run
from mailsignals.cli.workspace import Workspace
from mailsignals.errors import UserError
from mailsignals.flags.episodes import CHURNED, DISMISSED, EVENTS, RETURNS, SAVED, SNOOZED, WORSE
from mailsignals.flags.flags import shown
from mailsignals.flags.outcomes import LOOK_AHEAD
from mailsignals.flags.said import UNDONE, standing
from mailsignals.store import Store

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's id, as in the account book.")]
By = Annotated[str | None, typer.Option(metavar="NAME", help="Who says so. Default: your login.")]
Note = Annotated[str | None, typer.Option(metavar="TEXT", help="What there is to know.")]


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
    saying = _Saying.begin(context, account, by)
    flag = saying.flag()
    if flag is None or flag["closed_on"] is not None:
        raise UserError(f"{saying.who}: there is no open flag. `mailsignals flag` lists those there are.")
    words = {WORSE: "it gets worse", RETURNS: "it returns"}
    if until not in EVENTS:
        wanted = _day(until, "--until")
        if wanted <= saying.today:
            raise UserError(f"--until {until}: that has come already. Give a later day.")
        until = wanted.isoformat()
    saying.keep(SNOOZED, f"snoozed until {words.get(until, until)}", until=until, note=note)


def dismiss(
    context: typer.Context,
    account: Account,
    *,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why it is not at risk.")],
    by: By = None,
) -> None:
    """Not at risk: the flag was wrong. No flag of the account opens for 60 days."""
    saying = _Saying.begin(context, account, by)
    saying.recent_flag()
    if not note.strip():
        raise UserError("--note: say in a few words why the account is not at risk.")
    saying.keep(DISMISSED, "dismissed", note=note)


def saved(context: typer.Context, account: Account, *, note: Note = None, by: By = None) -> None:
    """It was at risk, and is kept. The flag was right, and no other opens for 60 days."""
    saying = _Saying.begin(context, account, by)
    saying.recent_flag()
    saying.keep(SAVED, "saved", note=note)


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
    saying = _Saying.begin(context, account, by)
    if saying.churned_on is not None:
        raise UserError(f"{saying.who}: it is known already that it left, on {saying.churned_on}.")
    left = saying.today if on is None else _day(on, "--on")
    started = saying.row["started_on"]
    if started is not None and left < started:
        raise UserError(f"--on {on}: the account book says that {saying.who} started on {started}.")
    saying.keep(CHURNED, f"churned on {left}", churned_on=left, note=note)


def undo(context: typer.Context, account: Account, *, by: By = None) -> None:
    """Take back what was said last of the account."""
    saying = _Saying.begin(context, account, by)
    own = standing(saying.feedback, saying.now).filter(pl.col("account_id") == account)
    if own.is_empty():
        raise UserError(f"{saying.who}: nobody has said anything that could be taken back.")
    last = own.row(-1, named=True)
    saying.keep(UNDONE, f"no longer {last['kind']}, as {last['given_by']} had said")


class _Saying:
    """Somebody who says something of an account, now."""

    def __init__(self, run: Run, workspace: Workspace, row: Mapping[str, Any], by: str) -> None:
        self._run = run
        self._workspace = workspace
        self._by = by
        self.row = row
        """The account's in the account book."""
        self.now = clock.now()
        with workspace.reading() as store:
            self.feedback = store.feedback.frame()
            self._flags = shown(workspace.flags(store, as_of=self.now))
            self._accounts = workspace.accounts(store, as_of=self.now)
            self._recorded = store.scores.newest() is not None

    @classmethod
    def begin(cls, context: typer.Context, account: str, by: str | None) -> "_Saying":
        """Raises UserError if there is no such account."""
        run: Run = context.obj
        workspace = run.workspace()
        book = workspace.book.accounts
        found = book.filter(pl.col("account_id") == account)
        if found.is_empty():
            hint = did_you_mean(account, book["account_id"].to_list(), what="accounts")
            hint = hint if "did you mean" in hint else ""
            raise UserError(f"{account}: the account book has no such account_id{hint}.")
        return cls(run, workspace, found.row(0, named=True), by or getpass.getuser())

    @property
    def who(self) -> str:
        """The account, for people."""
        return (
            f"{self.row['account_id']} ({self.row['name']})" if self.row["name"] else self.row["account_id"]
        )

    @property
    def churned_on(self) -> dt.date | None:
        """When the account left, by the account book or by what people said."""
        own = self._accounts.filter(pl.col("account_id") == self.row["account_id"])
        left: dt.date | None = own["churned_on"].item()
        return left

    @property
    def today(self) -> dt.date:
        """The day in the company's time zone."""
        return self._workspace.day(self.now)

    def flag(self) -> Mapping[str, Any] | None:
        """The newest flag of the account that people may see.

        Raises:
            UserError: no scores were recorded, so that there is no flag of anybody.
        """
        if not self._recorded:
            raise UserError(
                "No scores were recorded yet, so there is no flag: `mailsignals flag record` records today's."
            )
        own = self._flags.filter(pl.col("account_id") == self.row["account_id"]).sort("opened_on")
        return None if own.is_empty() else own.row(-1, named=True)

    def recent_flag(self) -> None:
        """Raises UserError unless a flag of the account is open, or opened so lately that a word settles it."""
        flag = self.flag()
        if flag is None or (flag["closed_on"] is not None and flag["opened_on"] + LOOK_AHEAD < self.today):
            raise UserError(
                f"{self.who}: there is no open flag, and none of the last {LOOK_AHEAD.days} days. "
                "`mailsignals flag --all` lists those there are."
            )

    def keep(
        self,
        kind: str,
        words: str,
        *,
        until: str | None = None,
        churned_on: dt.date | None = None,
        note: str | None = None,
    ) -> None:
        """Keep it, and say so."""
        with Store.open(self._workspace.settings.store.path, mode="write") as store:
            store.feedback.add(
                self.row["account_id"],
                kind,
                at=self.now,
                by=self._by,
                until=until,
                churned_on=churned_on,
                note=note,
            )
        self._run.output.say(f"{self.who}: {words}, says {self._by}.")


def _day(text: str, option: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        events = f", or one of {', '.join(EVENTS)}" if option == "--until" else ""
        raise UserError(f"{option} {text!r} is not a day. Write one such as 2026-12-31{events}.") from None
