"""Which messages are touches of which account, in which direction and role."""

import dataclasses

import polars as pl
import pytest

from connectors.base import Message
from mailsignals.schema import TOUCH_SCHEMA
from tests.mailsignals.companies import DAY, HOUR, RULES, START, message
from tests.mailsignals.engine import touches_of
from tests.mailsignals.oracle_touches import Account

CUSTOMER, US = "p@a.example", "cs@us.example"
A, B, C, D = range(4)
IN, OUT = False, True


def told(*messages: Message) -> list[tuple[int, bool, str]]:
    """Account, direction and role of each touch."""
    return touches_of(messages).frame.select("account", "outbound", "role").rows()


@pytest.mark.parametrize(
    ("sender", "recipient", "expected"),
    [
        (CUSTOMER, US, [(A, IN, "cs")]),
        (US, CUSTOMER, [(A, OUT, "cs")]),
        (US, "ana@us.example", []),
        (US, US, []),
        (CUSTOMER, "p@c.example", []),
        ("x@gmail.com", US, []),
        ("x@gmail.com", "x@gmail.com", []),
        (CUSTOMER, "x@gmail.com", []),
        ("", US, []),
        (US, "", []),
    ],
)
def test_a_touch_crosses_the_border(
    sender: str, recipient: str, expected: list[tuple[int, bool, str]]
) -> None:
    """Mail between us and an account is a touch; among ourselves, among customers and with strangers it is not."""
    assert told(message(START, sender, recipient)) == expected


@pytest.mark.parametrize(
    ("address", "account"),
    [
        ("any@a.example", A),
        ("any@deep.a.example", A),
        ("any@sub.a.example", B),
        ("any@deep.sub.a.example", B),
        ("any@nota.example", None),
        ("any@example", None),
        ("moved@a.example", C),
        ("boss@gmail.com", A),
        ("any@gmail.com", None),
    ],
)
def test_contacts_come_before_the_longest_domain(address: str, account: int | None) -> None:
    """The listed contact wins over domains, the longer domain over the shorter; free mail claims nothing."""
    assert told(message(START, address, US)) == ([] if account is None else [(account, IN, "cs")])


@pytest.mark.parametrize("address", ["di@partner.example", "any@eu.us.example", "list@lists.test"])
def test_internal_wins(address: str) -> None:
    """An address of ours is no account's, even where one claims it."""
    assert told(message(START, address, CUSTOMER))[0][:2] == (A, OUT)
    assert told(message(START, US, address)) == []


def test_a_contact_of_one_account_at_the_domain_of_another() -> None:
    """The sender belongs to one account only, and so does the recipient."""
    assert told(message(START, "moved@a.example", US)) == [(C, IN, "cs")]
    assert told(message(START, US, "moved@a.example")) == [(C, OUT, "cs")]


def test_mail_to_two_accounts_touches_both() -> None:
    """One outbound mail is one touch for each account among its recipients, whichever field they are in."""
    mail = message(START, US, CUSTOMER, cc=("q@old.test", "p@c.example"), bcc=("p@d.example",))
    assert told(mail) == [(A, OUT, "cs"), (C, OUT, "cs"), (D, OUT, "cs")]


def test_inbound_mail_touches_the_senders_account_alone() -> None:
    """Another account in copy has said nothing."""
    assert told(message(START, CUSTOMER, US, cc=("p@c.example",))) == [(A, IN, "cs")]


@pytest.mark.parametrize(
    ("recipients", "role"),
    [
        (("ana@us.example",), "other"),
        (("ana@us.example", US), "cs"),
        ((US, "help@us.example", "ana@us.example"), "support"),
        (("x@gmail.com", "list@lists.test"), "other"),
        (("desk@eu.us.example",), "support"),
    ],
)
def test_an_inbound_role_is_the_first_of_support_cs_and_other(recipients: tuple[str, ...], role: str) -> None:
    """Whoever else is told, support makes it a support mail, else customer success one of its own."""
    assert told(message(START, CUSTOMER, cc=recipients)) == [(A, IN, role)]


@pytest.mark.parametrize(
    ("sender", "role"), [(US, "cs"), ("help@us.example", "support"), ("ana@us.example", "other")]
)
def test_an_outbound_role_is_the_senders(sender: str, role: str) -> None:
    """Who is in copy does not matter."""
    assert told(message(START, sender, CUSTOMER, cc=("help@us.example",))) == [(A, OUT, role)]


@pytest.mark.parametrize(
    ("recipients", "addressee"),
    [
        ({"to": ("ana@us.example", "help@us.example")}, "help@us.example"),
        ({"to": ("ana@us.example",), "cc": ("desk@eu.us.example", "help@us.example")}, "desk@eu.us.example"),
        ({"to": ("x@nobody.example", "cs@us.example", "ana@us.example")}, "cs@us.example"),
        ({"to": ("x@nobody.example",), "bcc": ("ana@us.example",)}, "ana@us.example"),
    ],
)
def test_the_addressee_is_the_first_of_support_else_the_first_of_us(
    recipients: dict[str, tuple[str, ...]], addressee: str
) -> None:
    """To before Cc before Bcc, in their order; whoever is outside does not count."""
    touches = touches_of([dataclasses.replace(message(START, CUSTOMER), **recipients)])  # type: ignore[arg-type]
    assert touches.people["address"][touches.frame["addressee"].item()] == addressee
    assert touches_of([message(START, US, CUSTOMER)]).frame["addressee"].to_list() == [None]


def test_automated_mail_is_no_touch() -> None:
    """Whatever the reason."""
    assert told(message(START, CUSTOMER, US, automated="auto_reply")) == []


