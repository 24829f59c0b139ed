"""What must hold of the figures of any archive."""

import dataclasses
import datetime as dt
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from connectors.base import Message
from tests.mailsignals.archives import FRONTS, TOPICS, archives, archives_and_instants
from tests.mailsignals.companies import DAY, HOUR, RULES, START, THEIRS, message
from tests.mailsignals.engine import figures, figures_of, touches_of
from tests.mailsignals.oracle_mails import plain
from tests.mailsignals.oracle_subjects import FRONT, base_subject

pytestmark = pytest.mark.slow

LAW = settings(deadline=None, max_examples=6)
WORDS = {word.lower() for word in (*TOPICS, "news") if word}
SMALL = archives_and_instants(most=20, instants=2)


def assert_same(got: pl.DataFrame, expected: pl.DataFrame) -> None:
    """The frames are the same but for the last digits of floats."""
    assert_frame_equal(got, expected, rel_tol=1e-12, abs_tol=1e-12)


def odd(number: int) -> dt.timedelta:
    """Some seconds after a whole minute, near which no other mail comes."""
    return dt.timedelta(minutes=number, seconds=13)


@LAW
@given(SMALL, archives(most=20))
def test_later_mail_changes_nothing(
    drawn: tuple[list[Message], list[dt.datetime]], later: list[Message]
) -> None:
    """Mail after an instant changes nothing at it, unless it joins two mails or two threads."""
    messages, (at, *_) = drawn
    delay = at + HOUR - min(one.sent_at for one in later)
    added = [_elsewhere(one, delay) for one in later]
    assert_same(figures([*messages, *added], [at]), figures(messages, [at]))


def _elsewhere(one: Message, delay: dt.timedelta) -> Message:
    """The message, later, a mail of its own and in threads of its own."""
    return dataclasses.replace(
        one,
        provider_id=f"later {one.provider_id}",
        message_id=one.message_id and f"later {one.message_id}",
        references=tuple(f"later {name}" for name in one.references),
        provider_thread_id=one.provider_thread_id and f"later {one.provider_thread_id}",
        subject=f"{one.subject or ''} later",
        sent_at=one.sent_at + delay,
        dated_at=one.dated_at and (one.dated_at + delay).replace(microsecond=0),
    )


@LAW
@given(SMALL)
def test_later_copies_change_nothing(drawn: tuple[list[Message], list[dt.datetime]]) -> None:
    """A copy that arrives after an instant changes nothing at it, whatever it says."""
    messages, (at, *_) = drawn
    known = [one for one in messages if one.message_id and one.sent_at <= at]
    copies = [
        dataclasses.replace(
            one,
            provider_id=f"copy {one.provider_id}",
            mailbox="late@us.example",
            provider_thread_id=None,
            sent_at=at + HOUR + odd(number),
            to=("boss@gmail.com", "cs@us.example", "p@c.example"),
            automated="bulk",
            importance="high",
            subject="Urgent: copy",
        )
        for number, one in enumerate(known)
    ]
    # Threads know of all mail, so the copies that make no touches any more must not have been there to be joined.
    cut = [dataclasses.replace(one, subject=None) for one in messages]
    cut_copies = [dataclasses.replace(one, subject=None) for one in copies]
    assert_same(figures([*cut, *cut_copies], [at]), figures(cut, [at]))


@LAW
@given(SMALL, st.randoms(use_true_random=False))
def test_the_order_of_import_changes_nothing(
    drawn: tuple[list[Message], list[dt.datetime]],
    random: Random,
) -> None:
    """Messages that come in another order make the same touches, in the same order, and the same figures."""
    messages, instants = drawn
    shuffled = list(messages)
    random.shuffle(shuffled)
    one, other = touches_of(messages), touches_of(shuffled)
    assert_frame_equal(other.frame.drop("message"), one.frame.drop("message"))
    assert_frame_equal(other.links, one.links, check_row_order=False)
    assert_frame_equal(other.programs.drop("topic"), one.programs.drop("topic"))
    assert_frame_equal(other.unsettled, one.unsettled)
    assert_frame_equal(figures(shuffled, instants), figures(messages, instants), check_exact=True)


@LAW
@given(SMALL)
def test_copies_count_once(drawn: tuple[list[Message], list[dt.datetime]]) -> None:
    """The same mail in a second mailbox, where it came at the same time or later, changes no figure.

    With an id or a date it is known however late it comes, else in the same second only.
    """
    messages, instants = drawn
    copies = [
        dataclasses.replace(
            one,
            mailbox="second@us.example",
            provider_thread_id=None,
            sent_at=one.sent_at + number % 2 * (DAY + odd(number)),
        )
        for number, one in enumerate(messages)
        if one.message_id or one.dated_at or number % 2 == 0
    ]
    assert_same(figures([*messages, *copies], instants), figures(messages, instants))


