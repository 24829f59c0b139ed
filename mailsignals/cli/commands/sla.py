"""``mailsignals sla``: SLA compliance per tier, response times, open tickets and workload."""

import datetime as dt
import enum
import getpass
from typing import Annotated

import polars as pl
import typer
from rich.console import Group, RenderableType

from mailsignals import clock
from mailsignals.cli.files import check_suffix
from mailsignals.cli.options import DATES, Account, AsOf, Csm, Limit, Note, Tier, To
from mailsignals.cli.options import By as ByPerson
from mailsignals.cli.progress import working
from mailsignals.cli.run import Run
from mailsignals.cli.tables.sla import group_table, remarks, tier_tables, work_table
from mailsignals.cli.tables.tickets import queue_remark, queue_table, response_table, ticket_table
from mailsignals.errors import UserError
from mailsignals.sla.backlog import backlog
from mailsignals.sla.compliance import By, Period
from mailsignals.sla.report import report
from mailsignals.sla.ticket_rows import response_rows, ticket_rows
from mailsignals.sla.tickets import Tickets
from mailsignals.sla.workload import workload
from mailsignals.usecases.account_choice import AccountChoice, chosen_tickets, sorted_rows
from mailsignals.usecases.dismiss_ticket import dismiss_ticket, undo_dismissal
from mailsignals.wording.numbers import date_and_time
from mailsignals.workspace import Snapshot, Workspace

USUAL_PERIOD = dt.timedelta(days=30)
GROUP_COLUMNS = {By.TIER: "tier", By.ACCOUNT: "account_id", By.AGENT: "agent", By.WEEK: "week"}


class TicketOrder(enum.StrEnum):
    """An order of a list of tickets or responses."""

    DUE = "due"
    OPENED = "opened"
    ACCOUNT = "account"


sla = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


@sla.callback()
def sla_command(  # noqa: PLR0913  # the options are the interface
    context: typer.Context,
    *,
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="T", help=f"First opening: {DATES}. Default: 30 days before --to."),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="T", help="End of openings, exclusive; dates as above. Default: --as-of."
        ),
    ] = None,
    as_of: AsOf = None,
    by: Annotated[
        By, typer.Option(help="Group: a row per tier, account, agent or week, below the tiers.")
    ] = By.TIER,
    tickets: Annotated[bool, typer.Option("--tickets", help="List tickets instead of figures.")] = False,
    responses: Annotated[
        bool, typer.Option("--responses", help="List each response that was due instead of figures.")
    ] = False,
    queue: Annotated[
        bool,
        typer.Option("--open", help="List unresolved tickets by time left instead of figures."),
    ] = False,
    csm: Csm = None,
    tier: Tier = None,
    account: Account = None,
    limit: Limit = None,
    sort: Annotated[
        TicketOrder | None,
        typer.Option(metavar="ORDER", help="Order of a list: due, opened (newest first) or account."),
    ] = None,
    output: To = None,
) -> None:
    """Show SLA compliance, response times and open tickets."""
    if context.invoked_subcommand is not None:
        return
    run: Run = context.obj
    check_suffix(output)
    asked = {"--open": queue, "--tickets": tickets, "--responses": responses}
    chosen = [name for name, is_asked in asked.items() if is_asked]
    _check_choice(by=by, chosen=chosen)
    wanted = AccountChoice(csm=csm, tier=tier, account=account, limit=limit)
    _check_filter(wanted, sort, by=by, is_list=bool(chosen))
    workspace = run.workspace()
    timezone = workspace.settings.company.timezone
    moment = workspace.instant(as_of, now=clock.now())
    period = _period(workspace, since, until, moment)
    with working(run.output, "Computing tickets"), workspace.at(moment) as snapshot:
        tickets_then = chosen_tickets(snapshot, wanted)
        if queue:
            rows = snapshot.with_subjects(snapshot.with_ids(backlog(tickets_then)))
            rows = _ordered(rows, sort, wanted)
            run.output.result(
                rows, queue_table(rows, names=snapshot.account_names, people=workspace.names), to=output
            )
            if run.output.for_people(output):
                run.output.say(queue_remark(rows))
        elif tickets:
            rows = ticket_rows(tickets_then).filter(period.holds("opened_at"))
            rows = _ordered(
                snapshot.with_subjects(snapshot.with_ids(rows)), _usual(run, output, sort, wanted), wanted
            )
            run.output.result(rows, ticket_table(rows, timezone, names=snapshot.account_names), to=output)
        elif responses:
            rows = snapshot.with_ids(response_rows(tickets_then).filter(period.holds("started_at")))
            rows = _ordered(rows, _usual(run, output, sort, wanted), wanted)
            run.output.result(rows, response_table(rows, timezone, names=snapshot.account_names), to=output)
        else:
            rows = _with_group_names(_figures(snapshot, tickets_then, period, by), by, snapshot)
            work = _work(snapshot, period) if by is By.AGENT else None
            run.output.result(rows, _tables(snapshot, tickets_then, period, by, rows, work), to=output)
            if run.output.for_people(output):
                for sentence in remarks(rows, work):
                    run.output.say(sentence)


def _figures(snapshot: Snapshot, tickets: Tickets, period: Period, by: By) -> pl.DataFrame:
    return report(tickets, period, by=by, timezone=snapshot.timezone, promises=snapshot.promises)


