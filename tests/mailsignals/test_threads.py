"""Which messages belong together."""

import dataclasses
import datetime as dt

import pytest

from connectors.base import Message
from tests.mailsignals.companies import DAY, HOUR, START, TICK, message
from tests.mailsignals.engine import touches_of

CUSTOMER, US = "p@a.example", "cs@us.example"


def inbound(at: dt.datetime = START, /, **more: object) -> Message:
    """A mail from the customer."""
    return message(at, CUSTOMER, US, **more)


def threads_of(*messages: Message, account: int = 0) -> list[int]:
    """The threads of an account's touches by time, numbered as they appear."""
    frame = touches_of(messages).frame.filter(account=account).sort("sent_at", maintain_order=True)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(thread, len(numbers)) for thread in frame["thread"]]


def test_a_reply_joins_what_it_refers_to() -> None:
    """A reference to a stored message joins the two, however long after."""
    assert threads_of(inbound(message_id="a"), inbound(START + 400 * DAY, references=("a",))) == [0, 0]


def test_messages_that_refer_to_an_id_that_is_not_stored_belong_together() -> None:
    """A shared id joins, whether or not its message is there."""
    first, second = inbound(references=("gone", "x")), inbound(START + DAY, references=("gone", "y"))
    assert threads_of(first, second) == [0, 0]


def test_one_message_id_of_two_senders_is_one_thread() -> None:
    """Two messages with the same id are two messages, and one thread."""
    other = message(START + DAY, "q@old.test", US, message_id="a")
    assert threads_of(inbound(message_id="a"), other) == [0, 0]


@pytest.mark.parametrize("nothing", [None, ""])
def test_messages_without_an_id_share_nothing(nothing: str | None) -> None:
    """No id, or an empty one, is not an id in common."""
    assert threads_of(inbound(message_id=nothing), inbound(START + DAY, message_id=nothing)) == [0, 1]


def test_provider_threads_join_within_one_mailbox() -> None:
    """The same thread id is the same thread within one mailbox of one provider only."""
    here: dict[str, object] = {"provider": "gmail", "provider_thread_id": "t"}
    same = inbound(START + DAY, **here)
    elsewhere = inbound(START + 2 * DAY, **here, mailbox="help@us.example")
    other = inbound(START + 3 * DAY, provider="microsoft365", provider_thread_id="t")
    assert threads_of(inbound(**here), same, elsewhere, other) == [0, 0, 1, 2]


def test_a_message_in_two_mailboxes_joins_their_threads() -> None:
    """What lies in threads of two mailboxes makes them one thread."""
    kinds: list[dict[str, object]] = [
        {"mailbox": f"{name}@us.example", "provider": "gmail", "provider_thread_id": name} for name in "xy"
    ]
    bridge = [inbound(START + 2 * DAY, message_id="bridge", **kind) for kind in kinds]
    assert threads_of(inbound(**kinds[0]), inbound(START + DAY, **kinds[1]), *bridge) == [0, 0, 0]


def test_mail_that_makes_no_touch_joins_threads() -> None:
    """An internal forward or a bounce belongs to a thread and holds it together."""
    internal = message(START + HOUR, US, "ana@us.example", message_id="b", references=("a",))
    bounce = inbound(START + 2 * HOUR, message_id="c", references=("b",), automated="bounce")
    later = inbound(START + DAY, references=("c",))
    assert threads_of(inbound(message_id="a"), internal, bounce, later) == [0, 0]


def test_chains_of_joins_are_one_thread() -> None:
    """References, a provider's thread and a subject, one after the other, in any order of coming, join all."""
    provider: dict[str, object] = {"provider": "gmail", "provider_thread_id": "t"}
    chain = [
        inbound(START, message_id="a", subject="first"),
        inbound(START + DAY, references=("a",), subject="second", **provider),
        inbound(START + 2 * DAY, message_id="c", subject="third", **provider),
        inbound(START + 3 * DAY, message_id="d", subject="Re: third"),
        inbound(START + 4 * DAY, references=("d",), subject="fourth"),
    ]
    assert threads_of(*chain) == [0] * 5
    assert threads_of(*reversed(chain)) == [0] * 5


