"""Small companies full of edge cases, and the engine's figures for them."""

import dataclasses
import datetime as dt
import math
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import polars as pl
from hypothesis import strategies as st

from connectors.base import Message, frame_of
from mailsignals.accounts import Book, Company, match
from mailsignals.schema import BOOK_SCHEMA
from mailsignals.signals.facts import facts
from mailsignals.signals.pipeline import signals
from mailsignals.touches.build import Touches, TouchRules, build
from mailsignals.turns import ConversationRules
from tests.mailsignals.oracle import Row
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


# --- the engine ----------------------------------------------------------------------------------


def directory(rules: Rules) -> Callable[[pl.Series], pl.DataFrame]:
    """The account book of the rules, as the engine wants to be told of it."""
    company = Company(
        name="us", domains=rules.domains, addresses=frozenset(rules.addresses), roles=dict(rules.people)
    )
    numbered = list(enumerate(rules.accounts))
    book = Book(
        accounts=pl.DataFrame(
            {"account_id": [one.account_id for one in rules.accounts]}, schema_overrides=BOOK_SCHEMA
        ),
        domains={domain: number for number, one in numbered for domain in one.domains},
        contacts={contact: number for number, one in numbered for contact in one.contacts},
    )
    free_mail = frozenset(rules.free_mail)
    return lambda addresses: match(addresses, company=company, book=book, free_mail=free_mail)


def touches_of(
    messages: Iterable[Message] | pl.DataFrame, rules: Rules = RULES, *, seen_until: dt.datetime | None = None
) -> Touches:
    """The engine's touches."""
    frame = messages if isinstance(messages, pl.DataFrame) else frame_of(messages)
    settings = TouchRules(mail_merge_accounts=rules.mail_merge_accounts, urgency_words=rules.urgency_words)
    return build(frame.lazy(), directory(rules), settings, seen_until=seen_until)


def figures_of(
    touches: Touches, rules: Rules, instants: Sequence[dt.datetime], *, numbers: Sequence[int] | None = None
) -> pl.DataFrame:
    """The engine's signals, for all accounts or those of the numbers, with ``account_id`` first."""
    names = pl.DataFrame({"account_id": [one.account_id for one in rules.accounts]}).with_row_index("account")
    asked = range(len(rules.accounts)) if numbers is None else numbers
    mine = pl.col("account").is_in(list(asked))
    found = facts(
        touches.frame.lazy().filter(mine),
        touches.links.lazy().filter(mine),
        accounts=pl.Series(asked, dtype=pl.UInt32),
        rules=ConversationRules(gap=rules.conversation_gap, unanswered_gap=rules.unanswered_gap),
        targets=_targets(rules),
    )
    rows = signals(found, instants, reply_horizon=rules.reply_horizon)
    return names.join(rows, on="account", maintain_order="right").drop("account")


def figures(
    messages: Iterable[Message] | pl.DataFrame, instants: Sequence[dt.datetime], *, rules: Rules = RULES
) -> pl.DataFrame:
    """The engine's signals at the instants, each from the touches that were known then."""
    frame = messages if isinstance(messages, pl.DataFrame) else frame_of(messages)
    whole = touches_of(frame, rules)
    settled = [instant for instant in instants if whole.settled_at(instant)]
    parts = [figures_of(whole, rules, settled)] if settled else []
    parts += [
        figures_of(touches_of(frame, rules, seen_until=instant), rules, [instant])
        for instant in instants
        if instant not in settled
    ]
    return pl.concat(parts).sort("account_id", "as_of", "window_days")


def _targets(rules: Rules) -> pl.DataFrame:
    rows = [
        (number, one.first_response_hours, one.next_response_hours)
        for number, one in enumerate(rules.accounts)
        if one.first_response_hours is not None or one.next_response_hours is not None
    ]
    names = ("account", "first_response_hours", "next_response_hours")
    return pl.DataFrame(
        rows, schema=dict(zip(names, (pl.UInt32, pl.Float64, pl.Float64), strict=True)), orient="row"
    )


def differences(got: Iterable[Row], expected: Iterable[Row], *, within: float = 1e-6) -> list[str]:
    """Each cell of the expected rows that is another in the rows that were got."""
    rows = {_key(row): row for row in got}
    return [
        f"{_key(row)} {name}: {rows[_key(row)][name]!r}, not {value!r}"
        for row in expected
        for name, value in row.items()
        if not _same(rows[_key(row)][name], value, within)
    ]


def _key(row: Row) -> tuple[object, ...]:
    return row["account_id"], row["as_of"], row["window_days"]


def _same(got: object, expected: object, within: float) -> bool:
    if isinstance(got, float) and isinstance(expected, float):
        return math.isclose(got, expected, rel_tol=within, abs_tol=within)
    return got == expected and type(got) is type(expected)


# --- companies -----------------------------------------------------------------------------------


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
        message_id=draw(st.sampled_from((*(f"m{number}",) * 6, None, "", "m0"))),
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
def archives_and_instants(draw: st.DrawFn) -> tuple[list[Message], list[dt.datetime]]:
    """An archive, and a few instants at which something in it is just in or just out."""
    messages = draw(archives())
    after = (
        *(TICK * n for n in (-1, 0, 1)),
        *(HOUR * n for n in (0.5, 1, 2, 6, 24)),
        *(DAY * n for n in (7, 14, 20, 30, 60, 90, 120, 180)),
    )
    near = st.builds(lambda one, step: one.sent_at + step, st.sampled_from(messages), st.sampled_from(after))
    return messages, draw(st.lists(near, min_size=1, max_size=5, unique=True))
