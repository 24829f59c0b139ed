"""Laws of a change of method, on random levels before and after."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mailsignals.flags.records import OF_BEFORE, by_methods, flags_at, on, recorded, said

LAW = settings(deadline=None)
DAYS = 80
LEVELS = st.lists(st.sampled_from("hhhmml? "), min_size=1, max_size=DAYS).map("".join)
BEFORE: list[Mapping[str, Any]] = [
    OF_BEFORE,
    {**OF_BEFORE, "source": "churn-linear-20260101-a", "risk": 0.3},
    {**OF_BEFORE, "source": "silence-linear-20260101-a", "risk": 0.3},
    {"source": "quiet+scorecard"},
    {"source": "quiet+churn-a"},
    {"source": "churn-a"},
]
AFTER: list[Mapping[str, Any]] = [
    {"source": "quiet+scorecard"},
    {"source": "quiet+churn-b"},
    {"source": "churn-linear-20260101-a"},
]
PAIRS = st.tuples(st.sampled_from(BEFORE), st.sampled_from(AFTER)).filter(lambda pair: pair[0] != pair[1])
WORDS = st.lists(
    st.tuples(st.sampled_from(["snoozed", "dismissed", "saved", "undone"]), st.integers(0, DAYS)),
    max_size=4,
    unique_by=lambda word: word[1],
)


def spans(day: int, scores: pl.DataFrame, *words: Mapping[str, Any]) -> list[tuple[dt.date, dt.date | None]]:
    """When each flag opened and closed, as of the evening of a day."""
    return flags_at(day, scores, *words).select("opened_on", "closed_on").rows()


@pytest.mark.slow
@LAW
@given(LEVELS.filter(str.strip), st.sampled_from("hml?"), PAIRS, WORDS)
def test_a_change_alone_opens_and_closes_nothing(
    before: str,
    then: str,
    methods: tuple[Mapping[str, Any], Mapping[str, Any]],
    told: list[tuple[str, int]],
) -> None:
    """Whatever stood before, whatever people said, and whatever the new method says on its first day."""
    change = len(before)
    scores = by_methods(before + then, {0: methods[0], change: methods[1]})
    words = [said(kind, day, until="worse") for kind, day in told if day < change]
    assert spans(change, scores, *words) == spans(change - 1, scores, *words)


@pytest.mark.slow
@LAW
@given(LEVELS, st.lists(st.sampled_from("?"), max_size=5).map("".join), st.sampled_from("hml"), PAIRS)
def test_a_change_seen_late_opens_and_closes_nothing(
    before: str, unseen: str, then: str, methods: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> None:
    """An account that both methods judge, but not on the first day, is compared from its own first day on."""
    before = f"{before}l"
    scores = by_methods(before + unseen + then, {0: methods[0], len(before): methods[1]})
    last = len(before + unseen)
    assert spans(last, scores) == spans(len(before) - 1, scores)


def as_always(levels: str) -> list[tuple[dt.date, dt.date | None]]:
    """The flags of levels that one method said, by the rules in plain words."""
    found: list[list[dt.date | None]] = []
    recent = ""
    for day, letter in enumerate(levels):
        if letter in "? ":
            continue
        is_open = bool(found) and found[-1][1] is None
        if is_open:
            recent = (recent + letter)[-3:]
            if len(recent) == 3 and "h" not in recent:
                found[-1][1] = on(day)
        elif letter == "h":
            recent = "h"
            opened = found[-1][0] if found else None
            if opened is not None and (on(day) - opened).days < 60:
                found[-1][1] = None
            else:
                found.append([on(day), None])
    return [(opened, closed) for opened, closed in found if opened is not None]


@pytest.mark.slow
@LAW
@given(LEVELS, st.sampled_from([*BEFORE, *AFTER]))
def test_by_one_method_everything_is_as_always(levels: str, method: Mapping[str, Any]) -> None:
    """Whichever method it is."""
    assert spans(DAYS, recorded(levels, **method)) == as_always(levels)


@pytest.mark.slow
@LAW
@given(LEVELS, st.dictionaries(st.integers(1, DAYS), st.sampled_from(BEFORE[:3]), max_size=4))
def test_days_of_before_mean_what_they_meant(levels: str, models: dict[int, Mapping[str, Any]]) -> None:
    """Whichever models were in use then: flags that people saw are not taken back."""
    assert spans(DAYS, by_methods(levels, {0: OF_BEFORE, **models})) == as_always(levels)


@pytest.mark.slow
@LAW
@given(LEVELS, st.lists(st.sampled_from("hm"), min_size=70, max_size=70).map("".join), PAIRS)
def test_after_the_cool_down_the_new_method_decides_alone(
    before: str, after: str, methods: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> None:
    """Who is high then has an open flag, and who was not for three days has none."""
    change = len(before)
    for end, is_open in (("hhhh", True), ("mmmm", False)):
        scores = by_methods(before + after + end, {0: methods[0], change: methods[1]})
        opened = [closed is None for _, closed in spans(change + 73, scores)]
        assert any(opened) == is_open


@pytest.mark.slow
@LAW
@given(LEVELS, st.lists(st.sampled_from("hm"), max_size=50).map("".join), PAIRS)
def test_what_is_new_by_the_new_method_counts(
    before: str, after: str, methods: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> None:
    """Not high and then high again, the account has an open flag; high and then not for three days, it has none."""
    change = len(before)
    for end, is_open in (("mh", True), ("hmmm", False)):
        scores = by_methods(before + "m" + after + end, {0: methods[0], change: methods[1]})
        opened = [closed is None for _, closed in spans(change + 60, scores)]
        assert any(opened) == is_open
