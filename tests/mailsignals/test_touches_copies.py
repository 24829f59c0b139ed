"""Copies of one email are one message."""

import dataclasses
import datetime as dt
from typing import Any

import polars as pl
import pytest

from connectors.base import Message
from tests.mailsignals.companies import DAY, HOUR, RULES, START, TICK, message
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
def test_mail_without_an_id_shares_none(nothing: str | None) -> None:
    """Without a Message-ID an hour apart, nothing tells that they are copies."""
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


# --- which copies are of one mail ----------------------------------------------------------------

SECOND = dt.timedelta(seconds=1)
DATED: dict[str, Any] = {"dated_at": START, "subject": "Order"}


def mails(*messages: Message) -> int:
    """How many mails these are copies of; each must make a touch."""
    return touches_of(messages).frame.height


@pytest.mark.parametrize(
    ("apart", "expected"), [(HOUR, 1), (HOUR + SECOND, 2), (-HOUR, 1), (-HOUR - SECOND, 2)]
)
def test_an_id_whose_dates_lie_more_than_an_hour_apart_is_used_again(
    apart: dt.timedelta, expected: int
) -> None:
    """A desk uses one id for every answer; the time of arrival does not matter."""
    assert mails(*copies({"dated_at": START + apart, "subject": "again"}, **DATED)) == expected
    assert mails(*copies({"subject": "again"}, later=5 * DAY, **DATED)) == 1


def test_an_id_without_a_date_in_either_copy_is_one_mail() -> None:
    """Only two dates can tell them apart."""
    undated: dict[str, Any] = {"dated_at": None, "subject": "again"}
    assert mails(*copies(undated, later=5 * DAY, **DATED)) == 1
    assert mails(*copies(DATED, later=5 * DAY, **undated)) == 1


def test_rules_join_step_by_step() -> None:
    """Of three uses of one id an hour apart each is near the next, and a copy without a date joins any two."""
    uses: list[dict[str, Any]] = [{"dated_at": START + n * HOUR, "subject": f"{n}"} for n in (1, 2)]
    assert mails(*copies(*uses, **DATED)) == 1
    far: dict[str, Any] = {"dated_at": START + 9 * DAY, "subject": "far"}
    assert mails(*copies(far, **DATED)) == 2
    assert mails(*copies(far, {"dated_at": None, "subject": "bridge"}, **DATED)) == 1


@pytest.mark.parametrize("name", ["relayed", None, ""])
def test_one_date_and_subject_is_one_mail_whatever_the_ids(name: str | None) -> None:
    """A relay renamed one, or the item among sent mail has none."""
    assert mails(*copies({"message_id": name}, later=2 * DAY, **DATED)) == 1


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"dated_at": START + SECOND}, 2),
        ({"subject": "Other"}, 2),
        ({"subject": "order"}, 2),
        ({"subject": "Re: Order"}, 2),
        ({"subject": None}, 2),
        ({"subject": " Order\t"}, 1),
        ({"to": ("help@us.example",)}, 1),
    ],
)
def test_date_and_subject_must_be_the_same(more: dict[str, object], expected: int) -> None:
    """To the second and to the letter, white space folded; recipients do not matter."""
    first = message(START, CUSTOMER, US, message_id="a", **DATED)
    other = dataclasses.replace(first, message_id="b", mailbox=US, sent_at=START + HOUR, **more)  # type: ignore[arg-type]
    assert mails(first, other) == expected


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_two_mails_of_one_second_without_a_subject_are_one(nothing: str | None) -> None:
    """Both may have none, and no subject is no other than an empty one."""
    first = message(START, CUSTOMER, US, message_id="a", dated_at=START)
    assert mails(first, dataclasses.replace(first, message_id="b", mailbox=US, subject=nothing)) == 1


@pytest.mark.parametrize(("apart", "expected"), [(SECOND - TICK, 1), (SECOND, 2), (-TICK, 2)])
@pytest.mark.parametrize("dated_at", [None, START - HOUR])
def test_where_either_has_no_date_the_second_of_arrival_counts(
    dated_at: dt.datetime | None, apart: dt.timedelta, expected: int
) -> None:
    """Cut to the second, not rounded."""
    first = message(START, CUSTOMER, US, message_id="a", subject="Order", dated_at=dated_at)
    other = dataclasses.replace(first, message_id="b", mailbox=US, dated_at=None, sent_at=START + apart)
    assert mails(first, other) == expected


def test_dates_count_where_both_have_one() -> None:
    """Copies that arrive in one second are two mails if their dates differ."""
    first = message(START, CUSTOMER, US, message_id="a", **DATED)
    assert mails(first, dataclasses.replace(first, message_id="b", dated_at=START - HOUR, mailbox=US)) == 2


def test_another_sender_is_another_mail() -> None:
    """Neither rule joins the mails of two senders."""
    first = message(START, CUSTOMER, US, message_id="a", **DATED)
    assert mails(first, dataclasses.replace(first, sender="q@old.test", mailbox=US)) == 2


def test_without_subjects_ids_alone_tell() -> None:
    """Where the privacy setting keeps subjects out, equal dates say nothing."""
    hushed = dataclasses.replace(RULES, subjects=False)
    first = message(START, CUSTOMER, US, message_id="a", dated_at=START)
    other = dataclasses.replace(first, message_id="b", mailbox=US)
    assert touches_of([first, other], hushed).frame.height == 2
    assert touches_of([first, dataclasses.replace(other, message_id="a")], hushed).frame.height == 1


def test_a_mail_has_the_ids_of_all_its_copies() -> None:
    """An id that a relay gave is held as much as the first one."""
    sent = message(START, US, CUSTOMER, message_id="a", **DATED)
    relayed = dataclasses.replace(sent, message_id="b", mailbox=CUSTOMER)
    answer = message(START + HOUR, CUSTOMER, US, references=("a", "b", "c"))
    assert figure("visibility_gap", [sent, relayed, answer], START + DAY) == pytest.approx(1 / 3)


def test_the_earliest_copy_tells_the_order() -> None:
    """Its id, and of several earliest copies the first by id, none first."""
    known = {"references": ("t",), "dated_at": START}
    one = message(START, US, CUSTOMER, message_id="z", subject="one", **known)
    other = message(START, US, CUSTOMER, message_id="m", subject="other", **known)
    for name, expected in ((None, [0, 1]), ("a", [0, 1]), ("n", [1, 0])):
        copy = dataclasses.replace(one, message_id=name, mailbox=US)
        frame = touches_of([one, copy, other]).frame
        numbers = dict(zip(sorted(frame["message"]), (0, 1), strict=True))
        assert [numbers[number] for number in frame["message"]] == expected


def test_which_copies_are_of_one_mail_is_decided_over_all_of_them() -> None:
    """A copy that comes later may tell that two earlier ones are of one mail; what it says is not known yet."""
    one = message(START, CUSTOMER, US, message_id="a", subject="Order", dated_at=START)
    other = message(START + HOUR, CUSTOMER, US, message_id="b", subject="Offer", dated_at=START + HOUR)
    bridge = message(START + 2 * DAY, CUSTOMER, "help@us.example", message_id="b", **DATED)
    assert mails(one, other) == 2
    then = touches_of([one, other, bridge], seen_until=START + DAY)
    assert then.frame.select("sent_at", "role").rows() == [(START, "cs")]


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
