"""Risk in words: bands without decimals, churn signals until a model is in use, and what is calibrated."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsignals.wording.money import money_words
from mailsignals.wording.risk import (
    NO_LEVEL,
    STATES,
    back_again_words,
    band,
    cause_name,
    chance_of,
    chance_words,
    check_words,
    churn_signals,
    count_words,
    model_of,
    track_record_lines,
    track_record_words,
)

QUIET, CHURN = "about a 1-in-3 chance of going quiet", "about a 1-in-10 chance of churning"


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "under 1 in 20"),
        (0.049, "under 1 in 20"),
        (0.05, "about 1 in 10"),
        (0.2, "about 1 in 5"),
        (0.3, "about 1 in 3"),
        (0.4, "about 2 in 5"),
        (0.5, "over half"),
        (1.0, "over half"),
    ],
)
def test_a_chance_is_shown_in_bands(probability: float, words: str) -> None:
    """Each chance has the words of its band; from one half on it is over half."""
    assert band(probability) == words


def test_a_chance_reads_well_in_a_sentence() -> None:
    """The band stands before the event, with its article."""
    assert chance_of("going quiet", 0.01) == "under a 1-in-20 chance of going quiet"
    assert chance_of("going quiet", 0.4) == "about a 2-in-5 chance of going quiet"
    assert chance_of("going quiet", 0.5) == "more than a 50% chance of going quiet"


@given(st.floats(0, 1))
def test_no_band_has_decimals(probability: float) -> None:
    """However fine a chance is, its words are not, alone or in a sentence."""
    for words in (band(probability), chance_of("churning", probability)):
        assert "." not in words


@pytest.mark.parametrize(("leaving", "words"), [(0.03, "none"), (0.06, "some"), (0.1, "strong")])
def test_churn_signals_are_counted_against_the_usual_chance(leaving: float, words: str) -> None:
    """An account as usual has none; whoever changed much stands out, however much churn is expected."""
    assert churn_signals(leaving, churn_a_year=0.12) == words
    odds = leaving / (1 - leaving) / (0.03 / 0.97) * (0.1 / 0.9)
    assert churn_signals(odds / (1 + odds), churn_a_year=0.4) == words


def test_a_certain_chance_is_a_strong_signal() -> None:
    """A chance of one has no finite odds, and is told all the same."""
    assert churn_signals(1.0, churn_a_year=0.12) == "strong"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("quiet+scorecard", [QUIET, "churn signals: strong"]),
        ("quiet+leaving-7", [QUIET, CHURN]),
        ("leaving-7", [CHURN, QUIET]),
    ],
)
def test_only_a_model_says_how_likely_churn_is(source: str, words: list[str]) -> None:
    """Without a model there are signals; with one there is a chance, which stands first where it sets the order."""
    row = {"quiet": 0.3, "leaving": 0.12, "source": source}
    assert chance_words(row, churn_a_year=0.12) == words


def test_the_second_cause_is_churn_only_by_a_model() -> None:
    """Changes against their own past are signals of churn; only churn dates make a chance of churn of them."""
    assert [cause_name("leaving", each) for each in ("quiet+scorecard", "quiet+churn-1", "churn-1")] == [
        "churn signals",
        "churn",
        "churn",
    ]
    assert cause_name("quiet", "churn-1") == "going quiet"


def test_an_unknown_chance_has_no_words() -> None:
    """Of an account without enough sight quiet alone is told; of one who never wrote nothing."""
    row = {"quiet": 0.3, "leaving": None, "source": "quiet+scorecard"}
    assert chance_words(row, churn_a_year=0.12) == [QUIET]
    assert chance_words({**row, "quiet": None}, churn_a_year=0.12) == []


def test_the_model_behind_a_source() -> None:
    """The source names the model, also where its chance is one of two causes."""
    assert [model_of(each) for each in ("quiet+scorecard", "quiet+leaving-7", "leaving-7", None)] == [
        None,
        "leaving-7",
        "leaving-7",
        None,
    ]


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (None, "Silent for 108 days."),
        (0.33, "Silent for 108 days. About 1 in 3 customers silent that long wrote again within 90 days."),
        (0.4, "Silent for 108 days. About 2 in 5 customers silent that long wrote again within 90 days."),
        (
            0.01,
            "Silent for 108 days. Fewer than 1 in 20 customers silent that long wrote again within 90 days.",
        ),
        (
            0.7,
            "Silent for 108 days. More than half of customers silent that long wrote again within 90 days.",
        ),
    ],
)
def test_a_silence_is_not_told_as_the_end(back: float | None, words: str) -> None:
    """A silence is told with how many come back after one as long, if that is known."""
    assert back_again_words(108, back) == words


@dataclasses.dataclass(frozen=True, kw_only=True)
class Record:
    """How often a level came true."""

    level: str = "high"
    n: int = 143
    share: float | None = 0.61
    all_share: float | None = 0.28


def test_a_level_is_told_with_its_record() -> None:
    """Beside a level stands how often it came true, against all accounts, and of how many cases."""
    assert track_record_words(Record()) == (
        "61% of 143 accounts at high risk a quarter ago have not written since, against 28% of all accounts."
    )


def test_without_a_share_the_number_of_cases_is_shown() -> None:
    """With too few cases for a share, the sentence says so."""
    told = track_record_words(Record(share=None))
    assert told == "No track record of high risk yet: too few of 143 accounts went silent."
    assert "%" not in told


def test_one_sentence_says_that_no_level_has_a_track_record() -> None:
    """Where some level has one, each level has a sentence."""
    without = [Record(share=None), Record(level="low", n=57, share=None)]
    assert track_record_lines(without) == [
        "No track record of levels yet: too few of 200 accounts went silent."
    ]
    assert len(track_record_lines([Record(), *without])) == 3
    assert track_record_lines([]) == []


def test_the_list_says_what_it_is_calibrated_on() -> None:
    """Without churn dates the list says that churn signals are not calibrated, and what to do."""
    told = check_words(quarters=8, churned=0, source="quiet+scorecard", all_write_often=False)
    assert told == (
        "Chances of going quiet are calibrated on your last 8 quarters. Churn signals are not calibrated yet. "
        "Add churn dates to the account list, then run `mailsignals train`."
    )


def test_where_all_write_daily_silence_says_little() -> None:
    """Where nearly all customers write every week, the order comes from changes, and the list says so."""
    told = check_words(quarters=8, churned=0, source="quiet+scorecard", all_write_often=True)
    assert told == (
        "Nearly all customers write often, so changes against their own past set the order. "
        "Churn signals are not calibrated yet. "
        "Add churn dates to the account list, then run `mailsignals train`."
    )


def test_nothing_is_called_calibrated_that_is_not() -> None:
    """Without a silence that is over, nothing is calibrated; known churn dates are not requested again."""
    told = check_words(quarters=0, churned=3, source="quiet+scorecard", all_write_often=False)
    assert "not calibrated on your own mail yet" in told
    assert "Training needs at least 5 churned accounts; found 3." in told
    assert "Add churn dates" not in told


def test_with_enough_churn_dates_the_next_step_is_training() -> None:
    """With enough churned accounts, the list names the command that calibrates churn."""
    told = check_words(quarters=4, churned=14, source="quiet+scorecard", all_write_often=False)
    assert told.endswith("not calibrated yet. 14 churned accounts are known; run `mailsignals train`.")


def test_a_model_is_named() -> None:
    """Chances of churn are shown with the model that they come from."""
    told = check_words(quarters=4, churned=30, source="quiet+leaving-7", all_write_often=False)
    assert "the model leaving-7" in told
    assert "not calibrated yet" not in told


def test_every_account_is_counted_once() -> None:
    """The counts by level and state add up to all accounts."""
    states = dict.fromkeys(STATES, 1) | {"active": 237}
    told = count_words({"high": 6, "medium": 31, "low": 200}, states)
    assert told.startswith("6 at high risk, 31 at medium risk, 200 at low risk, 1 rarely writes, 1 new, ")
    assert sum(int(part.split()[0]) for part in told.split(", ")) == sum(states.values())


def test_every_state_without_a_level_says_why() -> None:
    """Unknown is never low: whoever has no level is told why."""
    assert set(NO_LEVEL) == set(STATES) - {"active"}


def test_money_is_told_only_where_it_is_known() -> None:
    """ARR at high risk stands first; an expected loss is told once it may be."""
    assert money_words(None, None, None) is None
    assert money_words(120000.0, 1234000.0, None) == "ARR at high risk: 120,000 of 1,234,000."
    assert money_words(None, 10.0, 3.0) == "ARR at high risk: 0 of 10. Expected loss within 90 days: 3."
