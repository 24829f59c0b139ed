"""What may be said of an account at risk, and what is kept of it."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import pytest

from mailsignals.flags.feedback import UNDONE
from mailsignals.flags.feedback_rules import NOTE_LENGTH, ONCE, About, FeedbackRules, NotSaidError
from mailsignals.store.tables.feedback import FeedbackEntry
from tests.mailsignals.flags.records import BERLIN, at, book, feedback, on, recorded, said

NOW = at(3, 9)


def saying(
    scores: pl.DataFrame, *words: Mapping[str, Any], now: dt.datetime = NOW, **account: object
) -> FeedbackRules:
    """Ana, about A, on the fourth day unless it says otherwise."""
    row = {**book().row(0, named=True), **account}
    return FeedbackRules.of(
        row,
        by="ana",
        at=now,
        timezone=BERLIN,
        scores=scores,
        feedback=feedback(*words),
        recorded=not scores.is_empty(),
    )


def refused(say: Callable[[], object], about: About, *names: str) -> None:
    """Check that it may not be said, because of this, in a sentence that names these."""
    with pytest.raises(NotSaidError) as caught:
        say()
    assert caught.value.about is about
    for name in names:
        assert name in str(caught.value)


def test_what_is_said_is_kept_with_who_and_when() -> None:
    """A day or an event, a day of leaving, a note without the spaces around it."""
    ana = saying(recorded("hhh"))
    kept: dict[str, Any] = {"account_id": "A", "given_at": NOW, "given_by": "ana"}
    assert ana.snoozed(on(9), " call ") == FeedbackEntry(
        **kept, kind="snoozed", until="2026-03-11", note="call"
    )
    assert ana.snoozed("worse", "") == FeedbackEntry(**kept, kind="snoozed", until="worse")
    assert ana.dismissed("fine") == FeedbackEntry(**kept, kind="dismissed", note="fine")
    assert ana.saved(None) == FeedbackEntry(**kept, kind="saved")
    assert ana.churned(None, None) == FeedbackEntry(**kept, kind="churned", churned_on=on(3))
    assert ana.churned(on(30), None) == FeedbackEntry(**kept, kind="churned", churned_on=on(30))


def test_only_an_open_flag_is_snoozed_and_until_a_later_day() -> None:
    """The day of the company counts; a recovered flag may still be dismissed or saved for 120 days."""
    late = at(3, 23)  # the fifth day in Berlin
    refused(lambda: saying(recorded("hhh"), now=late).snoozed(on(4), None), About.UNTIL, "2026-03-06")
    assert saying(recorded("hhh"), now=late).snoozed(on(5), None).until == "2026-03-07"
    recovered = recorded("hlll")
    refused(lambda: saying(recovered).snoozed("worse", None), About.FLAG, "no open flag")
    assert saying(recovered, now=at(120)).saved(None).kind == "saved"
    refused(lambda: saying(recovered, now=at(121)).saved(None), About.FLAG, "120 days")
    refused(lambda: saying(recorded("lll")).dismissed("x"), About.FLAG, "A (A)")
    refused(lambda: saying(recorded("")).saved(None), About.RECORD)


def test_a_dismissal_says_why_and_no_note_is_endless() -> None:
    """White space is no reason."""
    refused(lambda: saying(recorded("h")).dismissed(" \n"), About.NOTE)
    assert saying(recorded("h")).saved("x" * NOTE_LENGTH).note == "x" * NOTE_LENGTH
    refused(lambda: saying(recorded("h")).saved("x" * (NOTE_LENGTH + 1)), About.NOTE, "1,000")


def test_who_left_has_left_once_and_not_before_it_came() -> None:
    """By the account book or by somebody's word; a flag is not needed."""
    known = saying(recorded("h"), churned_on=on(1))
    refused(lambda: known.churned(None, None), About.CHURNED_ON, "2026-03-03")
    told = said("churned", 1, hour=12, churned_on=on(1))
    refused(lambda: saying(recorded("h"), told).churned(None, None), About.CHURNED_ON, "2026-03-03")
    early = saying(recorded("h"), started_on=on(0))
    refused(lambda: early.churned(on(-1), None), About.CHURNED_ON, "started on 2026-03-02")
    assert saying(recorded("")).churned(on(0), None).churned_on == on(0)


@pytest.mark.parametrize("kind", ["snoozed", "dismissed", "saved", "churned"])
def test_the_same_within_minutes_is_said_once(kind: str) -> None:
    """A page that is sent twice, or a link that is opened twice: what is kept is the first; later it is another."""
    scores = recorded("hhh")

    def say(ana: FeedbackRules, note: str = "why") -> FeedbackEntry:
        match kind:
            case "snoozed":
                return ana.snoozed(on(9), note)
            case "churned":
                return ana.churned(on(3), note)
            case _:
                return ana.dismissed(note) if kind == "dismissed" else ana.saved(note)

    first = say(saying(scores))
    row = {name: getattr(first, name) for name in feedback().columns}
    assert say(saying(scores, row, now=NOW + ONCE - dt.timedelta(seconds=1))) == first
    taken_back = said(UNDONE, 3, hour=10)
    assert say(saying(scores, row, taken_back, now=NOW + dt.timedelta(hours=2))).given_at > NOW
    if kind != "churned":
        assert say(saying(scores, row, now=NOW + ONCE)).given_at == NOW + ONCE
        assert say(saying(scores, row, now=NOW + dt.timedelta(seconds=1)), "another").note == "another"


def test_two_words_at_one_instant_are_both_kept() -> None:
    """An account and an instant have one word, so the second comes a microsecond later."""
    word = said("snoozed", 3, hour=9, until="worse")
    assert saying(recorded("h"), word).saved(None).given_at == NOW + dt.timedelta(microseconds=1)


def test_the_last_word_is_taken_back() -> None:
    """Whichever that is, or one in particular: not if something was said since, and only once."""
    first, last = said("snoozed", 1, until="worse"), said("saved", 2)
    both = saying(recorded("hhh"), first, last)
    assert both.undone() == FeedbackEntry(account_id="A", given_at=NOW, given_by="ana", kind=UNDONE)
    assert both.undone(at(2, 12)) == both.undone()
    refused(lambda: both.undone(at(1, 12)), About.ACCOUNT, "newer feedback")
    assert saying(recorded("hhh"), first, last, said(UNDONE, 2, hour=13)).undone(at(2, 12)) is None
    refused(lambda: saying(recorded("hhh")).undone(), About.ACCOUNT, "no feedback to undo")
    assert saying(recorded("hhh")).undone(at(2, 12)) is None
