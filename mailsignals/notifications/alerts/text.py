"""The wording of alerts: each event with its owner and the next step, without markup; pure."""

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
from mailsignals.wording.numbers import count_noun, on_day, sla_duration
from mailsignals.wording.people import PersonNames

SHOWN = 10
"""The number of events of each kind that are listed; others are counted."""

SHOWN_DIGITS = 8
"""The number of digits of a ticket id that are shown, as in tables."""

TICKETS = {DUE_SOON: "about to breach", BREACHED: "breached", ESCALATED: "escalated"}
SECTIONS = {
    DUE_SOON: "About to breach",
    BREACHED: "Breached",
    ESCALATED: "Escalated",
    AT_RISK: "New at high risk",
}
NEXT = {
    DUE_SOON: "Next step: reply before it is due, or find a colleague who can.",
    BREACHED: "Next step: reply now with a date for the resolution.",
    ESCALATED: "Next step: ask the owner for the status before the customer does.",
}
ONCE = "Each event is sent once. `mailsignals sla --open` lists all open tickets."
NO_ANSWER = 'No reply needed? Run `mailsignals sla dismiss TICKET --note "reason"`.'
NOT_AT_RISK = 'Not at risk? Run `mailsignals flag dismiss ACCOUNT_ID --note "reason"`.'


def alert(  # noqa: PLR0913  # all that it is made of
    rows: Sequence[Row],
    *,
    cards: Mapping[str, Card],
    links: Links | None,
    company: str,
    names: PersonNames,
    at: dt.datetime,
    timezone: str,
) -> Bulletin:
    """Return the alert for one reader.

    Args:
        rows: the events: ``EVENT_SCHEMA`` with ``name`` (the account's) and ``ticket`` (its id).
        cards: of accounts at risk, by id.
        links: into the dashboard; None without a dashboard address.
        company: the company's name.
        names: of people.
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
                _groups(
                    kind, found, partial(_lines, cards=cards, links=links, names=names, timezone=timezone)
                ),
            )
            for kind, found in by_kind.items()
            if found
        ],
        remarks=[*([ONCE, NO_ANSWER] if tickets else []), *_how_to_say(by_kind[AT_RISK], cards)],
    )


def _how_to_say(rows: Sequence[Row], cards: Mapping[str, Card]) -> list[str]:
    """Return how to dismiss a flag by command, for cards without a feedback link."""
    return [NOT_AT_RISK] if any(cards[row["account_id"]].feedback_url is None for row in rows) else []


def _title(by_kind: Mapping[str, Sequence[Row]]) -> str:
    """Return ``2 tickets about to breach, 1 breached, 1 new at-risk account``; it names no customer."""
    parts: list[str] = []
    for kind, words in TICKETS.items():
        number = len({row["ticket"] for row in by_kind[kind]})
        if number:
            parts.append(f"{number:,} {words}" if parts else f"{count_noun(number, 'ticket')} {words}")
    at_risk = len(by_kind[AT_RISK])
    if at_risk:
        parts.append(count_noun(at_risk, "new at-risk account"))
    return ", ".join(parts)


def _groups(kind: str, rows: Sequence[Row], lines: Callable[[Row], Sequence[str | Link]]) -> Groups:
    told: list[tuple[str, Sequence[str | Link]]] = [
        (_heading(row), lines(row)) for row in sorted(rows, key=_place)[:SHOWN]
    ]
    more = len(rows) - len(told)
    noun = "more account" if kind == AT_RISK else "more ticket"
    return [*told, (count_noun(more, noun), [])] if more else told


def _place(row: Row) -> tuple[float, str]:
    """Return the sort key of an event: due soonest first; of overdue tickets, the latest breach first."""
    soon = row["kind"] == DUE_SOON
    instant = row["due_at"] if soon else row["began_at"]
    return (instant.timestamp() if soon else -instant.timestamp(), row["matter"])


def _heading(row: Row) -> str:
    known = [row["account_id"], *([row["tier"]] if row["tier"] else [])]
    return f"{row['name']} ({', '.join(known)})"


def _links(card: Card) -> Iterator[Link]:
    if card.account_url is not None:
        yield Link(words="View account", url=card.account_url)
    if card.feedback_url is not None:
        yield Link(words="Snooze, dismiss or mark as saved", url=card.feedback_url)


def _reasons(card: Card) -> Iterator[str]:
    for reason in card.reasons:
        yield f"{reason.text} ({reason.share})" if reason.share else reason.text


def _lines(
    row: Row, *, cards: Mapping[str, Card], links: Links | None, names: PersonNames, timezone: str
) -> Sequence[str | Link]:
    if row["kind"] == AT_RISK:
        card = cards[row["account_id"]]
        first = f"{card.level[0].upper()}{card.level[1:]} \N{MIDDLE DOT} {card.standing} \N{MIDDLE DOT} {card.since}"
        return [first, *_reasons(card), f"Next step: {card.next_step}", *_links(card)]
    ticket = [Link(words="View ticket", url=links.ticket(row["ticket"]))] if links else []
    return [_what(row, timezone), _who(row, names, timezone), NEXT[row["kind"]], *ticket]


def _what(row: Row, timezone: str) -> str:
    """Return when a ticket is or was due, with its target, or when it was escalated."""
    if row["kind"] == ESCALATED:
        return f"A second colleague replied {_when(row['began_at'], timezone)}."
    late = row["kind"] == BREACHED
    due_on = row["due_at"].astimezone(ZoneInfo(timezone)).date()
    words = due_words({**row, "late": late, "due_on": due_on})
    target = sla_duration(row["promised_hours"], business=row["by_calendar"])
    return f"{words[0].upper()}{words[1:]} (target: {target})."


def _who(row: Row, names: PersonNames, timezone: str) -> str:
    owner = f"; owner {names.of(row['agent'])}" if row["agent"] else ""
    ticket = row["ticket"][:SHOWN_DIGITS]
    return f"Ticket {ticket}, email from {names.of(row['person'])} {_when(row['asked_at'], timezone)}{owner}."


def _when(moment: dt.datetime, timezone: str) -> str:
    """Return ``on Tuesday, 3 Mar, at 09:12``."""
    local = moment.astimezone(ZoneInfo(timezone))
    return f"on {local:%A}, {local.day} {local:%b}, at {local:%H:%M}"
