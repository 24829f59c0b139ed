"""Who takes part in conversations of one account, and belongs to nobody."""

import dataclasses
from itertools import pairwise

import pytest
from hypothesis import given, settings

from connectors.base import Message
from tests.mailsignals.archives import archives
from tests.mailsignals.companies import HOUR, START, message
from tests.mailsignals.engine import touches_of

CUSTOMER, US, STRANGER = "p@a.example", "cs@us.example", "x@elsewhere.test"
A, C = 0, 2
ASKED = message(START, CUSTOMER, US, message_id="m1")
ANSWERED = message(START + HOUR, US, CUSTOMER, message_id="m2", references=("m1",))


def found(*messages: Message) -> dict[str, tuple[int, int]]:
    """The account and the number of mails of each stranger, by address."""
    touches = touches_of(messages)
    named = touches.strangers.join(touches.people, on="person", suffix="_of_person")
    return {
        address: (account, mails)
        for address, account, mails in named.select("address", "account", "mails").rows()
    }


def in_copy(mail: Message, *addresses: str) -> Message:
    """The mail with these in copy."""
    return dataclasses.replace(mail, cc=addresses)


def test_a_recipient_of_a_customers_mail() -> None:
    """In whatever field, in either direction, once a mail."""
    hidden = dataclasses.replace(ANSWERED, bcc=("y@elsewhere.test", STRANGER), cc=(STRANGER,))
    assert found(in_copy(ASKED, STRANGER), hidden) == {STRANGER: (A, 2), "y@elsewhere.test": (A, 1)}


def test_an_answer_from_a_private_address() -> None:
    """It makes no touch, and is in the customer's thread."""
    private = message(START + 2 * HOUR, "boss.private@gmail.com", US, references=("m2",), message_id="m3")
    assert found(ASKED, ANSWERED, private) == {"bossprivate@gmail.com": (A, 1)}
    assert found(ASKED, ANSWERED, dataclasses.replace(private, references=())) == {}


def test_a_forward_among_ourselves_to_somebody_outside() -> None:
    """Whoever is brought into the thread of one account counts."""
    forward = message(START + 2 * HOUR, US, "lawyer@elsewhere.test", references=("m1",), message_id="m3")
    assert found(ASKED, forward) == {"lawyer@elsewhere.test": (A, 1)}


@pytest.mark.parametrize("kind", ["bounce", "auto_reply", "notification", "bulk", "calendar"])
def test_what_programs_wrote_names_nobody(kind: str) -> None:
    """A mailer daemon is in the thread of what it could not deliver."""
    daemon = message(START + 2 * HOUR, "mailer-daemon@elsewhere.test", US, references=("m2",), automated=kind)
    assert found(ASKED, ANSWERED, daemon) == {}


def test_threads_of_two_accounts_and_of_none() -> None:
    """In a shared thread it cannot be seen whose the stranger is; a thread without an account is no customer's."""
    other = in_copy(message(START + HOUR, "p@c.example", US, references=("m1",)), "y@elsewhere.test")
    assert found(in_copy(ASKED, STRANGER), other) == {}
    assert found(message(START, STRANGER, US)) == {}


def test_a_stranger_in_the_threads_of_two_accounts_has_two_rows() -> None:
    """Each with the mails there."""
    other = in_copy(message(START, "p@c.example", US, message_id="m9"), STRANGER)
    touches = touches_of([in_copy(ASKED, STRANGER), in_copy(ANSWERED, STRANGER), other])
    assert touches.strangers.select("account", "mails").rows() == [(A, 2), (C, 1)]


def test_recipients_of_a_mail_merge_take_part_in_nothing() -> None:
    """One of the accounts answers an announcement, which makes it a thread of that account."""
    announced = message(
        START, US, "p@a.example", "p@c.example", "p@d.example", STRANGER, message_id="m1", subject="News"
    )
    answer = message(START + HOUR, "p@a.example", US, references=("m1",), message_id="m2")
    assert found(announced, answer) == {}
    assert found(announced, in_copy(answer, STRANGER)) == {STRANGER: (A, 1)}


@pytest.mark.slow
@settings(max_examples=30)
@given(archives(most=15))
def test_a_stranger_belongs_to_nobody(messages: list[Message]) -> None:
    """Whatever the archive, no one of us and no account's contact is among them, and each pair comes once."""
    touches = touches_of(messages)
    people = touches.people
    named = touches.strangers.join(people, on="person", suffix="_of_person")
    assert not named["internal"].any()
    assert named["account_of_person"].null_count() == named.height == touches.strangers.height
    pairs = touches.strangers.select("person", "account").rows()
    assert all(before < after for before, after in pairwise(pairs))
    assert set(touches.strangers["account"]) <= set(touches.frame["account"])
