"""A digest as a page."""

import re

from hypothesis import given
from hypothesis import strategies as st

from mailsignals.digest.render import Bar, chart, html, isolated
from tests.mailsignals.digest.assessed import a_row, a_ticket, digests_of, reason


def test_the_longest_bar_fills_its_half() -> None:
    """Bars are drawn to one scale for both sides, and the caption says what it is."""
    drawn = chart([(4, 2), (0, 1)])
    assert (drawn.width, drawn.height) == (40, 44)
    assert drawn.bars == [Bar(x=0, theirs=22.0, ours=11.0), Bar(x=20, theirs=0.0, ours=5.5)]
    assert drawn.caption == "2 weeks of mail: theirs above the line, ours below; the longest bar is 4 mails."
    assert drawn.in_words == "Mails by week, oldest first. From them: 4, 0. From us: 2, 1."


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=20))
def test_no_bar_leaves_its_half(weeks: list[tuple[int, int]]) -> None:
    """Whatever the counts, also all nought."""
    drawn = chart(weeks)
    assert all(0 <= side <= drawn.height / 2 for bar in drawn.bars for side in (bar.theirs, bar.ours))
    assert all(bar.x + drawn.bar <= drawn.width for bar in drawn.bars)


def test_text_is_escaped_isolated_and_keeps_its_percent() -> None:
    """A name cannot become markup, nor turn its surroundings, and a line does not end between 7 and %."""
    assert isolated("<b> & 7 %") == "<bdi>&lt;b&gt; &amp; 7\N{NO-BREAK SPACE}%</bdi>"


def test_a_page_is_whole_in_itself() -> None:
    """It fetches nothing, runs nothing, and fits light and dark, wide and narrow screens."""
    (digest,) = digests_of(
        a_row("A", "high", reasons=[reason("chasing")]),
        a_row("B"),
        before={"B": "high"},
        weeks={"A": ([1] * 13, [2] * 13)},
        owed=[a_ticket("B", 5.0)],
    )
    page = html(digest)
    assert not re.search(r"<(script|link|img|iframe|object)|https?:|url\(|@import", page)
    assert "prefers-color-scheme: dark" in page
    assert 'name="viewport"' in page
    for section in ("Still at risk", "No longer at risk", "Waiting for our answer"):
        assert f"<h2>{section}</h2>" in page
    assert page.count("<rect") == 26


def test_a_quiet_page_has_no_empty_sections() -> None:
    """Only the headline and the last sentences are left."""
    (digest,) = digests_of(a_row("A"))
    assert "<h2>" not in html(digest)


def test_accounts_without_a_csm_are_addressed_as_such() -> None:
    """Their page says whose it is not."""
    (digest,) = digests_of(a_row("A", csm=None))
    assert "<bdi>accounts without a CSM</bdi>" in html(digest)