# --- subjects ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gap", "threads"), [(30 * DAY, [0, 0]), (30 * DAY + TICK, [0, 1]), (dt.timedelta(0), [0, 0])]
)
def test_a_lone_reply_joins_a_subject_of_up_to_30_days_ago(gap: dt.timedelta, threads: list[int]) -> None:
    """Exactly 30 days join, a microsecond more does not."""
    first, second = (
        inbound(message_id="a", subject="Order"),
        inbound(START + gap, message_id="b", subject="Re: order"),
    )
    assert threads_of(first, second) == threads


@pytest.mark.parametrize(
    "subject",
    [
        *(
            f"{prefix}: order"
            for prefix in ("Re", "R", "Fw", "Fwd", "I", "AW", "WG", "SV", "VS", "Antw", "TR", "RV")
        ),
        "Odp: order",
        "Ynt: order",
        "re: order",
        "RE : Order",
        "Re\t:order",
        "Re[2]: order",
        "Antw[12] : order",
        "Re: AW: Fwd: order",
        "  Re:  Order  ",
        "Re:Re[3]:RE: order",
        "[list] Re: order",
        "[EXTERNAL] [#4711] AW: order",
        "Re: order [#4711]",
        "Re: order (was: offer)",
        "Ref: order",
    ],
)
def test_every_reply_prefix_is_known(subject: str) -> None:
    """Prefixes of many languages, in any case, repeated, with counters and white space before the colon, after tags."""
    assert threads_of(inbound(subject="Order"), inbound(START + DAY, subject=subject)) == [0, 0]


@pytest.mark.parametrize(
    "subject",
    ["order", "Reorder", "Reg: order", "Re order", "[list] order", "[#4711] order", "order (was: order)"],
)
def test_a_subject_without_a_prefix_joins_nothing(subject: str) -> None:
    """Only what starts with a prefix and a colon is a reply; tags and remarks make none."""
    assert threads_of(inbound(subject="order"), inbound(START + DAY, subject=subject)) == [0, 1]


@pytest.mark.parametrize("subject", ["Re:", "Re: ", "AW: Fwd:"])
def test_an_empty_base_subject_joins_nothing(subject: str) -> None:
    """Replies about nothing have nothing in common."""
    assert threads_of(inbound(subject=subject), inbound(START + DAY, subject=subject)) == [0, 1]


def test_white_space_within_subjects_is_folded() -> None:
    """Folded header lines do not make another subject."""
    assert threads_of(inbound(subject="New  order"), inbound(START + DAY, subject="Re: new\t order")) == [
        0,
        0,
    ]


@pytest.mark.parametrize(
    "more", [{"references": ("gone",)}, {"provider": "gmail", "provider_thread_id": "t"}]
)
def test_a_reply_whose_headers_name_nothing_that_is_held_joins_by_subject(more: dict[str, object]) -> None:
    """Also where its mailbox gave it a thread of its own."""
    assert threads_of(inbound(subject="order"), inbound(START + DAY, subject="Re: order", **more)) == [0, 0]


def test_a_group_joins_by_the_subject_of_its_first_touch() -> None:
    """A later reply in a group whose first touch is none joins nothing, and draws nobody along."""
    first = inbound(subject="order", message_id="a")
    group = [inbound(START + DAY, subject="else", message_id="b")]
    group += [inbound(START + 2 * DAY, subject="Re: order", references=("b",), message_id="c")]
    assert threads_of(first, *group) == [0, 1, 1]
    replies = [inbound(START + DAY, subject="Re: order", message_id="b")]
    replies += [inbound(START + 2 * DAY, subject="else", references=("b",), message_id="c")]
    assert threads_of(first, *replies) == [0, 0, 0]


def test_mail_before_the_first_touch_of_a_group_does_not_count() -> None:
    """What makes no touch does not decide by its subject whether its group joins."""
    internal = message(START + HOUR, US, "ana@us.example", message_id="b", subject="else")
    reply = inbound(START + DAY, subject="Re: order", references=("b",))
    assert threads_of(inbound(subject="order"), internal, reply) == [0, 0]


def test_a_group_joins_once_for_each_account() -> None:
    """Its first touch with every account may join one; a second reply to the same account joins no further one."""
    orders = [inbound(subject="order"), message(START, "p@c.example", US, subject="offer")]
    reply = message(START + DAY, US, CUSTOMER, subject="Re: order", message_id="m")
    other = message(START + 2 * DAY, US, "p@c.example", subject="Re: offer", references=("m",))
    assert [threads_of(*orders, reply, other, account=account) for account in (0, 2)] == [[0, 0], [0, 0]]
    second = inbound(START + HOUR, subject="offer")
    again = inbound(START + 3 * DAY, subject="Re: offer", references=("m",))
    assert threads_of(orders[0], second, reply, again) == [0, 1, 0, 0]


