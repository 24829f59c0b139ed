"""The engine against the definitions, one message at a time."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings

from connectors.base import Message
from tests.mailsignals.archives import archives_and_instants
from tests.mailsignals.companies import RULES
from tests.mailsignals.engine import differences, figures, messages_in, promises_in
from tests.mailsignals.oracle import signals
from tests.mailsignals.oracle_touches import Archive
from tests.mailsignals.sla.engine import rules_in_open_hours


@pytest.mark.parametrize("variant", ["", "-aliases"])
def test_the_oracle_is_right(edges: Path, variant: str) -> None:
    """The oracle gives every cell that independent programs computed."""
    messages, rules = messages_in(edges), rules_in_open_hours(edges, f"config{variant}.toml")
    archive = Archive.of(messages, rules)
    expected = pl.read_parquet(edges / f"expected_signals{variant}.parquet")
    for (at,), rows in expected.group_by("as_of"):
        assert isinstance(at, dt.datetime)
        got = signals(messages, rules, as_of=at, archive=archive)
        assert not differences(got, rows.to_dicts())


@pytest.mark.parametrize("config", ["config.toml", "config-aliases.toml"])
def test_the_edge_cases_hold_at_any_instant(edges: Path, config: str) -> None:
    """Every signal, those too that no program computed before, with targets, at instants all over the archive."""
    messages, rules = messages_in(edges), rules_in_open_hours(edges, config)
    promises = promises_in(edges, config)
    archive = Archive.of(messages, rules)
    instants = [one.sent_at for one in messages[::250]]
    expected = [row for at in instants for row in signals(messages, rules, as_of=at, archive=archive)]
    assert not differences(figures(messages, instants, rules=rules, promises=promises).to_dicts(), expected)


@pytest.mark.slow
@settings(deadline=None, max_examples=30)
@given(archives_and_instants())
def test_the_engine_says_what_the_definitions_say(drawn: tuple[list[Message], list[dt.datetime]]) -> None:
    """Every signal of every account at any instant, between the copies of a mail and within a merge too."""
    messages, instants = drawn
    archive = Archive.of(messages, RULES)
    expected = [row for at in instants for row in signals(messages, RULES, as_of=at, archive=archive)]
    assert not differences(figures(messages, instants).to_dicts(), expected)
