import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from mailsignals.flags.feedback import retained_feedback, with_departures
from tests.mailsignals.flags.records import at, book, feedback, on, said

KINDS = ("snoozed", "dismissed", "saved", "churned", "undone")
WORDS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 40), st.sampled_from("ABC")),
    unique_by=lambda word: word[1:],
    max_size=12,
)


def test_what_is_old_goes_but_not_that_somebody_left() -> None:
    """A departure is kept without who said so; an account of which something was said lately keeps all of it."""
    words = feedback(
        said("snoozed", 1, "A", note="Kim asked"),
        said("churned", 2, "A", churned_on=on(2), note="Kim says so"),
        said("dismissed", 3, "B"),
        said("dismissed", 4, "C"),
        said("undone", 20, "C"),
    )
    kept = retained_feedback(words, at(10))
    assert kept.select("account_id", "kind", "given_by", "note").rows() == [
        ("A", "churned", "somebody", None),
        ("C", "dismissed", "ana", None),
        ("C", "undone", "ana", None),
    ]
    assert retained_feedback(words, None).equals(words)
    assert retained_feedback(words, at(0)).equals(words)


@pytest.mark.slow
@settings(deadline=None)
@given(WORDS, st.integers(0, 40))
def test_who_left_is_the_same_afterwards(words: list[tuple[str, int, str]], day: int) -> None:
    """Whatever was said and taken back, the account book says the same of departures; again removes nothing more."""
    told = feedback(
        *(
            said(kind, given, account, churned_on=on(given) if kind == "churned" else None)
            for kind, given, account in sorted(words, key=lambda word: word[1])
        )
    )
    kept = retained_feedback(told, at(day))
    for frame in (kept, retained_feedback(kept, at(day))):
        assert_frame_equal(
            with_departures(book(*"ABC"), frame, as_of=at(50)),
            with_departures(book(*"ABC"), told, as_of=at(50)),
        )
    assert retained_feedback(kept, at(day)).equals(kept)
