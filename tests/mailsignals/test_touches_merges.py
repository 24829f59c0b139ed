"""Mail merges are announcements, not touches."""

import dataclasses
import datetime as dt

import pytest

from connectors.base import Message
from tests.mailsignals.companies import DAY, HOUR, RULES, START, TICK, message
from tests.mailsignals.engine import figure, touches_of

US = "cs@us.example"
MIDNIGHT = dt.datetime(2025, 1, 2, tzinfo=dt.UTC)
CUSTOMERS = ("p@a.example", "p@deep.sub.a.example", "p@c.example", "p@d.example")


def merge(
    *customers: str, at: dt.datetime = START, every: dt.timedelta = HOUR, **more: object
) -> list[Message]:
    """The same mail to these customers, one after the other."""
    words: dict[str, object] = {"subject": "News", **more}
    return [message(at + number * every, US, one, **words) for number, one in enumerate(customers)]


def touched(messages: list[Message], *, accounts: int = 3) -> int:
    """How many touches these make where so many accounts make a merge."""
    return touches_of(messages, dataclasses.replace(RULES, mail_merge_accounts=accounts)).frame.height


@pytest.mark.parametrize(("accounts", "expected"), [(5, 4), (4, 0), (3, 0), (1, 0), (0, 4)])
def test_so_many_accounts_make_a_merge(accounts: int, expected: int) -> None:
    """All of its mails are left out once it reaches that many accounts; 0 turns the rule off."""
    assert touched(merge(*CUSTOMERS), accounts=accounts) == expected


def test_one_mail_to_many_is_a_merge() -> None:
    """Accounts are counted, not mails."""
    assert touched([message(START, US, *CUSTOMERS, subject="News")]) == 0


def test_many_mails_to_few_accounts_are_none() -> None:
    """Two people of one account are one account."""
    assert touched(merge("p@a.example", "q@old.test", "boss@gmail.com", "p@c.example")) == 4


def test_prefixes_and_white_space_do_not_tell_merges_apart() -> None:
    """The base subject counts."""
    mails = merge(*CUSTOMERS[:2]) + merge(CUSTOMERS[2], subject="Fwd:  news ", at=START + HOUR)
    assert touched(mails) == 0


def test_replies_and_mail_without_a_subject_are_none() -> None:
    """What refers to other mail, or says nothing, is not sent in bulk."""
    assert touched(merge(*CUSTOMERS, references=("a",))) == 4
    assert touched(merge(*CUSTOMERS, subject=None)) == 4
    assert touched(merge(*CUSTOMERS, subject="Re:")) == 4


def test_senders_and_days_are_apart() -> None:
    """Two of us, or the two sides of a midnight in UTC, make two groups."""
    other = [message(START, "ana@us.example", one, subject="News") for one in CUSTOMERS[2:]]
    assert touched(merge(*CUSTOMERS[:2]) + other) == 4
    assert touched(merge(*CUSTOMERS, at=MIDNIGHT - 2 * HOUR)) == 4
    assert touched(merge(*CUSTOMERS[:3], at=MIDNIGHT - 3 * HOUR, every=HOUR)) == 0


def test_automated_mail_is_not_counted() -> None:
    """What is left out already does not make the rest a merge."""
    assert touched(merge(*CUSTOMERS[:2]) + merge(*CUSTOMERS[2:], at=START + HOUR / 2, automated="bulk")) == 2


def test_inbound_mail_is_never_a_merge() -> None:
    """Only what we send."""
    mails = [message(START, one, US, subject="News") for one in CUSTOMERS]
    assert touched(mails) == 4


@pytest.mark.slow
def test_a_merge_is_one_from_its_last_mail_on() -> None:
    """Before the mail that makes it one, its mails were touches like others."""
    mails = merge(*CUSTOMERS[:3])
    instants = [START + after for after in (-TICK, HOUR * 0, 2 * HOUR - TICK, 2 * HOUR, DAY)]
    assert [touches_of(mails).settled_at(at) for at in instants] == [True, False, False, True, True]
    assert [figure("outbound", mails, at) for at in instants] == [0, 1, 1, 0, 0]
