"""The queue of open tickets, with verdicts as of the request."""

import datetime as dt
from collections.abc import Mapping

import polars as pl

from mailsignals.readmodel.queries.accounts import has_text, is_address
from mailsignals.readmodel.queries.scope import Scope
from mailsignals.readmodel.queries.tickets import ticket_accounts
from mailsignals.schema import INSTANT
from mailsignals.sla.backlog import SPAN, backlog, owed_tickets
from mailsignals.sla.cases import judged_cases
from mailsignals.sla.promises import Promises
from mailsignals.sla.tickets import Tickets

NAMED = ("ticket", "account_id", "name", "csm", "subject")


def open_queue(scope: Scope, promises: Promises) -> pl.DataFrame:
    """Return the open tickets that need a response and that the viewer may see, as of the minute of the request.

    Args:
        scope: of the viewer.
        promises: the targets of the accounts.

    Returns:
        What ``queue_at`` returns.
    """
    viewer, edition = scope.viewer, scope.edition
    whose = None if viewer.sees_all_tickets else viewer.address
    minute = max(edition.as_of, scope.now.replace(second=0, microsecond=0))

    def as_of_now() -> pl.DataFrame:
        tickets, cases = edition.remembered(("sla unanswered", whose), lambda: _unanswered(scope))
        return queue_at(tickets, cases, promises, now=minute, timezone=viewer.timezone)

    return edition.remembered(("sla waiting", whose, minute, viewer.timezone), as_of_now)


def queue_at(
    tickets: pl.DataFrame, cases: pl.DataFrame, promises: Promises, *, now: dt.datetime, timezone: str
) -> pl.DataFrame:
    """Return the rows of ``owed_tickets`` at a date and time, followed by tickets without a target, oldest first.

    Args:
        tickets: that need a response, with ``NAMED``.
        cases: their open cases without verdicts.
        promises: the targets of the accounts.
        now: the date and time.
        timezone: of days.
    """
    again = judged_cases(cases.lazy(), promises, as_of=now).collect()
    desk = Tickets(as_of=now, tickets=tickets, cases=again, sent=pl.DataFrame())
    first = owed_tickets(desk, promises, timezone=timezone)
    rest = backlog(desk).filter(pl.col("due_at").is_null())
    rows = pl.concat([first, rest], how="diagonal")
    return rows.join(
        tickets.select("conversation", *NAMED), on="conversation", how="left", maintain_order="left"
    )


def queue_rows(queue: pl.DataFrame, filters: Mapping[str, str], *, text: str) -> pl.DataFrame:
    """Return the rows of a table of accounts or tickets that match all filters.

    Args:
        queue: with ``account_id``, ``name`` and the columns of the filters.
        filters: required values by column, where an empty text matches everything; ``csm`` ignores case.
        text: part of the account's id or name; an empty text matches everything.
    """
    wanted = [
        is_address(name, value) if name == "csm" else pl.col(name) == value
        for name, value in filters.items()
        if value
    ]
    if text:
        wanted.append(has_text(text))
    return queue.filter(*wanted)


def _unanswered(scope: Scope) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the tickets of the edition that need a response, and their open cases."""
    since, edition = scope.as_of - SPAN, scope.edition
    left = pl.col("resolved_at").is_null() & (pl.col("waiting_for") == "us") & (pl.col("opened_at") > since)
    tickets = (
        edition.scan("sla_tickets")
        .filter(left)
        .join(ticket_accounts(scope).select("account", "name", "csm").lazy(), on="account", how="inner")
        .collect()
    )
    cases = (
        edition.scan("sla_cases")
        .filter(pl.col("ended_at").is_null() & (pl.col("started_at") > since))
        .join(tickets.lazy().select("conversation"), on="conversation", how="semi")
        .select("conversation", "account", "figure", "started_at", "ended_at", "own_tier")
        .with_columns(hope_at=pl.lit(None, dtype=INSTANT))
        .collect()
    )
    return tickets, cases
