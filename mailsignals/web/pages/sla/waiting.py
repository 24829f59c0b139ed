"""What waits for us now: the open promises, judged anew at the instant at which somebody looks."""

import datetime as dt
from typing import Any

import polars as pl

from mailsignals.notifications.digest.queue import due_words
from mailsignals.schema import INSTANT
from mailsignals.sla.backlog import SPAN, backlog, owed_tickets
from mailsignals.sla.cases import judged_cases
from mailsignals.sla.promises import Promises
from mailsignals.sla.tickets import Tickets
from mailsignals.web.page import PageRequest
from mailsignals.web.pages.sla.scope import TicketScope, sees_all

NAMED = ("ticket", "account_id", "name", "csm", "subject")


def promises_of(visit: PageRequest) -> Promises:
    """What the accounts of an edition were promised."""

    def make() -> Promises:
        tiers = visit.edition.table("accounts").sort("account")["tier"]
        return visit.site.settings().promises(tiers)

    return visit.edition.remembered("promises", make)


def waiting(look: TicketScope) -> pl.DataFrame:
    """The tickets that wait for us and that somebody may see, as of this minute."""
    viewer, edition = look.visit.viewer, look.visit.edition
    whose = None if sees_all(viewer) else viewer.address
    minute = max(edition.as_of, look.visit.now.replace(second=0, microsecond=0))

    def as_of_now() -> pl.DataFrame:
        tickets, cases = edition.remembered(("sla unanswered", whose), lambda: _unanswered(look))
        return due(tickets, cases, promises_of(look.visit), now=minute, timezone=viewer.timezone)

    return edition.remembered(("sla waiting", whose, minute, viewer.timezone), as_of_now)


def due(
    tickets: pl.DataFrame, cases: pl.DataFrame, promises: Promises, *, now: dt.datetime, timezone: str
) -> pl.DataFrame:
    """The rows of ``owed_tickets`` at an instant, and last, the oldest first, those that nothing was promised of.

    Args:
        tickets: those that wait for us, with ``NAMED`` beside what a desk has of them.
        cases: what has not ended of them, before it is judged.
        promises: to the accounts.
        now: the instant.
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


def words(row: dict[str, Any]) -> str:
    """How much time is left, or since when it is due; that it is breached is said beside it."""
    return due_words(row).removeprefix("breached: ") if row["due_at"] is not None else "nothing was promised"


def _unanswered(look: TicketScope) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tickets of the edition that wait for us, and their open cases."""
    since, edition = look.visit.edition.as_of - SPAN, look.visit.edition
    left = pl.col("resolved_at").is_null() & (pl.col("waiting_for") == "us") & (pl.col("opened_at") > since)
    tickets = (
        edition.scan("sla_tickets")
        .filter(left)
        .join(look.accounts.select("account", "name", "csm").lazy(), on="account", how="inner")
        .collect()
    )
    cases = (
        edition.scan("sla_cases")
        .filter(pl.col("ended_at").is_null() & (pl.col("started_at") > since))
        .join(tickets.lazy().select("conversation"), on="conversation", how="semi")
        .select("conversation", "account", "figure", "started_at", "ended_at")
        .with_columns(hope_at=pl.lit(None, dtype=INSTANT))
        .collect()
    )
    return tickets, cases
