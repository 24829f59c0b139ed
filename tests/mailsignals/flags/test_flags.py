"""The life of a flag, a rule a test."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from mailsignals.flags.feedback import with_departures
from mailsignals.flags.flags import FLAG_SCHEMA, hidden_accounts, visible_flags
from tests.mailsignals.flags import records
from tests.mailsignals.flags.records import (
    BERLIN,
    OF_BEFORE,
    at,
    feedback,
    flags_at,
    on,
    recorded,
    said,
    states,
)

SNOOZE: dict[str, Any] = {"until": on(6).isoformat()}


def test_a_flag_enters_and_persists_once_high_on_two_of_three_days() -> None:
    """It is entering until two of the last three recorded days were high, and persists from then on."""
    assert states(4, recorded("hhml")) == ["entering", "persisting", "persisting", "persisting"]
    assert states(4, recorded("hmhm")) == ["entering", "entering", "persisting", "persisting"]
    assert states(3, recorded("lmh")) == ["-", "-", "entering"]


def test_a_flag_recovers_after_three_days_in_a_row_that_are_not_high() -> None:
    """One day below does not close it, three do; it closes on the third."""
    scores = recorded("hhmmhmll")
    assert states(8, scores) == ["entering", *["persisting"] * 6, "recovered"]
    (row,) = flags_at(8, scores).to_dicts()
    assert (row["closed_on"], row["since_at"], row["by"]) == (on(7), at(7), None)


def test_days_that_are_not_recorded_or_not_judged_change_nothing() -> None:
    """While the service was down, or an account is out of sight, nothing opens, closes or persists."""
    assert states(9, recorded("h  m m m"))[-1] == "recovered"
    assert states(9, recorded("h       "))[-1] == "entering"
    assert states(9, recorded("hm??????m")) == ["entering"] * 9
    assert states(2, recorded("?l")) == ["-", "-"]


def test_what_comes_back_within_sixty_days_is_the_same_flag() -> None:
    """High again within the cool-down after it opened, it is the flag of old, persisting; later it is another."""
    scores = pl.concat([recorded("hmmm"), recorded("h", start=59), recorded("hmmm", start=80)])
    (row,) = flags_at(59, scores).to_dicts()
    assert (row["opened_on"], row["state"], row["closed_on"]) == (on(0), "persisting", None)
    assert row["since_at"] == at(59)
    later = pl.concat([recorded("hmmm"), recorded("h", start=60)])
    assert flags_at(60, later)["opened_on"].to_list() == [on(0), on(60)]
    assert flags_at(60, later)["state"].to_list() == ["recovered", "entering"]


def test_a_flag_that_stays_open_stays_one() -> None:
    """However long it takes, what never recovered is no second flag."""
    assert flags_at(200, recorded("h" * 200)).height == 1


def test_a_snooze_lasts_until_its_day() -> None:
    """Until the day before it is snoozed, with who and why; on the day it is back."""
    word = said("snoozed", 1, **SNOOZE, note="on holiday")
    assert states(8, recorded("hhhhhhhh"), word)[1:] == ["snoozed"] * 5 + ["persisting"] * 2
    (row,) = flags_at(5, recorded("hhhhhhhh"), word).to_dicts()
    assert (row["by"], row["until"], row["note"]) == ("ana", on(6).isoformat(), "on holiday")
    assert row["since_at"] == at(1, 12)


def test_what_is_snoozed_recovers_and_churns_all_the_same() -> None:
    """A snooze hides a flag and stops nothing; what comes back before its day is still snoozed."""
    word = said("snoozed", 1, until=on(9).isoformat())
    assert states(9, recorded("hhlllhhhh"), word)[2:6] == ["snoozed", "snoozed", "recovered", "snoozed"]
    assert states(5, recorded("hhhhh"), word, churned={"A": on(4)})[-1] == "churned"


@pytest.mark.parametrize(
    "figures",
    [
        [{"risk": 0.2}, {"risk": 0.29}, {"risk": 0.31}],
        [{**OF_BEFORE, "score": score} for score in (90.0, 94.0, 95.0)],
    ],
)
def test_a_snooze_until_it_gets_worse(figures: list[dict[str, Any]]) -> None:
    """It ends when the risk is half as much again; on days of before, when half as many accounts looked worse."""
    scores = pl.concat([recorded("h", start=day, **figure) for day, figure in enumerate(figures)])
    told = states(len(figures), scores, said("snoozed", 0, until="worse"))
    assert told == ["snoozed", "snoozed", "persisting"]


def test_what_is_worse_is_seen_by_one_method() -> None:
    """After a change the first day by the new method is what later ones are compared with."""
    risks = [("quiet+scorecard", 0.2), ("churn-b", 0.6), ("churn-b", 0.8), ("churn-b", 0.9)]
    scores = pl.concat(
        [recorded("h", start=day, source=source, risk=risk) for day, (source, risk) in enumerate(risks)]
    )
    assert states(4, scores, said("snoozed", 0, until="worse")) == [*["snoozed"] * 3, "persisting"]


def test_a_snooze_until_it_returns() -> None:
    """It ends when the account is at high risk after it recovered, not when it stays so."""
    word = said("snoozed", 1, until="returns")
    assert states(8, recorded("hhhmmmlh"), word)[1:] == ["snoozed"] * 4 + ["recovered"] * 2 + ["persisting"]


@pytest.mark.parametrize("kind", ["dismissed", "saved"])
def test_what_a_person_closed_stays_away_for_the_cool_down(kind: str) -> None:
    """For sixty days nothing opens, whatever is recorded; a high risk after them opens a new flag."""
    word = said(kind, 2, note="they are fine")
    found = flags_at(61, recorded("h" * 70), word)
    assert found.select("state", "closed_on", "by", "note", "until").rows() == [
        (kind, on(2), "ana", "they are fine", on(62).isoformat())
    ]
    assert flags_at(62, recorded("h" * 70), word)["opened_on"].to_list() == [on(0), on(62)]


def test_a_recovered_flag_can_be_said_to_be_saved() -> None:
    """Who was called often recovers before anybody says why; the flag is closed on the day it recovered."""
    (row,) = flags_at(9, recorded("hhlllllll"), said("saved", 8)).to_dicts()
    assert (row["state"], row["closed_on"]) == ("saved", on(4))


def test_the_last_word_counts() -> None:
    """A flag that was dismissed and then saved is saved; one that churned stays so."""
    scores = recorded("hhhhh")
    assert states(4, scores, said("dismissed", 1), said("saved", 2))[1:3] == ["dismissed", "saved"]
    assert states(4, scores, said("churned", 1, churned_on=on(1)), said("saved", 2))[-1] == "churned"


def test_who_left_by_the_book_or_by_somebodys_word_has_churned() -> None:
    """The flag closes on the day; the book says so without a name; nothing opens any more."""
    (row,) = flags_at(90, recorded("h" * 90), churned={"A": on(3)}).to_dicts()
    assert (row["state"], row["closed_on"], row["churned_on"], row["by"]) == ("churned", on(3), on(3), None)
    word = said("churned", 5, churned_on=on(4), note="signed elsewhere")
    (row,) = flags_at(90, recorded("h" * 90), word).to_dicts()
    assert (row["state"], row["closed_on"], row["churned_on"], row["by"]) == ("churned", on(5), on(4), "ana")


def test_a_departure_that_lies_ahead_is_not_known() -> None:
    """A churn date of the book counts from its day on, and what was said of one is no departure before."""
    assert states(3, recorded("hhh"), churned={"A": on(3)})[-1] == "persisting"
    (row,) = flags_at(2, recorded("hhh"), said("churned", 1, churned_on=on(9))).to_dicts()
    assert (row["state"], row["churned_on"]) == ("churned", None)


def test_what_was_said_last_can_be_taken_back() -> None:
    """Undoing brings back what was said before; undoing more than was said is harmless."""
    words = [said("snoozed", 0, **SNOOZE), said("dismissed", 1), said("undone", 2), said("undone", 3)]
    told = states(6, recorded("hhhhhh"), *words, said("undone", 4))
    assert told == ["snoozed", "dismissed", "snoozed", "persisting", "persisting", "persisting"]


def test_a_flag_says_how_it_was_and_how_it_is() -> None:
    """Risk and source at opening and on the last day that was judged."""
    scores = pl.concat(
        [
            recorded("h", **OF_BEFORE),
            recorded("m", start=1, risk=0.1, source="churn-1"),
            recorded("?", start=2),
        ]
    )
    found = flags_at(2, scores)
    assert found.schema == FLAG_SCHEMA
    assert found.select("opening_risk", "opening_source").row(0) == (None, "scorecard")
    assert found.select("level", "risk", "source").row(0) == ("medium", 0.1, "churn-1")


def test_accounts_that_left_the_book_have_no_flags() -> None:
    """Nothing is known of them any more."""
    assert flags_at(1, recorded("hh"), accounts="B").is_empty()


def test_who_is_away_is_not_told_of() -> None:
    """Snoozed, dismissed within the cool-down, churned by somebody's word, or held back while the flag may return."""
    scores = pl.concat(
        [recorded("hh", name) for name in "ABCDEF"]
        + [recorded("hhlll", "G", held_back=True), recorded("hhhhh", "H", held_back=True)]
    )
    words = [
        said("snoozed", 1, "A", **SNOOZE),
        said("dismissed", 1, "B"),
        said("saved", 1, "C"),
        said("churned", 1, "D", churned_on=on(40)),
    ]
    found = flags_at(4, scores, *words, accounts="ABCDEFGH", churned={"E": on(3)})
    assert hidden_accounts(found, as_of=at(4, 20), timezone=BERLIN).rows() == [
        ("A", "snoozed"),
        ("B", "dismissed"),
        ("C", "saved"),
        ("D", "churned"),
        ("E", "churned"),
        ("G", "held back"),
        ("H", "held back"),
    ]
    long_after = flags_at(60, scores, accounts="GH")
    assert hidden_accounts(long_after, as_of=at(60, 20), timezone=BERLIN)["account_id"].to_list() == ["H"]
    later = flags_at(61, scores, *words, accounts="B")
    assert hidden_accounts(later, as_of=at(61, 20), timezone=BERLIN).is_empty()
    assert set(visible_flags(found)["account_id"]) == set("ABCDEF")