def test_the_latest_touch_of_a_subject_counts_whichever_group_it_is_of() -> None:
    """A later mail of the subject that joined nothing is what a reply joins, and keeps the subject alive."""
    first = inbound(subject="order", message_id="a")
    new = inbound(START + 20 * DAY, subject="Order", message_id="b")
    assert threads_of(first, new, inbound(START + 40 * DAY, subject="Re: order")) == [0, 1, 1]
    answered = inbound(START + 20 * DAY, subject="Re: order", references=("a",))
    assert threads_of(first, answered, inbound(START + 40 * DAY, subject="Re: order")) == [0, 0, 0]


def test_groups_once_joined_are_one_thread_for_every_account() -> None:
    """What one account's subjects join is one thread for another that has mail in both."""
    mine = inbound(subject="order", message_id="a")
    theirs = message(START, "p@c.example", US, references=("a",), subject="else")
    reply = inbound(START + DAY, subject="Re: order", message_id="b")
    later = message(START + 2 * DAY, "p@c.example", US, references=("b",), subject="more")
    assert threads_of(mine, theirs, reply, later, account=2) == [0, 0]


def test_a_reply_to_the_id_that_a_relay_gave_joins() -> None:
    """A mail has the ids of all its copies."""
    sent = message(START, US, CUSTOMER, message_id="a", subject="order", dated_at=START)
    relayed = dataclasses.replace(sent, message_id="b", mailbox="help@us.example", sent_at=START + HOUR)
    one, other = (inbound(START + n * DAY, references=(name,)) for n, name in enumerate("ab", start=1))
    assert threads_of(sent, relayed, one, other) == [0, 0, 0]


def test_a_reply_joins_the_latest_touch_of_its_account() -> None:
    """Of two threads on one subject the later is joined, and other accounts' mail is no matter."""
    stranger = message(START + 2 * DAY, "p@c.example", US, subject="order")
    first, second = inbound(subject="order"), inbound(START + DAY, subject="order")
    assert threads_of(first, second, stranger, inbound(START + 3 * DAY, subject="Re: order")) == [0, 1, 1]


def test_what_makes_no_touch_is_not_joined_by_subject() -> None:
    """An automated mail and a mail to nobody of ours are no touches of the account."""
    automated = inbound(subject="order", automated="bulk")
    unseen = message(START + HOUR, CUSTOMER, "x@gmail.com", subject="order")
    assert threads_of(
        automated, unseen, inbound(START + DAY, subject="Re: order"), inbound(START + 2 * DAY)
    ) == [0, 1]


def test_a_reply_to_two_accounts_joins_the_threads_of_both() -> None:
    """Outbound mail joins the latest touch of each account that it reaches."""
    ours = message(START + DAY, US, CUSTOMER, "p@c.example", subject="Re: order")
    other = message(START + HOUR, "p@c.example", US, subject="order", message_id="c")
    later = inbound(START + 2 * DAY, references=("c",))
    assert threads_of(inbound(subject="order"), other, ours, later) == [0, 0, 0]


def test_threads_are_the_same_at_every_instant() -> None:
    """Which mails belong together is decided over all of them, also where an instant has to be built anew."""
    differing = [
        message(START, "p@c.example", US, message_id="c", mailbox="archive@us.example"),
        message(START + 60 * DAY, "p@c.example", US, message_id="c", mailbox=US, bcc=("help@us.example",)),
    ]
    asked = inbound(START + DAY, message_id="a", subject="order")
    other = inbound(START + 2 * DAY, message_id="b", subject="else")
    reply = inbound(START + 3 * DAY, message_id="d", subject="Re: order")
    at = START + 4 * DAY

    def then(*later: Message) -> int:
        messages = [*differing, asked, other, reply, *later]
        assert not touches_of(messages).settled_at(at)
        return touches_of(messages, seen_until=at).frame.filter(account=0)["thread"].n_unique()

    assert then() == 2
    assert then(inbound(START + 21 * DAY, references=("a", "b"), subject="both")) == 1
    # The reply's group begins with another subject after all.
    assert then(inbound(START + 21 * DAY, references=("b", "d"), subject="both")) == 2
