"""``mailsignals sla``: whether each tier got what it was promised, who is about to miss, where work piles up."""

import datetime as dt
import getpass
from typing import Annotated

import polars as pl
import typer
from rich.console import Group, RenderableType

from mailsignals import clock
from mailsignals.cli.files import check_suffix
from mailsignals.cli.options import AsOf, To
from mailsignals.cli.run import Run
from mailsignals.cli.tables.sla import group_table, remarks, tier_tables, work_table
from mailsignals.cli.tables.tickets import queue_remark, queue_table, response_table, ticket_table
from mailsignals.errors import UserError
from mailsignals.sla.backlog import backlog
from mailsignals.sla.compliance import By, Period
from mailsignals.sla.report import report
from mailsignals.sla.ticket_rows import response_rows, ticket_rows
from mailsignals.sla.workload import workload
from mailsignals.usecases.dismiss_ticket import dismiss_ticket, undo_dismissal
from mailsignals.wording.numbers import date_and_time
from mailsignals.workspace import Snapshot, Workspace

USUAL_PERIOD = dt.timedelta(days=30)
GROUP_COLUMNS = {By.TIER: "tier", By.ACCOUNT: "account_id", By.AGENT: "agent", By.WEEK: "week"}

sla = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


@sla.callback()
def sla_command(  # noqa: PLR0913  # the options are the interface
    context: typer.Context,
    *,
    since: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="T", help="From when on tickets were opened. Default: 30 days before --to."
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--to", metavar="T", help="Until just before when. Default: the as-of instant."),
    ] = None,
    as_of: AsOf = None,
    by: Annotated[By, typer.Option(help="A row for each of these; tiers always come first.")] = By.TIER,
    tickets: Annotated[bool, typer.Option("--tickets", help="Every ticket instead of the figures.")] = False,
    responses: Annotated[
        bool, typer.Option("--responses", help="Everything that called for an answer instead of the figures.")
    ] = False,
    queue: Annotated[
        bool,
        typer.Option(
            "--open", help="What is not resolved, by the time that is left, instead of the figures."
        ),
    ] = False,
    output: To = None,
) -> None:
    """Show SLA compliance, response times and open tickets."""
    if context.invoked_subcommand is not None:
        return
    run: Run = context.obj
    check_suffix(output)
    asked = {"--open": queue, "--tickets": tickets, "--responses": responses}
    _check_choice(by=by, chosen=[name for name, chosen in asked.items() if chosen])
    workspace = run.workspace()
    timezone = workspace.settings.company.timezone
    moment = workspace.instant(as_of, now=clock.now())
    period = _period(workspace, since, until, moment)
    with workspace.at(moment) as snapshot:
        tickets_then = snapshot.tickets
        if queue:
            rows = snapshot.with_subjects(snapshot.with_ids(backlog(tickets_then)))
            run.output.result(rows, queue_table(rows, names=snapshot.account_names), to=output)
            if run.output.for_people(output):
                run.output.say(queue_remark(rows))
        elif tickets:
            rows = ticket_rows(tickets_then).filter(period.holds("opened_at"))
            rows = snapshot.with_subjects(snapshot.with_ids(rows))
            run.output.result(rows, ticket_table(rows, timezone), to=output)
        elif responses:
            rows = snapshot.with_ids(response_rows(tickets_then).filter(period.holds("started_at")))
            run.output.result(rows, response_table(rows, timezone), to=output)
        else:
            rows = _with_group_names(_figures(snapshot, period, by), by, snapshot)
            work = _work(snapshot, period) if by is By.AGENT else None
            run.output.result(rows, _tables(snapshot, period, by, rows, work), to=output)
            if run.output.for_people(output):
                for sentence in remarks(rows, work):
                    run.output.say(sentence)


def _figures(snapshot: Snapshot, period: Period, by: By) -> pl.DataFrame:
    promises = snapshot.promises
    return report(snapshot.tickets, period, by=by, timezone=snapshot.timezone, promises=promises)


def _work(snapshot: Snapshot, period: Period) -> pl.DataFrame:
    """How the work was spread, with the agents' addresses."""
    address = pl.lit(snapshot.people["address"]).gather(pl.col("agent"))
    return workload(snapshot.tickets, period).with_columns(agent=address)


def _tables(
    snapshot: Snapshot, period: Period, by: By, rows: pl.DataFrame, work: pl.DataFrame | None
) -> RenderableType:
    """The tiers, and below them what was asked for: an average over all tiers would hide what one of them gets."""
    tiers = rows if by is By.TIER else _figures(snapshot, period, By.TIER).rename({"by": "tier"})
    shown = tier_tables(tiers, title=_title(period, snapshot.as_of, snapshot.timezone))
    if by is By.TIER:
        return shown
    groups = group_table(rows, by, names=snapshot.account_names)
    return Group(shown, groups) if work is None else Group(shown, groups, work_table(work))


def _with_group_names(found: pl.DataFrame, by: By, snapshot: Snapshot) -> pl.DataFrame:
    """The rows with the group's own column, and ids and addresses for numbers."""
    names = {By.ACCOUNT: snapshot.accounts["account_id"], By.AGENT: snapshot.people["address"]}
    column = GROUP_COLUMNS[by]
    shown = pl.lit(names[by]).gather(pl.col("by")) if by in names else pl.col("by")
    return found.select(shown.alias(column), pl.exclude("by"))


def _title(period: Period, judged_at: dt.datetime, timezone: str) -> str:
    since, until, as_of = (
        date_and_time(moment, timezone) for moment in (period.since, period.until, judged_at)
    )
    return f"Tickets opened from {since} until {until}, judged at {as_of} ({timezone})"


def _period(workspace: Workspace, since: str | None, until: str | None, as_of: dt.datetime) -> Period:
    end = workspace.instant(until, now=as_of)
    start = end - USUAL_PERIOD if since is None else workspace.instant(since, now=as_of)
    if start >= end:
        first, last = (date_and_time(moment, workspace.timezone) for moment in (start, end))
        raise UserError(
            f"--from {first} is not before {'--to' if until else 'now,'} {last}. Give a period that has a length."
        )
    return Period(since=start, until=end)


def _check_choice(*, by: By, chosen: list[str]) -> None:
    if len(chosen) > 1:
        raise UserError(f"{' and '.join(chosen)} are different tables. Ask for one at a time.")
    if chosen and by is not By.TIER:
        raise UserError(
            f"{chosen[0]} is no table of groups, so --by {by} says nothing. Leave one of them out."
        )


@sla.command("dismiss")
def dismiss_command(
    context: typer.Context,
    ticket: Annotated[str, typer.Argument(metavar="TICKET", help="The ticket's id, or how it begins.")],
    *,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="Why it needs no answer.")] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who says so. Default: your login.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take back what was said of the ticket.")] = False,
) -> None:
    """Say that what waits in a ticket needs no answer, such as a "thanks"; a later mail of the customer does again."""
    run: Run = context.obj
    workspace, now = run.workspace(), clock.now()
    if undo:
        found, what = undo_dismissal(workspace, ticket, at=now), "waits for its answer again"
    else:
        who = by or getpass.getuser()
        found = dismiss_ticket(workspace, ticket, at=now, by=who, note=note)
        what = f"needs no answer, says {who}"
    opened = date_and_time(found.opening.sent_at, workspace.timezone)
    run.output.say(f"Ticket {found.ticket} of {found.opening.sender}, opened {opened}: {what}.")