def test_the_riskiest_open_flag_is_shown_first() -> None:
    """Persisting, entering, snoozed, then the closed ones, the newest first."""
    scores = pl.concat(
        [
            recorded("hh", "A", risk=0.3),
            recorded("hh", "B", risk=0.5),
            recorded(" h", "C"),
            recorded("hh", "D"),
            recorded("hh", "E"),
            recorded("hh", "F"),
        ]
    )
    words = [said("snoozed", 1, "D", **SNOOZE), said("saved", 1, "E"), said("saved", 2, "F")]
    assert visible_flags(flags_at(2, scores, *words, accounts="ABCDEF"))["account_id"].to_list() == list(
        "BACDFE"
    )


def test_a_departure_somebody_told_of_is_one_where_the_book_has_none() -> None:
    """The book goes first; nothing else that people say, and nothing they took back or said later, makes one."""
    words = feedback(
        said("churned", 1, "A", churned_on=on(0)),
        said("churned", 1, "B", churned_on=on(0)),
        said("saved", 1, "C"),
        said("churned", 1, "D", churned_on=on(0)),
        said("undone", 2, "D"),
        said("churned", 9, "E", churned_on=on(0)),
    )
    known = with_departures(records.book(*"ABCDE", churned={"A": on(7)}), words, as_of=at(3))
    assert known["churned_on"].to_list() == [on(7), on(0), None, None, None]
    assert known.columns == records.book().columns


def test_a_word_belongs_to_its_day_in_the_companys_time_zone() -> None:
    """What is said at half past eleven in the evening, UTC, is said the day after in Berlin."""
    late = said("saved", 1, given_at=dt.datetime.combine(on(1), dt.time(23, 30), dt.UTC))
    assert flags_at(3, recorded("hhhh"), late)["closed_on"].to_list() == [on(2)]