def test_urgent_is_high_importance_or_a_cue() -> None:
    """A word of the list in the subject, in any case, or the header; part of a word is no cue."""
    subjects = ("URGENT!", "so dringend", "insurgents", None)
    mails = [message(START + n * HOUR, CUSTOMER, US, subject=one) for n, one in enumerate(subjects)]
    mails.append(message(START + DAY, CUSTOMER, US, importance="high"))
    mails.append(message(START + 2 * DAY, CUSTOMER, US, importance="low"))
    found = touches_of(mails).frame.sort("sent_at")["urgent"].to_list()
    assert found == [True, True, False, False, True, False]


def test_touches_are_in_order() -> None:
    """By instant, inbound first, then message id, then sender, then provider, mailbox and provider id."""
    thread = {"references": ("t",)}
    mails = [
        message(START, CUSTOMER, US, message_id="z", **thread),
        message(START, US, CUSTOMER, mailbox="a@us.example", subject="5", **thread),
        message(START, US, CUSTOMER, mailbox="b@us.example", subject="4", **thread),
        message(START, "ana@us.example", CUSTOMER, message_id="m", subject="3", **thread),
        message(START, US, CUSTOMER, message_id="m", subject="2", **thread),
        message(START, US, CUSTOMER, message_id="n", subject="1", **thread),
    ]
    for order in (mails, mails[::-1]):
        rows = touches_of(order).frame.with_columns(
            mail=pl.col("message").replace_strict(_numbers(order, mails))
        )
        assert rows["mail"].to_list() == list(range(len(mails)))


def _numbers(order: list[Message], mails: list[Message]) -> dict[int, int]:
    """Where each message of the order stands among the mails."""
    return {place: mails.index(one) for place, one in enumerate(order)}


def test_nothing_stored_makes_no_touches() -> None:
    """An empty store has an empty table of touches, with its columns."""
    touches = touches_of([])
    assert touches.frame.schema == TOUCH_SCHEMA
    assert touches.frame.is_empty()
    assert touches.links.is_empty()
    assert touches.settled_at(START)


def test_an_empty_book_makes_no_touches() -> None:
    """Without accounts nothing is a touch, and nothing fails."""
    rules = dataclasses.replace(RULES, accounts=())
    assert touches_of([message(START, CUSTOMER, US)], rules).frame.is_empty()
    alone = dataclasses.replace(RULES, accounts=(Account(account_id="A", contacts=(CUSTOMER,)),))
    assert touches_of([message(START, CUSTOMER, US)], alone).frame.height == 1


# --- mail that names nobody of us ----------------------------------------------------------------


@pytest.mark.parametrize(
    "recipients", [(), ("team@a.example",), ("q@old.test", "boss@gmail.com"), (CUSTOMER,)]
)
@pytest.mark.parametrize(
    ("mailbox", "role"),
    [
        (US, "cs"),
        ("help@us.example", "support"),
        ("archive@us.example", "other"),
        ("box@journal.test", "other"),
    ],
)
def test_mail_that_names_nobody_or_only_their_own_people_is_to_its_mailbox(
    recipients: tuple[str, ...], mailbox: str, role: str
) -> None:
    """A blind copy, or a list of the customer's with us on it; a mailbox that is not internal gives ``other``."""
    assert told(message(START, CUSTOMER, *recipients, mailbox=mailbox)) == [(A, IN, role)]


@pytest.mark.parametrize("stranger", ["x@gmail.com", "p@c.example", "any@sub.a.example"])
def test_a_stranger_among_the_recipients_leaves_the_mailbox_out(stranger: str) -> None:
    """Somebody of nobody's or of another account can be seen: then the mail is not known to be to us."""
    assert told(message(START, CUSTOMER, "team@a.example", stranger, mailbox=US)) == []


def test_who_of_us_can_be_seen_counts_and_not_the_mailbox() -> None:
    """The mailbox that holds the mail matters only where nobody of us is named."""
    assert told(message(START, CUSTOMER, "ana@us.example", mailbox="help@us.example")) == [(A, IN, "other")]


def test_all_mailboxes_that_hold_a_copy_stand_for_the_recipients() -> None:
    """Support's among them makes it a support mail."""
    copies = [message(START, CUSTOMER, message_id="m", mailbox=one) for one in (US, "help@us.example")]
    assert told(*copies) == [(A, IN, "support")]
    touches = touches_of(copies)
    assert touches.people["address"][touches.frame["addressee"].item()] == "help@us.example"


@pytest.mark.parametrize(
    ("mailbox", "addressee"), [("ana@us.example", "ana@us.example"), ("box@journal.test", None)]
)
def test_the_addressee_of_mail_that_names_nobody_is_the_mailbox(mailbox: str, addressee: str | None) -> None:
    """And nobody where that is not one of us."""
    touches = touches_of([message(START, CUSTOMER, mailbox=mailbox)])
    person = touches.frame["addressee"].item()
    assert (None if person is None else touches.people["address"][person]) == addressee


def test_a_mailbox_counts_from_when_it_got_its_copy() -> None:
    """Before support's copy came, the mail was customer success's."""
    copies = [
        message(START + after, CUSTOMER, message_id="m", mailbox=one)
        for after, one in ((HOUR * 0, US), (HOUR, "help@us.example"))
    ]
    whole = touches_of(copies)
    assert whole.frame["role"].to_list() == ["support"]
    assert not whole.settled_at(START)
    assert touches_of(copies, seen_until=START).frame["role"].to_list() == ["cs"]


def test_our_own_mail_that_names_nobody_is_no_touch() -> None:
    """Outbound mail needs a recipient of the account."""
    assert told(message(START, US, mailbox="help@us.example")) == []
