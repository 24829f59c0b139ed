"""Random mail of the small company, in which everything meets that the definitions tell apart."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from typing import TypeVar

from hypothesis import strategies as st

from connectors.base import Message
from tests.mailsignals.companies import DAY, HOUR, OURS, PEOPLE, START, STRANGERS, THEIRS, TICK, message

_T = TypeVar("_T")

MINUTE = dt.timedelta(minutes=1)
NOW = dt.timedelta(0)
SPELLINGS = {
    "cs@us.example": ("cy@old.us.test", "cs.of.us@gmail.com", "c.s.ofus@googlemail.com"),
    "help@us.example": ("hilfe@old.us.test",),
    "di@partner.example": ("di.two@partner.example",),
    "boss@gmail.com": ("b.oss@gmail.com", "bo.ss@googlemail.com"),
    "x@gmail.com": ("x@googlemail.com",),
}
"""Other ways to write an address, and other addresses of the same person."""
MAILBOXES = (
    "archive@us.example",
    "cs@us.example",
    "help@us.example",
    "hilfe@old.us.test",
    "box@journal.test",
)
"""The last is nobody's of ours."""
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
TOPICS = ("topic", "topic", "Topic", "other", "Urgent: topic", "topic 4711", "", None)
FRONTS = (
    *(
        "Re: ",
        "Re: ",
        "AW: ",
        "re[2] :  ",
        "RE (3): ",
        "Sv^2 :",
        "Fwd: ",
        "WG:",
        "\u56de\u590d\uff1a",
        "V\u00e1: ",
        "\u0130lt: ",
    ),
    *("[EXTERNAL] ", "[support-list]", "[#4711] ", "(#4711)", "[Case 004711] ", "(external) ", "***SPAM*** "),
    *("CAUTION: ", "spam :", "[PATCH v2 3/5] ", "[2/2] ", "(4711) ", "Reg: ", "[] "),
)
"""Prefixes and tags, and some that are neither."""
ENDS = ("", "", "", " (was: topic)", " [war: Re: other]", " [#4711]", " (#4711)", " (4711)", " [2/2]")
ANSWERS = ("Accepted: ", "declined : ", "Zugesagt: ", "Re: Tentative: ", "")
DATES: Sequence[Callable[[dt.datetime], dt.datetime | None]] = (
    lambda _: None,
    lambda at: at.replace(microsecond=0),
    lambda at: at.replace(microsecond=0) - 7 * MINUTE,
    lambda at: at.replace(microsecond=0) - 3 * HOUR,
)
"""What stands in ``Date`` of a mail that came at an instant."""


@dataclasses.dataclass(frozen=True)
class _Style:
    """What is likely in one archive, so that its mails meet."""

    ours: Sequence[str]
    theirs: Sequence[str]
    steps: Sequence[dt.timedelta]
    topics: Sequence[str | None]
    fronts: Sequence[str]
    dates: Sequence[Callable[[dt.datetime], dt.datetime | None]]
    referring: bool
    programs: bool


def _some(things: Sequence[_T], most: int) -> st.SearchStrategy[list[_T]]:
    return st.lists(st.sampled_from(things), min_size=1, max_size=most)


_STYLES = st.builds(
    _Style,
    _some(OURS, 2),
    _some(THEIRS, 2),
    _some(STEPS, 4),
    _some(TOPICS, 3),
    _some(FRONTS, 4),
    _some(DATES, 3),
    st.booleans(),
    st.booleans(),
)


@st.composite
def archives(draw: st.DrawFn, *, most: int = 40) -> list[Message]:
    """Messages of a few mailboxes: ties, copies by every rule, merges, threads by every way of joining them."""
    style = draw(_STYLES)
    at = START
    found: list[Message] = []
    for number in range(draw(st.integers(1, most))):
        at += draw(st.sampled_from((*style.steps, *style.steps, HOUR, 3 * DAY)))
        program = style.programs and draw(st.booleans())
        first = draw((_programs if program else _mails)(number, at, style))
        found.append(first)
        kind = draw(st.sampled_from((None,) * 8 + (_copies, _copies, _renamed, _reused, _bursts, _bursts)))
        if kind is not None:
            found += draw(kind(first))
    spelt = [_respelt(one, draw(st.sampled_from((None,) * 6 + (0, 1, 2)))) for one in found]
    return [dataclasses.replace(one, provider_id=str(place)) for place, one in enumerate(spelt)]


