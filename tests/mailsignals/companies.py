"""Small companies full of edge cases."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

from connectors.base import Message
from tests.mailsignals.oracle_touches import Account, Rules

_T = TypeVar("_T")

START = dt.datetime(2025, 1, 1, 12, tzinfo=dt.UTC)
TICK = dt.timedelta(microseconds=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)

ACCOUNTS = (
    Account(
        account_id="A",
        domains=("a.example", "old.test"),
        contacts=("boss@gmail.com",),
        first_response_hours=2.0,
        next_response_hours=0.5,
    ),
    Account(account_id="B", domains=("sub.a.example",), first_response_hours=24.0),
    Account(account_id="C", domains=("c.example",), contacts=("moved@a.example", "di@partner.example")),
    Account(account_id="D", domains=("gmail.com", "eu.us.example", "d.example"), next_response_hours=4.0),
    Account(account_id="mute", contacts=("nobody@mute.example",), first_response_hours=1.0),
)
RULES = Rules(
    domains=("us.example",),
    addresses=("list@lists.test",),
    people={
        "cs@us.example": "cs",
        "help@us.example": "support",
        "desk@eu.us.example": "support",
        "di@partner.example": "cs",
    },
    accounts=ACCOUNTS,
    mail_merge_accounts=3,
)
OURS = ("cs@us.example", "help@us.example", "ana@us.example", "desk@eu.us.example", "di@partner.example")
THEIRS = (
    "p@a.example",
    "q@old.test",
    "boss@gmail.com",
    "p@deep.sub.a.example",
    "moved@a.example",
    "p@c.example",
    "p@d.example",
)
STRANGERS = ("x@gmail.com", "x@nota.example", "list@lists.test", "")
PEOPLE = (*OURS, *THEIRS, *STRANGERS)
SUBJECTS = (
    "topic",
    "Re: topic",
    "AW: Fwd: Topic",
    "re[2] :  TOPIC",
    "other",
    "Sv: other",
    "Urgent: topic",
    "Re:",
    "",
    None,
)
STEPS = (
    dt.timedelta(0),
    TICK,
    HOUR,
    4 * HOUR - TICK,
    4 * HOUR,
    DAY,
    3 * DAY,
    7 * DAY,
    7 * DAY + TICK,
    14 * DAY,
    14 * DAY + TICK,
    30 * DAY,
    30 * DAY + TICK,
    90 * DAY,
    90 * DAY + TICK,
)


def message(at: dt.datetime, sender: str, *to: str, **more: object) -> Message:
    """A copy in a mailbox, with a provider id made of all that it says."""
    words = {"mailbox": "archive@us.example", "provider": "mbox"} | more
    provider_id = repr((at, sender, to, more))
    return Message(**{"provider_id": provider_id, "sent_at": at, "sender": sender, "to": to} | words)  # type: ignore[arg-type]


@dataclasses.dataclass(frozen=True)
class _Style:
    """What is likely in one archive, so that its mails meet."""

    ours: Sequence[str]
    theirs: Sequence[str]
    steps: Sequence[dt.timedelta]
    subjects: Sequence[str | None]
    referring: bool


def _some(things: Sequence[_T], most: int) -> st.SearchStrategy[list[_T]]:
    return st.lists(st.sampled_from(things), min_size=1, max_size=most)


_STYLES = st.builds(
    _Style, _some(OURS, 2), _some(THEIRS, 2), _some(STEPS, 4), _some(SUBJECTS, 4), st.booleans()
)


@st.composite
def archives(draw: st.DrawFn, *, most: int = 40) -> list[Message]:
    """Messages of a few mailboxes: ties, copies that differ, merges, threads by every way of joining them."""
    style = draw(_STYLES)
    at = START
    found: list[Message] = []
    for number in range(draw(st.integers(1, most))):
        at += draw(st.sampled_from((*style.steps, *style.steps, HOUR, 3 * DAY)))
        first = draw(_mails(number, at, style))
        found.append(first)
        kind = draw(st.sampled_from(("one",) * 8 + ("copy", "copy", "burst")))
        if kind == "copy":
            found.append(draw(_copies(first)))
        elif kind == "burst":
            found += draw(_bursts(first))
    return [dataclasses.replace(one, provider_id=str(place)) for place, one in enumerate(found)]


@st.composite
def _mails(draw: st.DrawFn, number: int, at: dt.datetime, style: _Style) -> Message:
    near, far = (style.ours, style.theirs) if draw(st.booleans()) else (style.theirs, style.ours)
    anybody = draw(st.sampled_from((*(False,) * 6, True)))
    senders, told = (PEOPLE, PEOPLE) if anybody else (near, far)
    earlier = [f"m{one}" for one in range(max(0, number - 3), number + 2)]
    named = _some((*earlier, *earlier, "ghost"), 2).map(lambda names: tuple(dict.fromkeys(names)))
    return message(
        at,
        draw(st.sampled_from(senders)),
        *draw(st.lists(st.sampled_from(told), min_size=1, max_size=2)),
        mailbox=draw(st.sampled_from(("archive@us.example", "help@us.example"))),
        provider=draw(st.sampled_from(("mbox", "gmail"))),
        message_id=draw(st.sampled_from((*(f"m{number}",) * 6, None, "m0"))),
        references=draw(named) if style.referring and draw(st.booleans()) else (),
        provider_thread_id=draw(st.sampled_from((*(None,) * 5, "t1", "t2"))),
        cc=tuple(draw(st.lists(st.sampled_from(PEOPLE), max_size=1))),
        subject=draw(st.sampled_from((*style.subjects, *style.subjects, "Re: topic"))),
        automated=draw(st.sampled_from((*(None,) * 15, "bulk"))),
        importance=draw(st.sampled_from((*("normal",) * 5, "high", "low"))),
    )


@st.composite
def _copies(draw: st.DrawFn, first: Message) -> Message:
    """Another copy of a message, which may say more than the first, or say it differently."""
    delay = draw(st.sampled_from((dt.timedelta(0), TICK, -TICK, HOUR, 5 * DAY, 40 * DAY)))
    return dataclasses.replace(
        first,
        sent_at=first.sent_at + delay,
        mailbox=draw(st.sampled_from(("archive@us.example", "cs@us.example"))),
        bcc=tuple(draw(st.lists(st.sampled_from(PEOPLE), max_size=1))),
        references=draw(st.sampled_from((first.references, (), ("ghost",), ("m0", "m1")))),
        provider_thread_id=draw(st.sampled_from((first.provider_thread_id, None, "t1"))),
        subject=draw(st.sampled_from((first.subject, None, "topic"))),
        automated=draw(st.sampled_from((first.automated, None, "calendar"))),
        importance=draw(st.sampled_from((first.importance, "high"))),
    )


@st.composite
def _bursts(draw: st.DrawFn, first: Message) -> list[Message]:
    """The same mail to several customers, minutes or hours apart: a mail merge, or nearly one."""
    gap = draw(st.sampled_from((dt.timedelta(0), TICK, HOUR, 6 * HOUR)))
    told = draw(st.lists(st.sampled_from(THEIRS), min_size=1, max_size=4, unique=True))
    return [
        dataclasses.replace(first, to=(one,), cc=(), sent_at=first.sent_at + place * gap, message_id=None)
        for place, one in enumerate(told, start=1)
    ]


@st.composite
def archives_and_instants(
    draw: st.DrawFn, *, most: int = 40, instants: int = 5
) -> tuple[list[Message], list[dt.datetime]]:
    """An archive, and a few instants at which something in it is just in or just out."""
    messages = draw(archives(most=most))
    after = (
        *(TICK * n for n in (-1, 0, 1)),
        *(HOUR * n for n in (0.5, 1, 2, 6, 24)),
        *(DAY * n for n in (7, 14, 20, 30, 60, 90, 120, 180)),
    )
    near = st.builds(lambda one, step: one.sent_at + step, st.sampled_from(messages), st.sampled_from(after))
    return messages, draw(st.lists(near, min_size=1, max_size=instants, unique=True))
