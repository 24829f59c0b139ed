"""An alert in words: what each matter is, whose it is, and what to do; pure, and free of any markup."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from zoneinfo import ZoneInfo

from mailsignals.notifications.alerts.events import AT_RISK, DUE_SOON, ESCALATED
from mailsignals.notifications.alerts.recipients import ALERT
from mailsignals.notifications.digest.bulletin import Bulletin, Groups, Link
from mailsignals.notifications.digest.card import Card, Row
from mailsignals.notifications.digest.links import Links
from mailsignals.notifications.digest.queue import due_words
from mailsignals.sla.cases import BREACHED
from mailsignals.wording.numbers import Quantity, count_noun, on_day

SHOWN = 10
"""Of each kind; the others are counted."""

SHOWN_DIGITS = 8
"""Of a ticket's id; as many as tell the tickets of a table apart."""

TICKETS = {DUE_SOON: "about to breach", BREACHED: "breached", ESCALATED: "escalated"}
SECTIONS = {
    DUE_SOON: "About to breach",
    BREACHED: "Breached",
    ESCALATED: "Escalated",
    AT_RISK: "New at high risk",
}
NEXT = {
    DUE_SOON: "Next: answer before it is due, or find somebody who can.",
    BREACHED: "Next: answer now, and say when it will be done.",
    ESCALATED: "Next: ask who has it now how it stands, before the customer asks you.",
}
ONCE = "Each of these is told once. `mailsignals sla --open` lists all that waits."
NO_ANSWER = 'Needs no answer? `mailsignals sla dismiss TICKET --note "why"`.'
NOT_AT_RISK = 'Not at risk? `mailsignals flag dismiss ACCOUNT_ID --note "why"`.'


def alert(
    rows: Sequence[Row],
    *,
    cards: Mapping[str, Card],
    links: Links | None,
    company: str,
    at: dt.datetime,
    timezone: str,
) -> Bulletin:
    """Return the alert for one reader.

    Args:
        rows: the events: ``EVENT_SCHEMA`` with ``name`` (the account's) and ``ticket`` (its id).
        cards: of accounts at risk, by id.
        links: into the dashboard; None where nobody can reach one.
        company: its name.
        at: the date and time of the alert.
        timezone: of days and times.
    """
    by_kind = {kind: [row for row in rows if row["kind"] == kind] for kind in SECTIONS}
    title, local = _title(by_kind), at.astimezone(ZoneInfo(timezone))
    tickets = any(by_kind[kind] for kind in TICKETS)
    return Bulletin(
        kind=ALERT,
        title=title,
        company=company,
        on=f"{local:%A}, {on_day(local)}, {local:%H:%M}",
        headline=f"{title}.",
        sections=[
            (
                SECTIONS[kind],
                _groups(kind, found, partial(_lines, cards=cards, links=links, timezone=timezone)),
            )
            for kind, found in by_kind.items()
            if found
        ],
        remarks=[*([ONCE, NO_ANSWER] if tickets else []), *_how_to_say(by_kind[AT_RISK], cards)],
    )


def _how_to_say(rows: Sequence[Row], cards: Mapping[str, Card]) -> list[str]:
    """That a flag is wrong: by command, where there is no link to say so."""
    return [NOT_AT_RISK] if any(cards[row["account_id"]].feedback_url is None for row in rows) else []


def _title(by_kind: Mapping[str, Sequence[Row]]) -> str:
    """``2 tickets about to breach, 1 breached, 1 account new at high risk``; no customer is named."""
    parts: list[str] = []
    for kind, words in TICKETS.items():
        number = len({row["ticket"] for row in by_kind[kind]})
        if number:
            parts.append(f"{number:,} {words}" if parts else f"{count_noun(number, 'ticket')} {words}")
    at_risk = len(by_kind[AT_RISK])
    if at_risk:
        parts.append(f"{count_noun(at_risk, 'account')} new at high risk")
    return ", ".join(parts)


def _groups(kind: str, rows: Sequence[Row], lines: Callable[[Row], Sequence[str | Link]]) -> Groups:
    told: list[tuple[str, Sequence[str | Link]]] = [
        (_heading(row), lines(row)) for row in sorted(rows, key=_place)[:SHOWN]
    ]
    more = len(rows) - len(told)
    noun = "more account" if kind == AT_RISK else "more ticket"
    return [*told, (f"and {count_noun(more, noun)}", [])] if more else told


def _place(row: Row) -> tuple[float, str]:
    """What is due first on top; of what cannot be in time, what began last."""
    soon = row["kind"] == DUE_SOON
    instant = row["due_at"] if soon else row["began_at"]
    return (instant.timestamp() if soon else -instant.timestamp(), row["matter"])


def _heading(row: Row) -> str:
    known = [row["account_id"], *([row["tier"]] if row["tier"] else [])]
    return f"{row['name']} ({', '.join(known)})"


def _links(card: Card) -> Iterator[Link]:
    if card.account_url is not None:
        yield Link(words="The account", url=card.account_url)
    if card.feedback_url is not None:
        yield Link(words="Not at risk, snooze, saved", url=card.feedback_url)


def _reasons(card: Card) -> Iterator[str]:
    for reason in card.reasons:
        yield f"{reason.text} ({reason.share})" if reason.share else reason.text


def _lines(
    row: Row, *, cards: Mapping[str, Card], links: Links | None, timezone: str
) -> Sequence[str | Link]:
    if row["kind"] == AT_RISK:
        card = cards[row["account_id"]]
        first = f"{card.level[0].upper()}{card.level[1:]} \N{MIDDLE DOT} {card.standing} \N{MIDDLE DOT} {card.since}"
        return [first, *_reasons(card), f"Next: {card.next_step}", *_links(card)]
    ticket = [Link(words="The ticket", url=links.ticket(row["ticket"]))] if links else []
    return [_what(row, timezone), _who(row, timezone), NEXT[row["kind"]], *ticket]


def _what(row: Row, timezone: str) -> str:
    """What is due or was, or that it was handed on."""
    if row["kind"] == ESCALATED:
        return f"Two or more of us have written, the second {_when(row['began_at'], timezone)}."
    late = row["kind"] == BREACHED
    due_on = row["due_at"].astimezone(ZoneInfo(timezone)).date()
    words = due_words({**row, "late": late, "due_on": due_on}).removeprefix("breached: ")
    hour = "open hour" if row["by_calendar"] else "hour"
    return f"{words[0].upper()}{words[1:]}; {Quantity(row['promised_hours']):{hour}} were promised."


def _who(row: Row, timezone: str) -> str:
    owner = f"; with {row['agent']}" if row["agent"] else ""
    ticket = row["ticket"][:SHOWN_DIGITS]
    return f"Ticket {ticket}, asked by {row['person']} {_when(row['asked_at'], timezone)}{owner}."


def _when(moment: dt.datetime, timezone: str) -> str:
    """``on Tuesday, 3 March, at 09:12``."""
    local = moment.astimezone(ZoneInfo(timezone))
    return f"on {local:%A}, {local.day} {local:%B}, at {local:%H:%M}"