@st.composite
def _mails(draw: st.DrawFn, number: int, at: dt.datetime, style: _Style) -> Message:
    near, far = (style.ours, style.theirs) if draw(st.booleans()) else (style.theirs, style.ours)
    anybody = draw(st.sampled_from((*(False,) * 6, True)))
    senders, told = ((*PEOPLE, ""), PEOPLE) if anybody else (near, far)
    cc = draw(st.lists(st.sampled_from(PEOPLE), max_size=1))
    to = draw(st.lists(st.sampled_from(told), min_size=1, max_size=2))
    if draw(st.integers(0, 5)) == 0:  # blind, or to a list of their own, with strangers on it or not
        to, cc = draw(st.sampled_from(((), ("team@a.example",), style.theirs, (STRANGERS[1],)))), cc[:0]
    return message(
        at,
        draw(st.sampled_from(senders)),
        *to,
        mailbox=draw(st.sampled_from(MAILBOXES)),
        provider=draw(st.sampled_from(("mbox", "gmail"))),
        message_id=draw(st.sampled_from((*(f"m{number}",) * 6, None, "m0"))),
        references=draw(_named(number)) if style.referring and draw(st.booleans()) else (),
        provider_thread_id=draw(st.sampled_from((*(None,) * 5, "t1", "t2"))),
        dated_at=draw(st.sampled_from(style.dates))(at),
        cc=tuple(cc),
        subject=draw(_subjects(style)),
        automated=draw(st.sampled_from((*(None,) * 15, "bulk", "calendar"))),
        importance=draw(st.sampled_from((*("normal",) * 5, "high", "low"))),
    )


def _named(number: int) -> st.SearchStrategy[tuple[str, ...]]:
    """Ids of a few earlier mails, and of one that is not stored."""
    earlier = [f"m{one}" for one in range(max(0, number - 3), number + 2)]
    return _some((*earlier, *earlier, "ghost"), 2).map(lambda names: tuple(dict.fromkeys(names)))


@st.composite
def _subjects(draw: st.DrawFn, style: _Style) -> str | None:
    topic = draw(st.sampled_from(style.topics))
    if topic is None:
        return None
    fronts = draw(st.lists(st.sampled_from(style.fronts), max_size=2))
    return "".join((*fronts, topic, draw(st.sampled_from(ENDS))))


@st.composite
def _programs(draw: st.DrawFn, number: int, at: dt.datetime, style: _Style) -> Message:
    """An invitation or an answer to one, an automatic reply, or a bounce."""
    one = draw(_mails(number, at, style))
    kind = draw(st.sampled_from(("calendar", "calendar", "auto_reply", "bounce", "bounce")))
    if kind == "calendar":
        return dataclasses.replace(
            one, automated=kind, subject=one.subject and draw(st.sampled_from(ANSWERS)) + one.subject
        )
    if kind == "auto_reply":
        return dataclasses.replace(
            one, automated=kind, sender=draw(st.sampled_from(style.theirs)), to=OURS[:1]
        )
    daemon = draw(st.sampled_from(("mailer-daemon@us.example", "postmaster@a.example")))
    return dataclasses.replace(
        one, automated=kind, sender=daemon, to=(one.sender,), references=draw(_named(number))
    )


@st.composite
def _copies(draw: st.DrawFn, first: Message) -> list[Message]:
    """Another copy of a message, which may say more than the first, or say it differently."""
    delay = draw(st.sampled_from((NOW, TICK, -TICK, 3 * MINUTE, HOUR, 5 * DAY, 40 * DAY)))
    other = dataclasses.replace(
        first,
        sent_at=first.sent_at + delay,
        mailbox=draw(st.sampled_from(MAILBOXES)),
        message_id=draw(st.sampled_from((first.message_id, first.message_id, None))),
        dated_at=draw(st.sampled_from((first.dated_at, first.dated_at, None))),
        to=draw(st.sampled_from((first.to, first.to, ()))),
        bcc=tuple(draw(st.lists(st.sampled_from(PEOPLE), max_size=1))),
        references=draw(st.sampled_from((first.references, (), ("ghost",), ("m0", "m1")))),
        provider_thread_id=draw(st.sampled_from((first.provider_thread_id, None, "t1"))),
        subject=draw(st.sampled_from((first.subject, _spaced(first.subject), None, "topic"))),
        automated=draw(st.sampled_from((first.automated, None, "calendar"))),
        importance=draw(st.sampled_from((first.importance, "high"))),
    )
    return [other]


