"""Why an account stands where it stands."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsignals.config.risk import Marks
from mailsignals.risk.marks import MARKS
from mailsignals.risk.reasons import AT_LEAST, SILENCE, reasons, too_little_sight
from models.features import FEATURES

TEXTS = re.compile(
    r"None|nan|inf|[{}]|(?<![\d.,])1 (?:\w+ )?(?:mails|days|hours|minutes|times|colleagues)\b|\s\s"
)
"""What no sentence may hold: a missing number, a leftover of its template, a plural of one."""

_NUMBERS = st.one_of(st.none(), st.sampled_from((0.0, 1.0, 2.0, 0.5, 1.04)), st.floats(0, 400))


def row_of(numbers: Mapping[str, tuple[float | None, float | None]]) -> dict[str, Any]:
    """An outlook in which no mark holds, and features have a value and a usual."""
    row: dict[str, Any] = {f"mark {mark.name}": False for mark in MARKS}
    row |= {"champion_away_since": None, "away_contacts": 0}
    for feature in FEATURES:
        row[f"value {feature.name}"], row[f"usual {feature.name}"] = numbers.get(feature.name, (None, None))
    return row


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(
    st.dictionaries(st.sampled_from([feature.name for feature in FEATURES]), st.tuples(_NUMBERS, _NUMBERS)),
    st.lists(st.floats(-1, 1), min_size=len(FEATURES), max_size=len(FEATURES)),
)
def test_drivers_are_named_in_whole_sentences(
    numbers: dict[str, tuple[float | None, float | None]], contributions: list[float]
) -> None:
    """A driver raises the score, has a number, tells no story twice, and its sentence is grammatical."""
    drivers = sorted(zip(FEATURES, contributions, strict=True), key=lambda driver: -driver[1])
    found = reasons(row_of(numbers), MARKS, drivers)
    assert len(found) <= AT_LEAST
    assert len({reason["signal"] for reason in found}) == len(found)
    risky = {(feature.block, feature.signal) for feature, contribution in drivers if contribution > 0}
    for reason in found:
        assert (reason["mark"], reason["signal"]) in risky
        assert reason["value"] is not None
        assert TEXTS.search(reason["text"]) is None, reason["text"]
        assert reason["text"].endswith(".")


def test_the_strongest_drivers_come_first() -> None:
    """Drivers are named by how much they raise the score, features of one signal once."""
    numbers = {
        "inbound_30": (2.0, 9.0),
        "active_days_60": (3.0, 9.0),
        "contacts": (1.0, None),
        "our_silence": (40.0, None),
    }
    strength = {"contacts": 0.1, "inbound_30": 0.3, "active_days_60": 0.4, "our_silence": 0.2}
    drivers = sorted(((f, strength.get(f.name, -1.0)) for f in FEATURES), key=lambda driver: -driver[1])
    assert [reason["text"] for reason in reasons(row_of(numbers), MARKS, drivers)] == [
        "They wrote on 3 of the last 60 days; 9 would be usual for them.",
        "We have not written to them for 40 days.",
        "1 of their people wrote in 90 days.",
    ]


@pytest.mark.parametrize(("value", "usual"), [(9.0, 2.0), (2.0, 2.04), (2.0, None), (None, 2.0)])
def test_a_number_that_does_not_speak_for_itself_is_not_named(
    value: float | None, usual: float | None
) -> None:
    """Who falls back only against the other accounts, or by too little to be seen, is not told of it."""
    drivers = [(feature, 1.0) for feature in FEATURES if feature.name == "inbound_30"]
    assert reasons(row_of({"inbound_30": (value, usual)}), MARKS, drivers) == []


def test_every_sentence_of_a_feature_reads_well_for_none_one_and_many() -> None:
    """With 0, 1 and many each sentence keeps its grammar."""
    for feature in FEATURES:
        for value, usual in ((0.0, 1.0), (1.0, 0.0), (1.0, 7.0), (30.0, 12.5)):
            drivers = [(feature, 1.0)]
            for reason in reasons(row_of({feature.name: (value, usual)}), MARKS, drivers):
                assert TEXTS.search(reason["text"]) is None, reason["text"]


@pytest.mark.parametrize(
    ("touches", "gap", "signal", "value", "text"),
    [
        (None, None, "touches_180", 0.0, "No mail in 180 days: too little to judge."),
        (0.0, None, "touches_180", 0.0, "No mail in 180 days: too little to judge."),
        (1.0, 0.0, "touches_180", 1.0, "Only 1 mail in 180 days: too little to judge."),
        (4.0, 0.9, "touches_180", 4.0, "Only 4 mails in 180 days: too little to judge."),
        (
            5.0,
            0.62,
            "visibility_gap",
            0.62,
            "62 % of the mails that theirs refer to are in no mailbox that we read.",
        ),
    ],
)
def test_too_little_sight_has_a_reason(
    touches: float | None, gap: float | None, signal: str, value: float, text: str
) -> None:
    """An account that is not judged says what is missing, and how much of it there is."""
    found = too_little_sight({"touches_180": touches, "visibility_gap_90": gap}, min_touches=5)
    assert found == [
        {"mark": "not_enough_sight", "signal": signal, "value": value, "before": None, "text": text}
    ]


@pytest.mark.parametrize(
    ("absence", "says"),
    [
        ({"away_contacts": 1}, " By an automatic reply one of their contacts is away."),
        ({"away_contacts": 3}, " By automatic replies 3 of their contacts are away."),
        (
            {"away_contacts": 2, "champion_away_since": dt.datetime(2026, 3, 2, tzinfo=dt.UTC)},
            " Their automatic reply of 2 March 2026 says that they are away.",
        ),
    ],
)
def test_a_silence_says_who_is_away(absence: dict[str, Any], says: str) -> None:
    """Holidays explain a silence; a reason of another kind has nothing to do with them."""
    for feature in FEATURES:
        row = row_of({feature.name: (1.0, 7.0) if feature.sign < 0 else (7.0, 1.0)}) | absence
        (reason,) = reasons(row, MARKS, [(feature, 1.0)])
        assert reason["text"].endswith(says) == (feature.signal in SILENCE)


def test_marks_read_nothing_but_the_outlook_and_null_is_no() -> None:
    """A mark whose figures are missing does not hold."""
    names = {name for mark in MARKS for name in mark.holds(Marks()).meta.root_names()}
    nothing = pl.DataFrame(
        {name: [None] for name in sorted(names)}, schema_overrides={"champion_quiet": pl.Boolean}
    )
    for mark in MARKS:
        assert not nothing.select(mark.holds(Marks()).fill_null(value=False)).item()
