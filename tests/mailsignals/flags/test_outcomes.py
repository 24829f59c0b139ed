"""How far to believe flags, and what holding some back teaches."""

import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from mailsignals.flags.holdout import HoldoutEffect, holdout_effect, is_holdout
from mailsignals.flags.outcomes import Precision, judged_flags, precision
from mailsignals.flags.shares import NONE, share_difference, share_of
from tests.mailsignals.flags.records import BERLIN, at, flags_at, on, recorded, said

SECRET = b"only the store knows"


def became(day: int, *words: dict[str, object], churned: int | None = None) -> tuple[object, object]:
    """What became of a flag that opened on the first day, and since when that is known, on a day."""
    left = {} if churned is None else {"A": on(churned)}
    found = judged_flags(
        flags_at(day, recorded("hhh"), *words, churned=left), as_of=at(day, 20), timezone=BERLIN
    )
    return found.select("became", "known_on").row(0)


def test_a_flag_is_right_if_the_account_leaves_within_the_look_ahead() -> None:
    """On the 120th day it still is; a day later it was wrong all the same."""
    assert became(50, churned=120) == (None, None)
    assert became(120, churned=120) == ("left", on(120))
    assert became(121, churned=121) == ("nothing", on(120))
    assert became(121) == ("nothing", on(120))
    assert became(120) == (None, None)


def test_a_persons_word_settles_a_flag_unless_the_account_leaves() -> None:
    """Saved is right, dismissed is wrong; who leaves within the look-ahead after all was at risk."""
    assert became(9, said("saved", 5)) == ("kept", on(5))
    assert became(9, said("dismissed", 5)) == ("no risk", on(5))
    assert became(90, said("dismissed", 5), churned=80) == ("left", on(80))
    assert became(9, said("churned", 5, churned_on=on(4))) == ("left", on(4))


def test_what_churned_before_the_flag_was_not_warned_of() -> None:
    """A departure that somebody enters later, of before the flag, makes it no right one."""
    found = flags_at(200, recorded("hhh", start=5), said("churned", 7, churned_on=on(4)))
    assert judged_flags(found, as_of=at(200), timezone=BERLIN)["became"].to_list() == ["nothing"]


def precision_at(day: int, **flags: Any) -> Precision:
    """The precision on a day, of accounts by name: when they are high for three days, and what was said of them."""
    scores = pl.concat(
        [
            recorded("hhh", name, start=one["opens"], held_back=one.get("held_back"))
            for name, one in flags.items()
        ]
    )
    words = [said(str(one["kind"]), day - 1, name) for name, one in flags.items() if "kind" in one]
    found = flags_at(day, scores, *words, accounts=flags)
    return precision(found, as_of=at(day, 20), timezone=BERLIN)


def test_precision_is_of_the_flags_settled_in_the_last_quarter() -> None:
    """Right and wrong whenever they opened; what was settled earlier, or is held back, does not count."""
    found = precision_at(
        300,
        A={"opens": 250, "kind": "saved"},
        B={"opens": 251, "kind": "dismissed"},
        C={"opens": 120},
        D={"opens": 290},
        E={"opens": 10},
        F={"opens": 251, "kind": "saved", "held_back": True},
    )
    assert (found.right, found.wrong, found.open, found.n) == (1, 2, 1, 3)
    assert found.fair_from is None
    assert found.text == (
        "1 of 3 flags settled in the last quarter was right (33%; 95% interval 6% to 79%). 1 flag is undecided."
    )


def test_without_a_settled_flag_there_is_no_share() -> None:
    """A figure without a denominator is null, and said in words."""
    found = precision_at(20, A={"opens": 10}, B={"opens": 11})
    assert (found.n, found.share) == (0, NONE)
    assert found.text == "No flag was settled in the last quarter. 2 flags are undecided."


def test_young_flags_flatter_and_are_said_to() -> None:
    """Until 210 days after the first flag, wrong ones are missing that only waiting shows."""
    found = precision_at(100, A={"opens": 1, "kind": "saved"})
    assert found.fair_from == on(211)
    assert "The share is too high until 29 Sep 2026" in found.text


def test_a_single_settled_flag_has_no_share_to_speak_of() -> None:
    """One case is told as one case; none of several is said as none."""
    alone = precision_at(300, A={"opens": 250, "kind": "saved"})
    assert alone.text.startswith("The only flag settled in the last quarter was right. The share ")
    both = precision_at(300, A={"opens": 250, "kind": "dismissed"}, B={"opens": 251, "kind": "dismissed"})
    assert both.text.startswith("0 of 2 flags settled in the last quarter were right (0%; ")