@st.composite
def _renamed(draw: st.DrawFn, first: Message) -> list[Message]:
    """The copy that a relay gave another id, or that lies among sent mail without one, and a copy of that."""
    delay = draw(st.sampled_from((NOW, TICK, 3 * MINUTE, 2 * HOUR)))
    name = draw(st.sampled_from((None, f"relayed-{first.message_id}")))
    other = dataclasses.replace(
        first,
        message_id=name,
        sent_at=first.sent_at + delay,
        mailbox=draw(st.sampled_from(MAILBOXES)),
        subject=draw(st.sampled_from((first.subject, _spaced(first.subject)))),
    )
    again = dataclasses.replace(other, dated_at=None, sent_at=other.sent_at + 2 * delay)
    return [other, again] if draw(st.booleans()) else [other]


@st.composite
def _reused(draw: st.DrawFn, first: Message) -> list[Message]:
    """A mail of its own under an id that its program has used before, minutes to days ago."""
    step = draw(st.sampled_from((5 * MINUTE, HOUR, HOUR + dt.timedelta(seconds=1), 3 * HOUR, 5 * DAY)))
    dated = draw(st.sampled_from((None, _dated(first, step))))
    told = draw(st.sampled_from((*THEIRS, *OURS)))
    later = dataclasses.replace(first, sent_at=first.sent_at + step, dated_at=dated, to=(told,))
    between = dataclasses.replace(later, sent_at=first.sent_at + step / 2, dated_at=_dated(first, step / 2))
    return [later, between] if draw(st.booleans()) else [later]


@st.composite
def _bursts(draw: st.DrawFn, first: Message) -> list[Message]:
    """The same mail to several customers, in one second, minutes or hours apart: a mail merge, or nearly one."""
    gap = draw(st.sampled_from((NOW, TICK, MINUTE, HOUR, 6 * HOUR)))
    told = draw(st.lists(st.sampled_from(THEIRS), min_size=1, max_size=4, unique=True))
    sender = draw(st.sampled_from((first.sender, OURS[0])))
    subject = draw(st.sampled_from((first.subject, "News", "[EXTERNAL] news")))
    return [
        dataclasses.replace(
            first,
            sender=sender,
            to=(one,),
            cc=(),
            subject=subject,
            references=(),
            sent_at=first.sent_at + place * gap,
            dated_at=_dated(first, place * gap),
            message_id=None,
        )
        for place, one in enumerate(told, start=1)
    ]


def _dated(one: Message, later: dt.timedelta) -> dt.datetime | None:
    """The date of a mail that is as much later than another, if that has one; in whole seconds."""
    return one.dated_at and (one.dated_at + later).replace(microsecond=0)


def _spaced(subject: str | None) -> str | None:
    """The subject with other white space."""
    return subject and f" {subject.replace(' ', chr(9) + ' ')} "


def _respelt(one: Message, number: int | None) -> Message:
    """The message with another spelling of every address that has one."""

    def spelt(address: str) -> str:
        choices = SPELLINGS.get(address)
        return choices[(number or 0) % len(choices)] if choices else address

    if number is None:
        return one
    fields = {name: tuple(map(spelt, getattr(one, name))) for name in ("to", "cc", "bcc")}
    return dataclasses.replace(one, sender=spelt(one.sender), **fields)  # type: ignore[arg-type]


@st.composite
def archives_and_instants(
    draw: st.DrawFn, *, most: int = 40, instants: int = 5
) -> tuple[list[Message], list[dt.datetime]]:
    """An archive, and a few instants at which something in it is just in or just out, or between two copies."""
    messages = draw(archives(most=most))
    after = (
        *(TICK * n for n in (-1, 0, 1)),
        *(HOUR * n for n in (0.05, 0.5, 1, 2, 6, 24)),
        *(DAY * n for n in (7, 14, 20, 30, 60, 90, 120, 180)),
    )
    near = st.builds(lambda one, step: one.sent_at + step, st.sampled_from(messages), st.sampled_from(after))
    return messages, draw(st.lists(near, min_size=1, max_size=instants, unique=True))
