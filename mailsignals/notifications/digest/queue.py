"""The open tickets of a CSM's accounts with the time until they are due; pure."""

import dataclasses
from collections.abc import Sequence

import polars as pl

from mailsignals.notifications.digest.card import Row
from mailsignals.notifications.digest.mail_links import MailLink, mail_link_to
from mailsignals.sla.backlog import owed_tickets
from mailsignals.sla.promises import Promises
from mailsignals.sla.tickets import Tickets
from mailsignals.wording.numbers import count_noun, sla_duration
from mailsignals.wording.people import PersonNames

SHOWN = 10
A_DAY = 24.0
"""From so many hours on, a date is shown instead."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class WaitingTicket:
    """An open ticket that awaits a response or resolution."""

    name: str
    """The name of the account."""
    tier: str
    contact: str
    """The name of the person who asked, or the address."""
    due: str
    late: bool
    mail: MailLink | None
    """The link to the email that opened the ticket, in the reader's own mailbox; None without one."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Queue:
    """The open tickets that are due first, and a sentence on the others."""

    shown: Sequence[WaitingTicket] = ()
    more: str | None = None
    length: int = 0
    """The number of all open tickets."""


def owed_to_customers(
    desk: Tickets, promises: Promises, addresses: pl.Series, *, timezone: str
) -> pl.DataFrame:
    """Return the open tickets with a due time: first those that can still be in time, then the overdue ones.

    The first are in the order in which they fall due. The overdue ones are in the opposite order, because the most
    recent breach is the one that can be helped most.

    Args:
        desk: the tickets at a date and time.
        promises: to the same accounts.
        addresses: of the people, at their numbers.
        timezone: of days.

    Returns:
        ``conversation``, ``account``, ``contact`` (an address), ``opened_at``, ``tier``, ``figure``, ``late``,
        ``due_on`` (a day), ``open_hours`` (until it is due, or since it was) and ``by_calendar`` (whether they are
        business hours).
    """
    return owed_tickets(desk, promises, timezone=timezone).select(
        "conversation",
        "account",
        pl.lit(addresses).gather(pl.col("contact")).alias("contact"),
        *("opened_at", "tier", "figure", "late", "due_on", "open_hours", "by_calendar"),
    )


def queue(rows: Sequence[Row], names: Sequence[str], *, people: PersonNames) -> Queue:
    """Return the queue of some rows of ``owed_to_customers``.

    Args:
        rows: those of a CSM's accounts, each with the reader's own ``copy`` of its first email; null without one.
        names: of the accounts, by their numbers.
        people: the names of people.
    """
    rest = rows[SHOWN:]
    late = sum(row["late"] for row in rest)
    return Queue(
        shown=[
            WaitingTicket(
                name=names[row["account"]],
                tier=row["tier"],
                contact=people.of(row["contact"]),
                due=due_words(row),
                late=row["late"],
                mail=mail_link_to(row.get("copy"), sender=row["contact"]),
            )
            for row in rows[:SHOWN]
        ],
        more=f"{count_noun(len(rest), 'more ticket')}, {late} of them breached." if rest else None,
        length=len(rows),
    )


def due_words(row: Row) -> str:
    """Return ``response due in 2 business hours``, ``response overdue by 45 min``, or a date from a day on.

    Args:
        row: with ``figure``, ``late``, ``due_on`` (a day), ``open_hours`` (until it is due, or since it was) and
            ``by_calendar`` (whether these are business hours).
    """
    hours = row["open_hours"]
    span, day = sla_duration(hours, business=row["by_calendar"]), f"{row['due_on'].day} {row['due_on']:%b}"
    what, is_long = _FIGURES.get(row["figure"], "response"), hours >= A_DAY
    if row["late"]:
        return f"{what} was due on {day}" if is_long else f"{what} overdue by {span}"
    return f"{what} due on {day}" if is_long else f"{what} due in {span}"


_FIGURES = {
    "first_response": "first response",
    "next_response": "next response",
    "resolution": "resolution",
}
