"""A digest in plain text."""

from mailsignals.digest.plain import SHORT_SHOWN, short, subject, text
from tests.mailsignals.digest.assessed import a_row, digests_of, reason


def test_a_subject_counts_and_names_no_customer() -> None:
    """It is seen by whoever looks at the screen, and by every server on the way."""
    (digest,) = digests_of(
        a_row("A", "high"), a_row("B", "high"), a_row("C"), before={"A": "high", "B": "low"}
    )
    assert subject(digest) == "2 accounts at risk, 1 new \N{EN DASH} Us"
    (quiet,) = digests_of(a_row("A"))
    assert subject(quiet) == "No account at risk \N{EN DASH} Us"


def test_plain_text_says_all_that_the_page_says() -> None:
    """Each section, account, reason and step; a name makes no line of its own, and nothing is escaped."""
    (digest,) = digests_of(
        a_row(
            "A & <B>\nFAKE",
            "high",
            reasons=[reason("chasing", "They chased us.")],
            overdue_turns=1,
            overdue_hours=5.0,
        ),
        a_row("B"),
        before={"B": "high"},
    )
    lines = text(digest).splitlines()
    for line in (
        "Us · Monday, 2 March 2026 · ana@us.test",
        digest.headline,
        "CHASED US",
        "* A & <B> FAKE",
        "  - They chased us.",
        "NO LONGER AT HIGH RISK",
        "* B: recovered, low risk now",
        "WAITING FOR OUR ANSWER",
        "* A & <B> FAKE: 1 answer owed, the oldest 5 hours past due",
        digest.watched,
    ):
        assert line in lines
    assert any(line.startswith("  Next: ") for line in lines)
    assert "\n\n\n" not in text(digest)


def test_the_short_form_names_the_first_accounts() -> None:
    """Each with its first reason, then how many more there are."""
    rows = [
        a_row(f"A{number}", "high", overdue_turns=1, overdue_hours=5.0) for number in range(SHORT_SHOWN + 2)
    ]
    (digest,) = digests_of(*rows)
    lines = short(digest).splitlines()
    assert lines[0] == f"ana@us.test: {digest.headline}"
    assert lines[1] == "• A0: It is so."
    assert lines[-2:] == ["and 2 more", "7 accounts wait for our answer."]
    assert len(lines) == SHORT_SHOWN + 3
