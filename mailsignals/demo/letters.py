"""Emails with recipients, copies, subject, and the email that they reply to."""

import dataclasses

import numpy as np
import polars as pl

from mailsignals.demo import subjects as _subjects
from mailsignals.demo.openings import OpeningKind, Threads
from mailsignals.demo.rhythm import Flags, Ints
from mailsignals.demo.traffic import Mails
from mailsignals.demo.world import World

TO = ("to_1", "to_2")
CC = ("cc_1", "cc_2", "cc_3", "cc_4")
BCC = ("bcc_1",)

LETTER_SCHEMA = pl.Schema(
    {
        "thread": pl.Int64,
        "parent": pl.Int64,
        "at": pl.Float64,
        "sender": pl.String,
        **dict.fromkeys((*TO, *CC, *BCC), pl.String),
        "subject": pl.String,
        "automated": pl.String,
        "importance": pl.String,
    }
)
"""One row per email. ``parent`` is the row of the preceding email in the same frame, null for the first; ``at`` is in
hours since the origin; absent recipients are null."""

LOST_REFERENCES = 0.02
"""Share of replies whose mail program drops the references."""
FORWARDED = 0.05
"""Share of customers' emails to the desk that an agent forwards to a colleague."""


def addresses(world: World, person: Ints, where: Flags | None = None) -> pl.Series:
    """Return the address of each person; null for -1 and where ``where`` is false."""
    known = person >= 0 if where is None else (person >= 0) & where
    # Row 0 stands in where there is nobody, and is blanked again.
    found = pl.Series(world.people.addresses, dtype=pl.String).gather(np.where(known, person, 0))
    return pl.select(pl.when(pl.Series(known)).then(found).otherwise(None)).to_series()


def frame(columns: dict[str, object]) -> pl.DataFrame:
    """Return emails with these columns, in ``LETTER_SCHEMA``; missing columns are null."""
    made = pl.DataFrame({name: value for name, value in columns.items() if value is not None})
    absent = [
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in LETTER_SCHEMA.items() if name not in made
    ]
    return made.with_columns(absent).select(LETTER_SCHEMA.names()).cast(LETTER_SCHEMA)


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class _Circle:
    """Copied people by email."""

    colleague: Ints
    second: Ints
    onlooker: Ints
    team: Flags
    """Whether the shared address is copied."""
    team_hidden: Flags
    """Whether the shared address is a hidden recipient (BCC)."""


def _circle(world: World, threads: Threads, mails: Mails, rng: np.random.Generator) -> _Circle:
    thread, firm = mails.thread, threads.firm[mails.thread]

    def copied(person: Ints) -> Ints:
        return np.where((person == mails.sender) | (person == mails.recipient), -1, person)

    support = world.staff.support
    ticket = threads.kind[thread] == OpeningKind.TICKET
    absent = ticket & (mails.sender != support) & (mails.recipient != support)
    chance = rng.random(len(thread))
    return _Circle(
        colleague=copied(world.seats.holder(firm, threads.colleague[thread], mails.at)),
        second=copied(world.seats.holder(firm, threads.second[thread], mails.at)),
        onlooker=copied(threads.onlooker[thread]),
        team=absent & (chance < 0.85),
        team_hidden=absent & mails.by_us & (chance >= 0.85) & (chance < 0.95),
    )


def conversations(world: World, threads: Threads, mails: Mails, rng: np.random.Generator) -> pl.DataFrame:
    """Return the emails of all conversations, in the order of ``mails``."""
    thread, firm = mails.thread, threads.firm[mails.thread]
    circle = _circle(world, threads, mails, rng)
    reply = mails.parent >= 0
    prefix = np.where(mails.by_us, "Re: ", _subjects.reply_prefixes(world)[firm])
    nested = np.where((rng.random(len(thread)) < 0.08) & (prefix != "Re: "), "Re: ", "")
    title = pl.Series(_subjects.subjects(world, threads)).gather(thread)
    lost = ~mails.by_us & (rng.random(len(thread)) < LOST_REFERENCES)
    heat = world.moods.heat[firm, world.week(mails.at)]
    pressing = np.where(mails.asked > 1, 0.1 * heat, 0.004 * heat)
    pressing = np.where(threads.urgent[thread] & ~reply, 0.5, pressing)
    high = ~mails.by_us & (rng.random(len(thread)) < np.minimum(0.5, pressing))
    colleague_first = ~circle.team & (thread % 5 == 0)
    return frame(
        {
            "thread": thread,
            "parent": pl.Series(np.where(lost, -1, mails.parent)).replace(-1, None),
            "at": mails.at,
            "sender": addresses(world, mails.sender),
            "to_1": addresses(world, mails.recipient),
            "to_2": addresses(world, circle.colleague, colleague_first),
            "cc_1": addresses(world, circle.colleague, ~colleague_first),
            "cc_2": addresses(world, circle.second),
            "cc_3": addresses(world, circle.onlooker),
            "cc_4": addresses(world, np.where(circle.team, world.staff.support, -1)),
            "bcc_1": addresses(world, np.where(circle.team_hidden, world.staff.support, -1)),
            "subject": pl.Series(np.where(reply, np.char.add(prefix, nested), "")) + title,
            "importance": np.where(high, "high", "normal"),
        }
    )


def forwards(
    world: World, threads: Threads, mails: Mails, titles: pl.Series, rng: np.random.Generator
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return emails that agents forward to colleagues, and the colleagues' replies.

    Args:
        world: The company and its people.
        threads: The conversations.
        mails: Their emails.
        titles: The subject of each email.
        rng: The source of randomness.

    Returns:
        The forwards, whose parents are rows of ``mails``; the answers, whose parents are rows of the forwards.
    """
    eligible = (threads.kind[mails.thread] == OpeningKind.TICKET) & ~mails.by_us
    row = np.flatnonzero(eligible & (rng.random(len(eligible)) < FORWARDED))
    source, base = mails.take(row), titles.gather(row)
    agent, expert = threads.ours[source.thread], rng.choice(np.array(world.staff.others), len(row))
    passed_on = dataclasses.replace(
        source,
        parent=row,
        at=world.rhythms.later(
            world.people.rhythm[agent], source.at, by=rng.exponential(0.4, len(row)) + 0.05
        ),
        sender=agent,
        recipient=expert,
    )
    thinking = rng.exponential(2.0, len(row)) + 0.1
    answer = dataclasses.replace(
        passed_on,
        parent=np.arange(len(row)),
        at=world.rhythms.later(world.people.rhythm[expert], passed_on.at, by=thinking),
        sender=expert,
        recipient=agent,
    )
    answered = pl.Series(rng.random(len(row)) < 0.7)
    return _plain(world, passed_on, "Fwd: " + base), _plain(world, answer, "Re: " + base).filter(answered)


def _plain(world: World, mails: Mails, subject: pl.Series) -> pl.DataFrame:
    """Return emails from one person to another, without copies."""
    return frame(
        {
            "thread": mails.thread,
            "parent": mails.parent,
            "at": mails.at,
            "sender": addresses(world, mails.sender),
            "to_1": addresses(world, mails.recipient),
            "subject": subject,
            "importance": np.full(len(mails.at), "normal"),
        }
    )
