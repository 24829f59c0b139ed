"""``mailsignals flag``: the record, the list, and what people say."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from mailsignals import clock
from mailsignals.flags.flags import FLAG_SCHEMA
from mailsignals.store import Store
from tests.mailsignals import small_company
from tests.mailsignals.cli.program import Program

DAY = small_company.AS_OF
QUIET = "A01"
TOMORROW = f"{clock.now().date() + dt.timedelta(days=2)}"


def flag_of(run: Program, account: str, *options: str) -> dict[str, Any]:
    """The only flag of an account among those listed."""
    (row,) = [row for row in run("flag", "--json", *options).json if row["account_id"] == account]
    return dict(row)


@pytest.mark.slow
def test_a_day_is_recorded_once(run: Program, stocked: Path) -> None:
    """The first time it says what it came to, the second time that it was recorded already; both are fine."""
    first, second = run("flag", "record", "--as-of", DAY), run("flag", "record", "--as-of", f"{DAY}T12:00")
    assert (first.status, second.status) == (0, 0)
    assert first.err == "2026-03-02: recorded 12 accounts. 2 flags opened, 0 closed; 2 open now.\n"
    assert second.err == "2026-03-02 was already recorded, at 2026-03-02, and is unchanged.\n"


@pytest.mark.slow
def test_what_cannot_be_recorded_is_refused(run: Program, flagged: Path) -> None:
    """A day that is to come."""
    run("flag", "record", "--as-of", "2999-01-01").refused("in the future")


def test_the_list_has_what_is_open_and_json_every_column(run: Program, flagged: Path) -> None:
    """Open flags, or all of them, or one CSM's."""
    shown = run("flag")
    assert "Customer 1" in shown.out
    assert "Last recorded day: 2026-03-02." in shown.err
    rows = run("flag", "--json").json
    assert {row["account_id"] for row in rows} == set(small_company.QUIET)
    assert set(rows[0]) == {*FLAG_SCHEMA.names(), "name", "csm"}
    for csm, account in (("ANA@us.test", "A01"), ("bo@us.test", "A02")):
        assert [row["account_id"] for row in run("flag", "--csm", csm, "--json").json] == [account]
    run("flag", "--csm", "x@us.test").refused("x@us.test", "ana@us.test")
    assert run("flag", "--as-of", "2026-03-01").out == "No open flags.\n"


def test_what_is_said_is_shown_with_who_and_why(run: Program, flagged: Path) -> None:
    """Snoozed, taken back, dismissed: the list and the digest follow."""
    said = run("flag", "snooze", QUIET, "--until", TOMORROW, "--by", "ana", "--note", "call on Monday")
    assert said.err == f"A01 (Customer 1): snoozed until {TOMORROW}, by ana.\n"
    row = flag_of(run, QUIET)
    assert (row["state"], row["by"], row["note"]) == ("snoozed", "ana", "call on Monday")
    assert f"until {TOMORROW}, by ana: call on Monday" in run("flag").out
    assert run("flag", "undo", QUIET, "--by", "bo").err == (
        "A01 (Customer 1): no longer snoozed (feedback by ana), by bo.\n"
    )
    assert flag_of(run, QUIET)["state"] == "entering"
    run("flag", "dismiss", QUIET, "--note", "seasonal", "--by", "ana")
    assert QUIET not in {row["account_id"] for row in run("flag", "--json").json}
    assert flag_of(run, QUIET, "--all")["state"] == "dismissed"
    assert "1 closed flag listed with --all." in run("flag").err


def test_who_left_by_somebodys_word_has_churned(run: Program, flagged: Path) -> None:
    """By the day that was given; who left already is refused."""
    said = run("flag", "churned", QUIET, "--on", "2026-03-01", "--by", "ana")
    assert said.err == "A01 (Customer 1): churned on 2026-03-01, by ana.\n"
    run("flag", "churned", QUIET).refused("2026-03-01")
    assert flag_of(run, QUIET, "--all")["state"] == "churned"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("snooze", "A1", "--until", TOMORROW), ["A1", "account list"]),
        (("snooze", "A07", "--until", TOMORROW), ["A07", "no open flag"]),
        (("snooze", QUIET, "--until", "2026-01-01"), ["2026-01-01", "later date"]),
        (("snooze", QUIET, "--until", "soon"), ["soon", "worse", "returns"]),
        (("dismiss", QUIET, "--note", " "), ["--note"]),
        (("dismiss", QUIET), ["--note"]),
        (("churned", QUIET, "--on", "then"), ["then", "2026-12-31"]),
        (("churned", QUIET, "--on", "2020-01-01"), ["2020-01-01", "2024-01-01"]),
        (("undo", QUIET), ["A01", "no feedback to undo"]),
    ],
)
def test_what_makes_no_sense_is_refused(
    run: Program, flagged: Path, words: tuple[str, ...], names: list[str]
) -> None:
    """In a sentence that says whose, and what to give instead; nothing is kept."""
    run("flag", *words).refused(*names)
    with Store.open(flagged / "store", mode="read") as store:
        assert store.feedback.frame().is_empty()


def test_without_a_record_there_is_no_flag_and_it_says_what_to_do(run: Program, stocked: Path) -> None:
    """An empty list is no error; a word about a flag is one."""
    ran = run("flag")
    assert (ran.status, ran.out) == (0, "No open flags.\n")
    assert "mailsignals flag record" in ran.err
    run("flag", "saved", QUIET).refused("mailsignals flag record")
    assert json.loads(run("flag", "--json").out) == []


def test_the_lesson_of_holding_back_is_an_object_with_its_figures(run: Program, flagged: Path) -> None:
    """In words for people."""
    text = run("flag", "--held-back").out
    assert "A comparison needs at least 30 of each." in text or "No holdout comparison yet." in text
    assert run("flag", "--held-back", "--json").json[0]["shown_left"] == 0


def test_help_lines_of_the_words_fit(run: Program) -> None:
    """Nothing is cut short at 80 columns."""
    listed = run("flag", "--help").out.split("Commands:\n")[1].splitlines()
    assert len(listed) == 6
    assert not [line for line in listed if line.endswith("...")]
