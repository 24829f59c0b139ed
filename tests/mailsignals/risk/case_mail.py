"""What a case of a mark is made of: a customer's mail, written by hand."""

from collections.abc import Callable
from typing import NamedTuple

from tests.mailsignals.risk.office import CARA, DAY, HELP, HOUR, OLE, TICK, Mailbox

Write = Callable[[Mailbox], object]


class Case(NamedTuple):
    """A customer's mail, the mark that it is about, and what the mark says: value, before, text; None: not a word."""

    mark: str
    write: Write
    said: tuple[float, float | None, str] | None


def mails(*days: float, who: str = "ana") -> Write:
    """Mails of a contact to one of us without a role."""
    return lambda box: [box.they(day * DAY, who=who, to=OLE) for day in days]


def both(*parts: Write) -> Write:
    """One after the other."""
    return lambda box: [part(box) for part in parts]


def answered_by_them(after: float, *days: float, hours_less: float = 0.0) -> Write:
    """Mails of ours that they answered so many hours later."""

    def write(box: Mailbox) -> None:
        for day in days:
            box.we(day * DAY, who=OLE, thread=f"a{day}")
            box.they(day * DAY - (after - hours_less) * HOUR, to=OLE, thread=f"a{day}")

    return write


def checkins(*days: float, answered: bool) -> Write:
    """Check-ins of customer success, answered a day later or never."""

    def write(box: Mailbox) -> None:
        for day in days:
            box.we(day * DAY, thread=f"c{day}")
            if answered:
                box.they((day - 1) * DAY, thread=f"c{day}")

    return write


def answered_by_us(after: float, *days: float, ticks: int = 0) -> Write:
    """Mails of theirs that we answered so many hours later."""

    def write(box: Mailbox) -> None:
        for day in days:
            box.they(day * DAY, to=HELP, thread=f"u{day}")
            box.we(day * DAY - after * HOUR - ticks * TICK, who=HELP, thread=f"u{day}")

    return write


def wrote_again(*days: float) -> Write:
    """Mails of ours in one conversation, which nobody answers."""
    return lambda box: [box.we(day * DAY, who=CARA, thread="again") for day in days]


def bounced(day: float) -> Write:
    """A mail of ours to Ana, which came back an hour later."""

    def write(box: Mailbox) -> None:
        box.we(day * DAY, who=OLE)
        box.program(day * DAY - HOUR, "bounce", refers=box.messages[-1].message_id)

    return write


def meetings(*days: float) -> Write:
    """Calendar messages of the customer, and a mail of theirs."""
    return lambda box: [box.they(DAY), *(box.program(day * DAY, "calendar") for day in days)]
