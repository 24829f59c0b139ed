"""Copies of one email are one message."""

import datetime as dt

import polars as pl
import pytest

from connectors.base import Message
from tests.mailsignals.companies import DAY, HOUR, START, TICK, message
from tests.mailsignals.engine import figure, touches_of

CUSTOMER, US = "p@a.example", "cs@us.example"


def copies(*further: dict[str, object], later: dt.timedelta = HOUR, **first: object) -> list[Message]:
    """A mail of the customer in one mailbox, and its copies in others, each later than the one before."""
    found = [message(START, CUSTOMER, US, **{"message_id": "m", **first})]
    for number, more in enumerate(further, start=1):
        words = {"message_id": "m", **first, "mailbox": f"{number}@us.example", **more}
        found.append(message(START + number * later, CUSTOMER, US, **words))
    return found


def test_copies_in_two_mailboxes_are_one_touch() -> None:
    """At the time of the earliest."""
    touches = touches_of(copies({}, {}))
    assert touches.frame["sent_at"].to_list() == [START]


def test_copies_of_one_mailbox_are_one_touch() -> None:
    """Also a mail that lies in one mailbox twice, as two messages of the provider, is one."""
    assert touches_of(copies({"mailbox": "archive@us.example"})).frame.height == 1


@pytest.mark.parametrize("nothing", [None, ""])
def test_mail_without_an_id_is_its_own(nothing: str | None) -> None:
    """Without a Message-ID nothing tells copies from repeats."""
    assert touches_of(copies({}, message_id=nothing)).frame.height == 2


def test_the_same_id_of_two_senders_is_two_messages() -> None:
    """Some programs give out ids again; who sent it tells the mails apart."""
    other = message(START, "q@old.test", US, message_id="m")
    assert touches_of([*copies(), other]).frame.height == 2


def test_recipients_of_all_copies_count() -> None:
    """A blind copy to support makes it a support mail."""
    assert touches_of(copies({"bcc": ("help@us.example",)})).frame["role"].to_list() == ["support"]


def test_copies_reach_the_accounts_of_all() -> None:
    """Mail to two accounts, each in the copy of another mailbox, touches both once."""
    one = message(START, US, CUSTOMER, message_id="m")
    other = message(START, US, CUSTOMER, message_id="m", bcc=("p@c.example",), mailbox="x@us.example")
    assert touches_of([one, other]).frame["account"].to_list() == [0, 2]


def test_one_automated_copy_makes_all_automated() -> None:
    """Whichever it is."""
    assert touches_of(copies({"automated": "calendar"}, {})).frame.is_empty()


def test_the_highest_importance_counts() -> None:
    """Whichever copy has it."""
    assert touches_of(copies({"importance": "high"}, {"importance": "low"})).frame["urgent"].to_list() == [
        True
    ]


@pytest.mark.parametrize(("first", "urgent"), [(None, True), (" ", True), ("calm", False)])
def test_the_subject_is_of_the_earliest_copy_that_has_one(first: str | None, urgent: bool) -> None:
    """Where one mailbox keeps subjects out, another's serves."""
    found = touches_of(copies({"subject": "urgent"}, {"subject": "calm"}, subject=first)).frame
    assert found["urgent"].to_list() == [urgent]


def test_references_of_all_copies_count() -> None:
    """Each id once, whichever copies name it."""
    named = copies({"references": ("a", "b")}, {"references": ("b", "c")})
    stored = message(START - DAY, US, CUSTOMER, message_id="a")
    assert touches_of([*named, stored]).links["stored_at"].to_list().count(None) == 2
    assert touches_of([*named, stored]).links.height == 3


# --- what was known when -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {"bcc": ("help@us.example",)},
        {"automated": "bulk"},
        {"importance": "high"},
        {"subject": "urgent"},
        {"references": ("a",)},
    ],
)
def test_between_copies_that_differ_nothing_is_settled(more: dict[str, object]) -> None:
    """From the first copy until just before the last, what was known then has to be found anew."""
    touches = touches_of(copies(more))
    instants = [START - TICK, START, START + HOUR - TICK, START + HOUR]
    assert [touches.settled_at(at) for at in instants] == [True, False, False, True]


def test_between_copies_that_agree_all_is_settled() -> None:
    """A later copy that says the same changes nothing."""
    assert touches_of(copies({}, {})).settled_at(START)


def test_a_copy_counts_from_its_own_time() -> None:
    """Before the automated copy came, the mail was a touch."""
    messages = copies({"automated": "bulk"})
    assert [figure("inbound", messages, START + after) for after in (HOUR - TICK, HOUR)] == [1, 0]


def test_what_was_known_then_leaves_later_copies_out() -> None:
    """Built for an instant, touches say what the copies up to it said."""
    touches = touches_of(copies({"bcc": ("help@us.example",)}), seen_until=START)
    assert touches.frame["role"].to_list() == ["cs"]
    assert touches.frame.filter(pl.col("sent_at") > START).is_empty()