def _work(snapshot: Snapshot, period: Period) -> pl.DataFrame:
    """Return the workload per agent, with addresses."""
    address = pl.lit(snapshot.people["address"]).gather(pl.col("agent"))
    return workload(snapshot.tickets, period).with_columns(agent=address)


def _tables(  # all that a page of figures consists of
    snapshot: Snapshot,
    tickets: Tickets,
    period: Period,
    by: By,
    rows: pl.DataFrame,
    work: pl.DataFrame | None,
) -> RenderableType:
    """Return the tiers and then the requested groups: an average over all tiers would hide a neglected one."""
    tiers = rows if by is By.TIER else _figures(snapshot, tickets, period, By.TIER).rename({"by": "tier"})
    shown = tier_tables(tiers, title=_title(period, snapshot.as_of, snapshot.timezone))
    if by is By.TIER:
        return shown
    people = snapshot.workspace.names
    groups = group_table(rows, by, names=snapshot.account_names, people=people)
    return Group(shown, groups) if work is None else Group(shown, groups, work_table(work, people=people))


def _with_group_names(found: pl.DataFrame, by: By, snapshot: Snapshot) -> pl.DataFrame:
    """Return the rows with the group's own column, which has ids and addresses instead of numbers."""
    names = {By.ACCOUNT: snapshot.accounts["account_id"], By.AGENT: snapshot.people["address"]}
    column = GROUP_COLUMNS[by]
    shown = pl.lit(names[by]).gather(pl.col("by")) if by in names else pl.col("by")
    return found.select(shown.alias(column), pl.exclude("by"))


def _title(period: Period, judged_at: dt.datetime, timezone: str) -> str:
    since, until, as_of = (
        date_and_time(moment, timezone) for moment in (period.since, period.until, judged_at)
    )
    return f"Tickets opened from {since} until {until}, as of {as_of} ({timezone})"


def _period(workspace: Workspace, since: str | None, until: str | None, as_of: dt.datetime) -> Period:
    end = workspace.instant(until, now=as_of)
    start = end - USUAL_PERIOD if since is None else workspace.instant(since, now=as_of)
    if start >= end:
        first, last = (date_and_time(moment, workspace.timezone) for moment in (start, end))
        raise UserError(
            f"--from {first} must be before {'--to' if until else 'the end,'} {last}. Use an earlier --from."
        )
    return Period(since=start, until=end)


def _check_choice(*, by: By, chosen: list[str]) -> None:
    if len(chosen) > 1:
        raise UserError(f"{' and '.join(chosen)} can't be combined. Use one of them.")
    if chosen and by is not By.TIER:
        raise UserError(f"{chosen[0]} and --by {by} can't be combined. Use one of them.")


def _check_filter(wanted: AccountChoice, sort: TicketOrder | None, *, by: By, is_list: bool) -> None:
    if not is_list and (sort is not None or wanted.limit is not None):
        option = "--limit" if sort is None else "--sort"
        raise UserError(f"{option} requires --open, --tickets or --responses.")
    if by is By.AGENT and wanted.narrows:
        raise UserError(
            "--by agent counts all accounts, and can't be combined with --csm, --tier or --account."
        )


def _usual(
    run: Run, output: str | None, sort: TicketOrder | None, wanted: AccountChoice
) -> TicketOrder | None:
    """Return the order of a list: newest first for people and with a limit; programs get tickets as they always did."""
    newest_first = run.output.for_people(output) or wanted.limit is not None
    return sort or (TicketOrder.OPENED if newest_first else None)


def _ordered(rows: pl.DataFrame, sort: TicketOrder | None, wanted: AccountChoice) -> pl.DataFrame:
    """Return the rows of a list in an order, and at most a filter's limit; None keeps their order."""
    if sort is not None:
        opened = next(name for name in ("opened_at", "started_at") if name in rows.columns)
        due = next((name for name in ("due_at", "resolution_due_at") if name in rows.columns), opened)
        column = {TicketOrder.DUE: due, TicketOrder.OPENED: opened, TicketOrder.ACCOUNT: "account_id"}[sort]
        rows = sorted_rows(rows, column, largest_first=sort is TicketOrder.OPENED)
    return rows if wanted.limit is None else rows.head(wanted.limit)


@sla.command("dismiss")
def dismiss_command(
    context: typer.Context,
    ticket: Annotated[str, typer.Argument(metavar="TICKET", help="The ticket's id, or its first digits.")],
    *,
    note: Note = None,
    by: ByPerson = None,
    undo: Annotated[bool, typer.Option("--undo", help="Undo an earlier dismissal.")] = False,
) -> None:
    """Dismiss a ticket's unanswered emails, such as a "thanks". Later emails count again."""
    run: Run = context.obj
    workspace, now = run.workspace(), clock.now()
    if undo:
        found, what = undo_dismissal(workspace, ticket, at=now), "dismissal undone"
    else:
        who = by or getpass.getuser()
        found = dismiss_ticket(workspace, ticket, at=now, by=who, note=note)
        what = f"dismissed by {who}"
    opened = date_and_time(found.opening.sent_at, workspace.timezone)
    run.output.say(f"Ticket {found.ticket} from {found.opening.sender}, opened {opened}: {what}.")
