"""How much of each account's mail programs wrote."""

import dataclasses

import pytest
from hypothesis import given, settings

from connectors.base import AUTOMATED, Message, frame_of
from mailsignals.touches.automated_mail import ACCOUNT_MAIL_SCHEMA, mail_of_accounts
from mailsignals.touches.build import TouchRules, build
from tests.mailsignals.archives import archives
from tests.mailsignals.companies import DAY, HOUR, RULES, START, message
from tests.mailsignals.engine import directory

CUSTOMER, US = "p@a.example", "cs@us.example"
A, C = 0, 2


def counted(*messages: Message) -> dict[int, tuple[int, int, int, int]]:
    """Mails, automated ones, and both of what the account wrote, of each account."""
    found = mail_of_accounts(frame_of(messages).lazy(), directory(RULES), {})
    assert found.schema == ACCOUNT_MAIL_SCHEMA
    columns = ("mails", "automated", "from_account", "automated_from_account")
    return {row["account"]: tuple(row[name] for name in columns) for row in found.to_dicts()}


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (message(START, CUSTOMER, US, automated="bulk"), {A: (1, 1, 1, 1)}),
        (message(START, US, CUSTOMER, automated="calendar"), {A: (1, 1, 0, 0)}),
        (message(START, US, CUSTOMER, cc=("p@c.example",)), {A: (1, 0, 0, 0), C: (1, 0, 0, 0)}),
        (message(START, CUSTOMER, automated="bulk"), {A: (1, 1, 1, 1)}),
        (message(START, CUSTOMER, "list@a.example", "q@old.test"), {A: (1, 0, 1, 0)}),
        (message(START, CUSTOMER, "list@elsewhere.test", automated="bulk"), {}),
        (message(START, CUSTOMER, "list@elsewhere.test", bcc=(US,)), {A: (1, 0, 1, 0)}),
        (message(START, CUSTOMER, "p@c.example"), {}),
        (message(START, US, "ana@us.example", automated="bulk"), {}),
        (message(START, "x@elsewhere.test", US, automated="bulk"), {}),
        (message(START, "", US, automated="bounce"), {}),
    ],
)
def test_which_mail_is_an_accounts(mail: Message, expected: dict[int, tuple[int, int, int, int]]) -> None:
    """What would be its touch if a person wrote it, and nothing else."""
    assert counted(mail) == expected


@pytest.mark.slow
@settings(max_examples=30)
@given(archives(most=20))
def test_mail_of_people_is_counted_as_touches_are(messages: list[Message]) -> None:
    """Without programs, merges and copies, an account has as many mails as touches."""
    apart = [
        dataclasses.replace(one, automated=None, message_id=f"m{place}") for place, one in enumerate(messages)
    ]
    rules = TouchRules(mail_merge_accounts=0, compare_subjects=False)
    touches = build(frame_of(apart).lazy(), directory(RULES), rules).frame
    by_account = dict(touches.group_by("account").len().iter_rows())
    assert {account: row[0] for account, row in counted(*apart).items()} == by_account


def test_copies_of_a_mail_count_once() -> None:
    """They share Message-ID, sender and date; the first kind of the definition that any copy has counts."""
    first = message(START, CUSTOMER, US, message_id="m1", automated="bulk")
    copies = [
        first,
        dataclasses.replace(first, mailbox="cs@us.example", automated="calendar"),
        dataclasses.replace(first, mailbox="help@us.example", automated=None),
    ]
    again = dataclasses.replace(first, provider_id="again", dated_at=START + DAY, automated=None)
    (row,) = mail_of_accounts(frame_of([*copies, again]).lazy(), directory(RULES), {}).to_dicts()
    assert (row["mails"], row["automated"]) == (2, 1)
    assert {kind for kind in AUTOMATED if row[kind]} == {"calendar"}
    assert [box["mailbox"] for box in row["held_by"]].count("cs@us.example") == 1


def test_mails_without_an_id_are_apart() -> None:
    """Nothing joins them, so each counts."""
    mails = [message(START + place * HOUR, CUSTOMER, US, automated="bulk") for place in range(3)]
    assert counted(*mails) == {A: (3, 3, 3, 3)}


def test_an_alias_is_the_person() -> None:
    """Mail from another address of one of us is ours."""
    mail = message(START, "cs@old-name.test", CUSTOMER, automated="notification")
    aliases = {"cs@old-name.test": US}
    (row,) = mail_of_accounts(frame_of([mail]).lazy(), directory(RULES), aliases).to_dicts()
    assert (row["account"], row["automated"], row["from_account"]) == (A, 1, 0)


def test_without_mail_there_are_no_accounts() -> None:
    """The frame has its columns all the same."""
    assert counted() == {}
