"""Reasons for the risk of an account, and what is also worth knowing."""

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
from mailsignals.risk.reasons import (
    LEAST_SHARE,
    SILENCE,
    Reason,
    also_worth_knowing,
    reasons,
    too_little_sight,
)
from mailsignals.risk.terms import QUIET_FEATURES, THEMES, RiskTerm, term_of
from models.features import FEATURES
from models.inputs import BY_NAME as BY_NAME_OF_INPUT

TEXTS = re.compile(
    r"None|\bnan\b|\binf\b|[{}]|(?<![\d.,])1 (?:\w+ )?(?:emails|days|hours|minutes|times|colleagues|contacts)\b|\s\s"
)
"""What no sentence may hold: a missing number, a leftover of its template, a plural of one."""

TERMS = [
    *(term_of("quiet", feature.name, feature) for feature in QUIET_FEATURES),
    *(term_of("leaving", feature.name, feature) for feature in FEATURES),
]
BY_NAME = {term.name: term for term in TERMS}

_NUMBERS = st.one_of(st.none(), st.sampled_from((0.0, 1.0, 2.0, 0.5, 1.04)), st.floats(0, 400))
_ADDS = st.one_of(st.just(0.0), st.floats(-1, 1))


def row_of(
    numbers: Mapping[str, tuple[float | None, float | None]],
    adds: Mapping[str, float],
    *,
    quiet_share: float = 0.5,
) -> dict[str, Any]:
    """An outlook in which no mark holds, with a value and a usual of each feature, and what each term adds."""
    row: dict[str, Any] = {f"mark {mark.name}": False for mark in MARKS}
    row |= {"main_contacts": None, "away_contacts": 0}
    row |= {"quiet_share": quiet_share, "leaving_share": 1 - quiet_share}
    for term in TERMS:
        row[f"value {term.name}"], row[f"usual {term.name}"] = numbers.get(term.name, (None, None))
        row[term.column] = adds.get(term.name, 0.0)
    return row


def away(address: str) -> dict[str, Any]:
    """A main contact whose mail program answered for them."""
    since = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    return {"address": address, "name": address, "away_since": since, "bounced_at": None}


def worse(term: RiskTerm) -> tuple[float, float]:
    """Numbers that say by themselves that it got worse."""
    assert term.feature is not None
    return (7.0, 1.0) if term.feature.sign > 0 else (1.0, 7.0)


@settings(deadline=None, max_examples=100)
@given(
    st.dictionaries(st.sampled_from([term.name for term in TERMS]), st.tuples(_NUMBERS, _NUMBERS)),
    st.dictionaries(st.sampled_from([term.name for term in TERMS]), _ADDS),
    st.floats(0, 1),
)
def test_reasons_are_what_raises_the_risk(
    numbers: dict[str, tuple[float | None, float | None]], adds: dict[str, float], quiet_share: float
) -> None:
    """Reasons stand by share; each is one theme of one cause, raises the risk, and is a whole sentence."""
    found = reasons(row_of(numbers, adds, quiet_share=quiet_share), TERMS)
    shares = [reason["share"] for reason in found]
    assert shares == sorted(shares, reverse=True)
    assert all(share >= LEAST_SHARE for share in shares)
    assert sum(shares) <= 1 + 1e-9
    assert len({(reason["cause"], reason["mark"]) for reason in found}) == len(found)
    raising = {(BY_NAME[name].cause, BY_NAME[name].theme) for name, added in adds.items() if added > 0}
    for reason in found:
        assert (reason["cause"], reason["mark"]) in raising
        assert reason["mark"] in THEMES
        assert reason["value"] is not None
        assert TEXTS.search(reason["text"]) is None, reason["text"]
        assert reason["text"].endswith(".")


def test_terms_of_one_theme_are_one_reason_with_the_number_of_the_largest() -> None:
    """A reason has all positive terms of its theme, and its share of its cause's part of the risk."""
    adds = {"inbound_30": 0.3, "active_days_60": 0.4, "our_silence": 0.2, "contacts": 0.1, "urgency": -0.5}
    numbers = {name: worse(BY_NAME[name]) for name in adds}
    found = reasons(row_of(numbers, adds, quiet_share=0.25), TERMS)
    assert [(one["mark"], one["signal"], round(one["share"], 12)) for one in found] == [
        ("silence", "inbound", 0.525),
        ("service", "days_since_outbound", 0.15),
        ("people", "active_contacts", 0.075),
    ]
    assert found[0]["text"] == "They wrote on 1 of the last 60 days (usually 7)."


def test_the_same_theme_may_stand_in_both_causes() -> None:
    """Rare mail and less mail than before are two things to know."""
    adds = {"pace": 1.0, "days_since": 0.5, "inbound_30": 0.3}
    numbers = {name: worse(BY_NAME[name]) for name in adds}
    found = reasons(row_of(numbers, adds, quiet_share=0.9), TERMS)
    assert [(one["cause"], one["mark"], one["text"]) for one in found] == [
        ("quiet", "silence", "They write on 1 day a quarter (typical customer: 7)."),
        ("leaving", "silence", "They sent 1 email in the last 30 days (usually 7)."),
    ]