@LAW
@given(SMALL, st.sets(st.integers(0, len(RULES.accounts) - 1)))
def test_accounts_may_be_split(drawn: tuple[list[Message], list[dt.datetime]], some: set[int]) -> None:
    """Two runs over some of the accounts and over the others give the rows of one run over all."""
    messages, instants = drawn
    touches = touches_of(messages)
    others = set(range(len(RULES.accounts))) - some
    runs = [figures_of(touches, RULES, instants, numbers=sorted(part)) for part in (some, others) if part]
    whole = figures_of(touches, RULES, instants)
    assert_same(pl.concat(runs).sort("account_id", "as_of", "window_days"), whole)


@LAW
@given(SMALL)
def test_counts_of_windows_add_up(drawn: tuple[list[Message], list[dt.datetime]]) -> None:
    """The last 60 and 90 days are the last 30 and the 30 days before them, and before those."""
    messages, (at, *_) = drawn
    counts = ["inbound", "outbound", "chasers", "urgent", "checkins"]
    ends = [at, at - 30 * DAY, at - 60 * DAY]
    rows = figures_of(touches_of(messages), RULES, ends).select("account_id", "as_of", "window_days", *counts)
    for parts in (2, 3):
        summed = rows.filter(window_days=30).filter(pl.col("as_of").is_in(ends[:parts]))
        whole = rows.filter(as_of=at, window_days=30 * parts)
        assert_frame_equal(
            summed.group_by("account_id").agg(pl.col(counts).sum()).sort("account_id"),
            whole.select("account_id", *counts),
        )


@LAW
@given(archives_and_instants(most=20, instants=4))
def test_what_is_settled_is_what_was_known_then(drawn: tuple[list[Message], list[dt.datetime]]) -> None:
    """Outside the periods in which something was yet to come, building for the instant changes nothing."""
    messages, instants = drawn
    whole = touches_of(messages)
    for at in filter(whole.settled_at, instants):
        then = touches_of(messages, seen_until=at)
        assert_same(figures_of(whole, RULES, [at]), figures_of(then, RULES, [at]))


@LAW
@given(SMALL)
def test_an_alias_is_the_first_address_in_every_message(
    drawn: tuple[list[Message], list[dt.datetime]],
) -> None:
    """Who replaces every alias and spelling, and names the mailbox by the provider, needs no aliases."""
    messages, instants = drawn
    apart = [dataclasses.replace(one, provider=f"{one.provider} {one.mailbox}") for one in messages]
    replaced = [_by_first_address(one) for one in apart]
    without = dataclasses.replace(RULES, aliases={})
    assert_same(figures(replaced, instants, rules=without), figures(apart, instants))


def _by_first_address(one: Message) -> Message:
    def first(address: str) -> str:
        return RULES.aliases.get(plain(address), plain(address))

    return dataclasses.replace(
        one,
        mailbox=first(one.mailbox),
        sender=first(one.sender),
        to=tuple(map(first, one.to)),
        cc=tuple(map(first, one.cc)),
        bcc=tuple(map(first, one.bcc)),
    )


@LAW
@given(SMALL, st.randoms(use_true_random=False))
def test_which_provider_holds_a_copy_does_not_matter(
    drawn: tuple[list[Message], list[dt.datetime]], random: Random
) -> None:
    """Without threads of providers, copies may lie with any of them."""
    messages, instants = drawn
    loose = [dataclasses.replace(one, provider_thread_id=None) for one in messages]
    moved = [dataclasses.replace(one, provider=random.choice(("gmail", "mbox", "pst"))) for one in loose]
    assert_same(figures(moved, instants), figures(loose, instants))


@LAW
@given(SMALL)
def test_mailboxes_matter_only_where_nobody_of_us_is_named(
    drawn: tuple[list[Message], list[dt.datetime]],
) -> None:
    """Where each mail names one of us, all copies may lie in one mailbox."""
    messages, instants = drawn
    named = [
        dataclasses.replace(one, provider_thread_id=None, bcc=(*one.bcc, "ana@us.example"))
        for one in messages
    ]
    moved = [dataclasses.replace(one, mailbox="help@us.example") for one in named]
    assert_same(figures(moved, instants), figures(named, instants))


@LAW
@given(SMALL, st.sampled_from([front.strip() for front in FRONTS]))
def test_prefixes_and_tags_change_nothing_where_headers_connect(
    drawn: tuple[list[Message], list[dt.datetime]], front: str
) -> None:
    """Whatever tools put before the subjects of mails that refer to one."""
    messages, instants = drawn
    taken_off = FRONT["prefix"].fullmatch(front) or FRONT["tag"].fullmatch(front)
    root = message(
        START - DAY, "cs@us.example", *THEIRS, message_id="root", references=("x",), subject="root"
    )
    connected = [dataclasses.replace(one, references=("root", *one.references)) for one in messages]
    marked = [
        dataclasses.replace(one, subject=f"{front} {one.subject}")
        if taken_off and any(word in base_subject(one.subject or "", answers=True) for word in WORDS)
        else one
        for one in connected
    ]
    assert_same(figures([root, *marked], instants), figures([root, *connected], instants))
