"""Where conversations end, and turns change."""

import datetime as dt

import polars as pl
import pytest

from connectors.base import Message
from mailsignals import turns
from tests.mailsignals.companies import DAY, HOUR, START, TICK, message
from tests.mailsignals.engine import touches_of

CUSTOMER, US = "p@a.example", "cs@us.example"
RULES = turns.ConversationRules()


def thread(*mails: tuple[str, dt.timedelta], name: str = "t") -> list[Message]:
    """Mails of one thread: ``in`` or ``out``, and how long after the one before."""
    at, found = START, []
    for number, (direction, after) in enumerate(mails):
        at += after
        sender, told = (CUSTOMER, US) if direction == "in" else (US, CUSTOMER)
        found.append(message(at, sender, told, message_id=f"{name}{number}", references=(name,)))
    return found


def turns_of(messages: list[Message], rules: turns.ConversationRules = RULES) -> pl.DataFrame:
    """The turns of these mails."""
    return turns.turns(turns.with_conversations(touches_of(messages).frame.lazy(), rules)).collect()


def conversations(*mails: tuple[str, dt.timedelta]) -> int:
    """How many conversations a thread makes."""
    return turns_of(thread(*mails))["conversation"].n_unique()


NOW = dt.timedelta(0)


@pytest.mark.parametrize(("gap", "expected"), [(14 * DAY, 1), (14 * DAY + TICK, 2)])
@pytest.mark.parametrize("last", ["in", "out"])
def test_a_conversation_ends_after_14_days_of_silence(gap: dt.timedelta, expected: int, last: str) -> None:
    """Exactly 14 days go on, a microsecond more cuts, whoever writes next."""
    assert conversations(("in", NOW), ("out", HOUR), (last, gap)) == expected
    assert conversations(("out", NOW), (last, gap)) == expected


@pytest.mark.parametrize(("gap", "expected"), [(90 * DAY, 1), (90 * DAY + TICK, 2)])
@pytest.mark.parametrize("last", ["in", "out"])
def test_who_was_never_answered_waits_for_90_days(gap: dt.timedelta, expected: int, last: str) -> None:
    """A conversation of inbound mail alone goes on, if the customer asks again or is answered late."""
    assert conversations(("in", NOW), (last, gap)) == expected
    assert conversations(("in", NOW), ("in", 80 * DAY), (last, gap)) == expected


def test_an_answer_ends_the_waiting() -> None:
    """After a late answer the 14 days count again; a new mail of the customer waits anew."""
    assert conversations(("in", NOW), ("out", 60 * DAY), ("in", 15 * DAY)) == 2
    assert conversations(("in", NOW), ("out", HOUR), ("in", HOUR), ("in", 15 * DAY)) == 2
    assert (
        conversations(("in", NOW), ("out", HOUR), ("in", 15 * DAY), ("in", 60 * DAY), ("out", 60 * DAY)) == 2
    )


def test_what_we_open_waits_for_14_days_only() -> None:
    """A conversation that holds mail of ours is not one that was never answered."""
    assert conversations(("out", NOW), ("out", 20 * DAY), ("in", 20 * DAY)) == 3


def test_the_gaps_are_settings() -> None:
    """Other gaps cut elsewhere; an unanswered gap shorter than the other changes nothing."""
    mails = thread(("in", NOW), ("in", 3 * DAY), ("out", 3 * DAY), ("in", 3 * DAY))
    short = turns.ConversationRules(gap=2 * DAY, unanswered_gap=4 * DAY)
    assert turns_of(mails, short)["conversation"].n_unique() == 2
    none = turns.ConversationRules(gap=3 * DAY, unanswered_gap=DAY)
    assert turns_of(mails, none)["conversation"].n_unique() == 1


def test_a_turn_is_a_run_of_one_direction() -> None:
    """Three mails in a row start the clock once, at the first; the answer is the first of the next turn."""
    mails = thread(("in", NOW), ("in", HOUR), ("in", HOUR), ("out", HOUR), ("out", HOUR), ("in", HOUR))
    found = turns_of(mails)
    assert found["started_at"].to_list() == [mails[0].sent_at, mails[3].sent_at, mails[5].sent_at]
    assert found["answered_at"].to_list() == [mails[3].sent_at, mails[5].sent_at, None]
    assert found["outbound"].to_list() == [False, True, False]
    assert found["opening"].to_list() == [True, False, False]


def test_another_conversation_answers_nothing() -> None:
    """The last turn of a conversation stays open, whatever follows after the cut."""
    found = turns_of(thread(("in", NOW), ("out", HOUR), ("in", HOUR), ("out", 91 * DAY)))
    assert found["answered_at"].null_count() == 2
    assert found["opening"].to_list() == [True, False, False, True]


def test_threads_do_not_answer_each_other() -> None:
    """Mail to the customer in another thread leaves the turn open."""
    apart = [message(START + HOUR, US, CUSTOMER, message_id="other")]
    assert turns_of([*thread(("in", NOW)), *apart])["answered_at"].null_count() == 2


def test_an_internal_forward_answers_nothing() -> None:
    """Only mail that reaches the account ends its turn."""
    asked = thread(("in", NOW))
    forward = message(START + HOUR, US, "ana@us.example", references=("t",))
    assert turns_of([*asked, forward])["answered_at"].to_list() == [None]


def test_accounts_in_one_thread_have_conversations_of_their_own() -> None:
    """An answer to one customer answers another only if it reaches them too."""
    other = message(START, "p@c.example", US, message_id="c", references=("t",))
    found = turns_of([*thread(("in", NOW), ("out", HOUR)), other])
    assert found.filter(outbound=False).select("account", pl.col("answered_at").is_null()).rows() == [
        (0, False),
        (2, True),
    ]


def test_inbound_comes_first_at_one_instant() -> None:
    """Mail of both directions at the same microsecond is a question and its answer after no time."""
    found = turns_of(thread(("out", NOW), ("in", NOW)))
    assert found["outbound"].to_list() == [False, True]
    assert found["answered_at"].to_list() == [START, None]


def test_the_answer_is_credited_to_who_sent_it_first() -> None:
    """At one instant the smaller message id comes first, then the smaller sender."""
    asked = message(START, CUSTOMER, US, message_id="a")
    answers = [
        message(START + HOUR, "ana@us.example", CUSTOMER, message_id="c", references=("a",)),
        message(START + HOUR, "help@us.example", CUSTOMER, message_id="b", references=("a",)),
    ]
    people = touches_of([asked, *answers]).people
    named = dict(zip(people["person"], people["address"], strict=True))
    for order in (answers, answers[::-1]):
        found = turns_of([asked, *order])
        assert named[found["answered_by"][0]] == "help@us.example"