@pytest.mark.parametrize(("value", "usual"), [(9.0, 2.0), (2.0, 2.04), (2.0, None), (None, 2.0)])
def test_an_improvement_is_no_reason(value: float | None, usual: float | None) -> None:
    """Who falls back only against the other accounts, or by too little to be seen, is not told of it."""
    assert reasons(row_of({"inbound_30": (value, usual)}, {"inbound_30": 1.0}), TERMS) == []


def test_a_reason_with_little_of_the_risk_is_not_told() -> None:
    """Under a twentieth of the risk there is nothing to say."""
    adds = {"inbound_30": 0.951, "our_silence": 0.049}
    numbers = {name: worse(BY_NAME[name]) for name in adds}
    assert [one["mark"] for one in reasons(row_of(numbers, adds, quiet_share=0.0), TERMS)] == ["silence"]


def test_every_sentence_reads_well_for_none_one_and_many() -> None:
    """With 0, 1 and many each sentence keeps its grammar."""
    for term in TERMS:
        for numbers in ((0.0, 1.0), (1.0, 0.0), (1.0, 7.0), (30.0, 12.5)):
            for reason in reasons(row_of({term.name: numbers}, {term.name: 1.0}), TERMS):
                assert TEXTS.search(reason["text"]) is None, reason["text"]


def test_money_has_its_currency() -> None:
    """The reason on ARR shows the currency of the account list."""
    term = term_of("leaving", "revenue", BY_NAME_OF_INPUT["revenue"])
    row = {
        term.column: 1.0,
        "value revenue": 15_200.0,
        "usual revenue": None,
        "quiet_share": 0,
        "leaving_share": 1,
    }
    (reason,) = reasons({**row, "currency": "EUR"}, [term])
    assert reason["text"] == "Their ARR is €15,200."


def test_too_little_sight_has_a_reason() -> None:
    """An account that is not judged says how much of its mail is missing; that has no cause and no share."""
    (found,) = too_little_sight({"visibility_gap_90": 0.62})
    assert (found["cause"], found["share"], found["value"]) == (None, None, 0.62)
    assert found["text"] == "62% of the emails that theirs refer to are not visible."


@pytest.mark.parametrize(
    ("absence", "says"),
    [
        ({"away_contacts": 1}, " One of their contacts is away (automatic reply)."),
        ({"away_contacts": 3}, " 3 of their contacts are away (automatic replies)."),
        (
            {"away_contacts": 2, "main_contacts": [away("ana@x.test")]},
            " ana@x.test is away (automatic reply of 2 Mar 2026).",
        ),
        (
            {"away_contacts": 2, "main_contacts": [away("ana@x.test"), away("bo@x.test")]},
            " ana@x.test and bo@x.test are away (automatic replies).",
        ),
    ],
)
def test_a_silence_says_who_is_away(absence: dict[str, Any], says: str) -> None:
    """Holidays explain a silence; a reason of another kind has nothing to do with them."""
    for term in TERMS:
        row = row_of({term.name: worse(term)}, {term.name: 1.0}) | absence
        (reason,) = reasons(row, TERMS)
        assert reason["text"].endswith(says) == (reason["signal"] in SILENCE)


def with_marks(*names: str) -> dict[str, Any]:
    """An outlook in which some marks hold, by numbers that their sentences can tell of."""
    row: dict[str, Any] = {}
    for mark in MARKS:
        row |= {f"mark {mark.name}": mark.name in names}
        row |= {f"value {mark.name}": 1.0, f"before {mark.name}": 2.0}
    return row | {"chasers_30": 1, "chasers_30_before": 2, "urgent_30": 1, "urgent_30_before": 2}


def test_a_mark_whose_signal_drives_the_risk_is_not_told_twice() -> None:
    """What a reason says already is not also worth knowing; other marks are, the gravest first."""
    told: list[Reason] = [{"signal": "urgent"}]
    also = also_worth_knowing(with_marks("urgent", "chasing"), MARKS, told)
    assert [(one["mark"], one["signal"], one["value"], one["before"]) for one in also] == [
        ("chasing", "chasers", 1.0, 2.0)
    ]
    assert len(also_worth_knowing(with_marks("urgent", "chasing"), MARKS, [])) == 2


def test_marks_read_nothing_but_the_outlook_and_null_is_no() -> None:
    """A mark whose figures are missing does not hold."""
    names = {name for mark in MARKS for name in mark.holds(Marks()).meta.root_names()}
    nothing = pl.DataFrame({name: [None] for name in sorted(names)})
    for mark in MARKS:
        assert not nothing.select(mark.holds(Marks()).fill_null(value=False)).item()