@pytest.mark.parametrize(
    ("sources", "source", "told"),
    [
        (["scorecard", "quiet+scorecard"], "quiet+scorecard", "1 of them opened under an earlier method."),
        (["scorecard", "churn-a"], "quiet+scorecard", "All of them opened under an earlier method."),
        (["scorecard"], "quiet+churn-a", "It opened under an earlier method."),
        (["quiet+churn-a", "quiet+churn-b"], "quiet+churn-c", ""),
        (["scorecard"], None, ""),
    ],
)
def test_precision_names_flags_of_an_earlier_method(
    sources: list[str], source: str | None, told: str
) -> None:
    """How well a score warned says little of how well chances do; a model trained anew is no other method."""
    scores = pl.concat(
        [recorded("hhh", name, start=250, source=each) for name, each in zip("AB", sources, strict=False)]
    )
    words = [said("saved", 299, name) for name in "AB"[: len(sources)]]
    found = precision(
        flags_at(300, scores, *words, accounts="AB"), as_of=at(300, 20), timezone=BERLIN, source=source
    )
    assert told in found.text
    assert ("earlier method" in found.text) == bool(told)


@pytest.mark.slow
@given(of=st.integers(1, 400), data=st.data())
def test_the_interval_of_a_share_is_that_of_wilson(of: int, data: st.DataObject) -> None:
    """As SciPy has it, for any count."""
    count = data.draw(st.integers(0, of))
    found = share_of(count, of)
    known = binomtest(count, of).proportion_ci(0.95, method="wilson")
    assert found.value == count / of
    assert found.low == pytest.approx(known.low, abs=1e-6)
    assert found.high == pytest.approx(known.high, abs=1e-6)


def test_the_interval_of_a_difference_is_that_of_newcombe() -> None:
    """His own example (1998, table II): 56 of 70 against 48 of 80, 0.0524 to 0.3339."""
    found = share_difference(share_of(56, 70), share_of(48, 80))
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    assert share_difference(NONE, share_of(1, 2)) == share_difference(share_of(1, 2), NONE) == NONE


def test_a_draw_is_repeatable_and_takes_the_share_and_no_more() -> None:
    """The same flag is drawn the same way; of many, the share is drawn, as far as chance goes; a share of 0 is none."""
    ids = [f"A{number}" for number in range(4000)]
    drawings = [is_holdout(name, on(0), secret=SECRET, hold_back=0.2) for name in ids]
    assert drawings == [is_holdout(name, on(0), secret=SECRET, hold_back=0.2) for name in ids]
    assert abs(sum(drawings) / 4000 - 0.2) < 4 * math.sqrt(0.2 * 0.8 / 4000)
    assert not any(is_holdout(name, on(0), secret=SECRET, hold_back=0.0) for name in ids)
    assert drawings != [is_holdout(name, on(0), secret=b"another store's", hold_back=0.2) for name in ids]
    assert drawings != [is_holdout(name, on(1), secret=SECRET, hold_back=0.2) for name in ids]


def test_the_lesson_compares_flags_that_were_drawn_and_are_over() -> None:
    """What was not drawn, or has not lasted its 120 days, is left out of both sides."""
    drawn_by_lot = {"A": False, "B": False, "C": True, "D": True, "E": None}
    scores = pl.concat([recorded("hhh", name, held_back=held) for name, held in drawn_by_lot.items()])
    young = recorded("hhh", "F", start=100, held_back=True)
    found = flags_at(
        130, pl.concat([scores, young]), churned={"C": on(60), "E": on(60), "F": on(110)}, accounts="ABCDEF"
    )
    told = holdout_effect(found, as_of=at(130, 20), timezone=BERLIN)
    assert (told.shown, told.shown_left, told.held_back, told.held_back_left) == (2, 0, 2, 1)
    assert told.saved.value == 0.5
    assert told.text == (
        "0 of 2 accounts with a shown flag churned within 120 days, against 1 of 2 held out for comparison. "
        "A comparison needs at least 30 of each."
    )


def a_lesson(shown: int, shown_left: int, held_back: int, held_back_left: int) -> HoldoutEffect:
    """A lesson of these counts."""
    saved = share_difference(share_of(held_back_left, held_back), share_of(shown_left, shown))
    return HoldoutEffect(
        shown=shown, shown_left=shown_left, held_back=held_back, held_back_left=held_back_left, saved=saved
    )


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ((0, 0, 0, 0), "No holdout comparison yet."),
        (
            (100, 20, 40, 10),
            "Showing flags saved 5% of accounts (95% interval -9% to 22%), which may be chance.",
        ),
        ((100, 10, 40, 20), "Showing flags saved 40% of accounts (95% interval 23% to 55%)."),
        ((100, 50, 40, 2), "Showing flags lost 45% of accounts (95% interval 30% to 55%)."),
    ],
)
def test_the_lesson_in_words(counts: tuple[int, int, int, int], says: str) -> None:
    """A difference that chance explains is said to be one, and one to our shame as well."""
    assert says in a_lesson(*counts).text
