"""What of a CSM's accounts waits for our answer, and how much time is left; pure."""

import dataclasses
from collections.abc import Sequence

import polars as pl

from mailsignals.notifications.digest.card import Row
from mailsignals.notifications.digest.mail_links import MailLink, mail_link_to
from mailsignals.sla.backlog import owed_tickets
from mailsignals.sla.promises import Promises
from mailsignals.sla.tickets import Tickets
from mailsignals.wording.numbers import Quantity, count_noun

SHOWN = 10
A_DAY = 24.0
"""From so many open hours on, a day says more."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class WaitingTicket:
    """One ticket that we owe something."""

    name: str
    """The account's."""
    tier: str
    contact: str
    """Who asked."""
    due: str
    late: bool
    mail: MailLink | None
    """Where the mail that opened the ticket is, in the mailbox of whoever reads this."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Queue:
    """Those that are due first, and a sentence about the others."""

    shown: Sequence[WaitingTicket] = ()
    more: str | None = None
    length: int = 0
    """How many there are in all."""


def owed_to_customers(
    desk: Tickets, promises: Promises, addresses: pl.Series, *, timezone: str
) -> pl.DataFrame:
    """The tickets that wait for us and have a due time: what can still be in time, then what cannot.

    The first are in the order in which they fall due; of the others the one that was breached last leads, because it
    is the one about which most can be done.

    Args:
        desk: the tickets at an instant.
        promises: to the same accounts.
        addresses: of the people, at their numbers.
        timezone: of days.

    Returns:
        ``conversation``, ``account``, ``contact`` (an address), ``opened_at``, ``tier``, ``figure``, ``late``,
        ``due_on`` (a day), ``open_hours`` (until it is due, or since it was) and ``by_calendar`` (whether they are
        those of a calendar, or by the clock).
    """
    return owed_tickets(desk, promises, timezone=timezone).select(
        "conversation",
        "account",
        pl.lit(addresses).gather(pl.col("contact")).alias("contact"),
        *("opened_at", "tier", "figure", "late", "due_on", "open_hours", "by_calendar"),
    )


def queue(rows: Sequence[Row], names: Sequence[str]) -> Queue:
    """The queue of some rows of ``owed_to_customers``.

    Args:
        rows: those of a CSM's accounts, each with the reader's own ``copy`` of its first mail, if there is one.
        names: of the accounts, by their numbers.
    """
    rest = rows[SHOWN:]
    late = sum(row["late"] for row in rest)
    return Queue(
        shown=[
            WaitingTicket(
                name=names[row["account"]],
                tier=row["tier"],
                contact=row["contact"],
                due=due_words(row),
                late=row["late"],
                mail=mail_link_to(row.get("copy"), sender=row["contact"]),
            )
            for row in rows[:SHOWN]
        ],
        more=f"and {count_noun(len(rest), 'more ticket')}, {late} of them breached." if rest else None,
        length=len(rows),
    )


def due_words(row: Row) -> str:
    """``answer due in 2 open hours``, ``breached: answer was due 45 open minutes ago``, or a day."""
    hour = "open hour" if row["by_calendar"] else "hour"
    span, day = f"{Quantity(row['open_hours']):{hour}}", f"on {row['due_on'].day} {row['due_on']:%B}"
    what, is_long = "resolution" if row["figure"] == "resolution" else "answer", row["open_hours"] >= A_DAY
    if row["late"]:
        return f"breached: {what} was due {day if is_long else f'{span} ago'}"
    return f"{what} due {day if is_long else f'in {span}'}"
