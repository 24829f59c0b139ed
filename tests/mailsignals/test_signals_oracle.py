"""The engine against the oracle."""

import datetime as dt

from hypothesis import given, settings

from connectors.base import Message
from tests.mailsignals.companies import RULES, archives_and_instants
from tests.mailsignals.engine import differences, figures
from tests.mailsignals.oracle import signals
from tests.mailsignals.oracle_touches import threads


@settings(deadline=None, max_examples=60)
@given(archives_and_instants())
def test_the_engine_says_what_the_definitions_say(drawn: tuple[list[Message], list[dt.datetime]]) -> None:
    """Every signal of every account at any instant is what the definitions give, one message at a time."""
    messages, instants = drawn
    thread_of = threads(messages, RULES)
    expected = [row for at in instants for row in signals(messages, RULES, as_of=at, thread_of=thread_of)]
    assert not differences(figures(messages, instants).to_dicts(), expected)
