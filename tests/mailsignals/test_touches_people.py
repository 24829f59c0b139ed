"""One person under several addresses, and one address in several spellings."""

import dataclasses

import pytest

from tests.mailsignals.companies import HOUR, RULES, START, message
from tests.mailsignals.engine import touches_of

CUSTOMER, US = "p@a.example", "cs@us.example"
OLD, PRIVATE = "cy@old.us.test", "cs.of.us@gmail.com"


def senders(*messages: object) -> list[str]:
    """The address under which each touch's sender is known, by time."""
    touches = touches_of(messages)  # type: ignore[arg-type]
    return [touches.people["address"][number] for number in touches.frame.sort("sent_at")["person"]]


@pytest.mark.parametrize("alias", [OLD, PRIVATE, "c.s.ofus@googlemail.com"])
def test_an_alias_is_the_person_under_the_first_address(alias: str) -> None:
    """As a sender with the person's role, and as a recipient."""
    frame = touches_of([message(START, alias, CUSTOMER)]).frame
    assert frame.select("outbound", "role").rows() == [(True, "cs")]
    assert touches_of([message(START, CUSTOMER, alias)]).frame["role"].to_list() == ["cs"]
    assert senders(message(START, alias, CUSTOMER), message(START + HOUR, US, CUSTOMER)) == [US, US]


def test_the_mailbox_of_an_alias_is_the_persons() -> None:
    """Where it stands for the recipients."""
    frame = touches_of([message(START, CUSTOMER, mailbox="hilfe@old.us.test")]).frame
    assert frame["role"].to_list() == ["support"]


def test_copies_from_an_alias_are_copies() -> None:
    """The sender is the same person, whichever address a copy names."""
    one = message(START, US, CUSTOMER, message_id="m")
    other = message(START, OLD, CUSTOMER, message_id="m", mailbox=US)
    assert touches_of([one, other]).frame.height == 1


def test_provider_threads_keep_the_mailbox_as_read() -> None:
    """The mailboxes of one person are two mailboxes, whose threads have ids of their own."""
    kind = {"provider": "gmail", "provider_thread_id": "t"}
    first = message(START, CUSTOMER, US, mailbox="help@us.example", subject="a", **kind)
    second = message(START + HOUR, CUSTOMER, US, mailbox="hilfe@old.us.test", subject="b", **kind)
    assert touches_of([first, second]).frame["thread"].n_unique() == 2


def test_the_order_keeps_the_mailbox_as_read() -> None:
    """Of equal mails the one in ``help@`` comes before the one in ``hilfe@``, though both are of one desk."""
    mails = [
        message(START, US, CUSTOMER, mailbox=box, references=("t",), subject=box)
        for box in ("hilfe@old.us.test", "help@us.example")
    ]
    assert touches_of(mails).frame["message"].to_list() == [1, 0]


@pytest.mark.parametrize(
    "spelling", ["boss@gmail.com", "b.oss@gmail.com", "bo.ss@googlemail.com", "b.o.s.s@gmail.com"]
)
def test_gmail_addresses_are_one_in_every_spelling(spelling: str) -> None:
    """Dots and the second domain make no other person, and no other copy."""
    assert touches_of([message(START, spelling, US)]).frame["account"].to_list() == [0]
    both = [
        message(START + n * HOUR, one, US, message_id="m")
        for n, one in enumerate((spelling, "boss@gmail.com"))
    ]
    assert touches_of(both).frame.height == 1


@pytest.mark.parametrize("address", ["p.q@a.example", "b.oss@gmail.com.a.example"])
def test_dots_count_everywhere_else(address: str) -> None:
    """Only Gmail ignores them."""
    assert senders(message(START, address, US)) == [address]


def test_without_aliases_an_alias_is_a_stranger() -> None:
    """Or one of us without a role, where its domain is ours."""
    rules = dataclasses.replace(RULES, aliases={})
    assert touches_of([message(START, OLD, CUSTOMER)], rules).frame.is_empty()
