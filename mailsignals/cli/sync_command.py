"""``mailsignals sync``: bring the store up to date with Gmail and Microsoft 365."""

import datetime as dt
import threading
from collections.abc import Sequence
from typing import Annotated

import polars as pl
import typer

from connectors.base import ConnectorError, SignInError
from connectors.provider import Provider
from mailsignals import clock
from mailsignals.accounts import address_of
from mailsignals.accounts.nearest import did_you_mean
from mailsignals.cli.cells import number
from mailsignals.cli.output import Output, table
from mailsignals.cli.progress import Bars
from mailsignals.cli.run import DONE, INTERRUPTED, PARTIAL, SIGN_IN, Run
from mailsignals.cli.tenants import NO_MAILBOXES, opened
from mailsignals.errors import UserError
from mailsignals.schema import INSTANT
from mailsignals.store import Store
from mailsignals.sync.mailboxes import Outcome, SyncOptions, sync
from mailsignals.wording.numbers import day

COUNTS = ("added", "changed", "removed", "set_aside")
OUTCOMES = pl.Schema(
    {
        "provider": pl.String(),
        "mailbox": pl.String(),
        "step": pl.String(),
        "complete": pl.Boolean(),
        **{count: pl.Int64() for count in COUNTS},
        "state": pl.String(),
        "problem": pl.String(),
        "remedy": pl.String(),
        "next_try_at": INSTANT,
    }
)


def sync_command(
    context: typer.Context,
    *,
    mailbox: Annotated[
        list[str] | None, typer.Option(metavar="ADDRESS", help="Only this mailbox; may be repeated.")
    ] = None,
    new_owner: Annotated[
        bool, typer.Option("--new-owner", help="The address of --mailbox has a new owner, and that is right.")
    ] = False,
) -> int:
    """Read what is new in the configured mailboxes."""
    run: Run = context.obj
    workspace = run.workspace()
    only = _addresses(mailbox or [])
    if new_owner and not only:
        raise UserError("--new-owner goes with --mailbox ADDRESS, so that it is said of whom.")
    stop = threading.Event()
    with (
        opened(workspace.settings, stop=stop, say=run.output.complain) as tenants,
        Store.open(workspace.settings.store.path, mode="write") as store,
    ):
        if not tenants:
            raise UserError(NO_MAILBOXES)
        started_at = clock.now()
        through = workspace.border(store, now=started_at)
        orders = SyncOptions(border=through, now=clock.now, stop=stop, only=only, new_owner=new_owner)
        outcomes, failed = _all(tenants, store, orders, run.output)
        if only and not outcomes and not failed:
            raise _nobody(only, tenants)
        store.compact()
        status = exit_status(outcomes, failed, stopped=stop.is_set())
        store.mailbox_status.ran(
            "sync", started_at=started_at, ended_at=clock.now(), outcome=summary(outcomes)
        )
    _report(run.output, outcomes, workspace.settings.company.timezone)
    for error in failed:
        run.output.complain(str(error))
    return status


def _addresses(given: Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(address_of(text) for text in given)
    except ValueError as error:
        raise UserError(f"--mailbox: {error}.") from None


def _nobody(only: Sequence[str], tenants: Sequence[Provider]) -> UserError:
    known = [mailbox.address for tenant in tenants for mailbox in tenant.mailboxes()]
    return UserError(
        f"--mailbox: {only[0]} is not among the configured mailboxes{did_you_mean(only[0], known, what='mailboxes')}."
    )


def _all(
    tenants: Sequence[Provider], store: Store, orders: SyncOptions, output: Output
) -> tuple[list[Outcome], list[ConnectorError]]:
    """What came of every mailbox, and of providers whose mailboxes could not even be listed."""
    outcomes: list[Outcome] = []
    failed: list[ConnectorError] = []
    with Bars(output) as bars:
        for tenant in tenants:
            try:
                outcomes += sync(tenant, store, orders, bars)
            except ConnectorError as error:
                failed.append(error)
    return outcomes, failed


def exit_status(outcomes: Sequence[Outcome], failed: Sequence[ConnectorError], *, stopped: bool) -> int:
    """What the program says of a run by its exit status."""
    if stopped:
        return INTERRUPTED
    if not failed and all(outcome.complete for outcome in outcomes):
        return DONE
    errors = [*failed, *(outcome.error for outcome in outcomes)]
    return SIGN_IN if all(isinstance(error, SignInError) for error in errors) else PARTIAL


def summary(outcomes: Sequence[Outcome]) -> str:
    """A run in one line, for the list of runs."""
    complete = sum(outcome.complete for outcome in outcomes)
    added = sum(outcome.report.added for outcome in outcomes if outcome.report)
    return f"{complete:,} of {len(outcomes):,} mailboxes up to date, {added:,} new messages"


def _frame(outcomes: Sequence[Outcome]) -> pl.DataFrame:
    """What came of each mailbox, one a row."""
    rows = [
        {
            "provider": outcome.provider,
            "mailbox": outcome.mailbox,
            "step": str(outcome.step),
            "complete": outcome.complete,
            "added": report.added if report else 0,
            "changed": report.changed if report else 0,
            "removed": report.removed if report else 0,
            "set_aside": sum(report.skipped.values()) if report else 0,
            "state": trouble.state if trouble else "stopped" if not outcome.complete else "up to date",
            "problem": trouble.problem if trouble else None,
            "remedy": trouble.remedy if trouble else None,
            "next_try_at": trouble.next_try_at if trouble else None,
        }
        for outcome in sorted(outcomes, key=lambda each: (each.provider, each.mailbox))
        for report, trouble in [(outcome.report, outcome.trouble)]
    ]
    return pl.DataFrame(rows, schema=OUTCOMES)


def _report(output: Output, outcomes: Sequence[Outcome], timezone: str) -> None:
    found = _frame(outcomes)
    heads = ["mailbox", "provider", "what was done", "new", "changed", "gone", "set aside", "state"]
    shown = found.filter(~pl.col("complete") | (pl.col("added") + pl.col("changed") + pl.col("removed") > 0))
    rows = [
        (
            row["mailbox"],
            row["provider"],
            row["step"],
            *(number(row[count]) for count in COUNTS),
            row["state"],
        )
        for row in shown.iter_rows(named=True)
    ]
    if output.as_json or rows:
        output.result(found, table(heads, rows, right=heads[3:7]), to=None)
    quiet = found.height - shown.height
    if quiet:
        output.say(f"{quiet:,} {'mailbox' if quiet == 1 else 'mailboxes'} with nothing new.")
    for sentence in troubles(found, timezone):
        output.complain(sentence)


def troubles(found: pl.DataFrame, timezone: str) -> list[str]:
    """What is wrong and what to do, each said once however many mailboxes it concerns."""
    groups = (
        found.filter(pl.col("problem").is_not_null())
        .group_by("problem", "remedy", maintain_order=True)
        .agg(pl.col("mailbox"), pl.col("next_try_at").min())
    )
    return [
        f"{_names(row['mailbox'])}: {row['problem']} {row['remedy']}{_again(row['next_try_at'], timezone)}"
        for row in groups.iter_rows(named=True)
    ]


def _names(mailboxes: Sequence[str]) -> str:
    more = len(mailboxes) - 3
    return ", ".join(mailboxes[:3]) + (f" and {more:,} more" if more > 0 else "")


def _again(at: dt.datetime | None, timezone: str) -> str:
    """When the service comes back by itself; the end of time is never."""
    if at is None or at.year == dt.MAXYEAR:
        return ""
    return f" The next try is due at {day(at, timezone)}."
