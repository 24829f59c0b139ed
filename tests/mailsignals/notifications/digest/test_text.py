"""A digest in plain text."""

from mailsignals.config.risk import RiskSection
from mailsignals.notifications.digest.text import SHORT_SHOWN, short, subject, text
from tests.mailsignals.notifications.digest.assessed import (
    a_row,
    a_ticket,
    context,
    digests_of,
    fact,
    reason,
    silent,
)


def test_a_subject_counts_and_names_no_customer() -> None:
    """It is seen by whoever looks at the screen, and by every server on the way."""
    (digest,) = digests_of(
        a_row("A", "high"), a_row("B", "high"), a_row("C"), before={"A": "high", "B": "low"}
    )
    assert subject(digest) == "1 new at-risk account (2 in total) - Us"
    (quiet,) = digests_of(a_row("A"))
    assert subject(quiet) == "No at-risk accounts - Us"


def test_plain_text_says_all_that_the_page_says() -> None:
    """Each section, account, reason and step; a name makes no line of its own, and nothing is escaped."""
    (digest,) = digests_of(
        a_row(
            "A & <B>\nFAKE",
            "high",
            account_id="A17",
            reasons=[reason("friction", "They chased us.", share=0.4)],
            also=[fact("A fact.")],
        ),
        a_row("B"),
        a_row("C", "high"),
        silent("D", 90.5),
        before={"A & <B>\nFAKE": "low", "B": "high"},
        weeks={"A & <B>\nFAKE": ([1, 0], [2, 1])},
        owed=[a_ticket("B", 5.0)] * 11,
        given=context(rules=RiskSection(accounts_per_csm=1), changes={"ana@us.test": "It changed."}),
    )
    lines = text(digest).splitlines()
    for line in (
        "Us · Monday, 2 Mar 2026 · ana@us.test",
        digest.headline,
        "It changed.",
        "NEW AT HIGH RISK",
        "Urgent and support emails",
        "* A & <B> FAKE (A17)",
        "  about a 1-in-3 chance of going quiet within 90 days · churn signals: none",
        "  high risk · new since yesterday",
        "  - They chased us. (40% of the risk)",
        "  Also worth knowing: A fact.",
        "  Emails by week, oldest first. Customer: 1, 0. Your team: 2, 1.",
        digest.not_shown,
        "NO LONGER AT RISK",
        "* B: recovered: low risk now",
        "OPEN TICKETS",
        "* B (gold), kim@b.test: response due in 5 business hours",
        "  1 more ticket, 0 of them breached.",
        "SILENT FOR OVER 90 DAYS",
        "* D: Silent for 90 days.",
        *digest.watched,
        *digest.checks,
        *digest.remarks,
    ):
        assert line in lines
    assert any(line.startswith("  Next step: ") for line in lines)
    assert "\n\n\n" not in text(digest)


def test_the_short_form_names_the_first_accounts() -> None:
    """Each with its first reason, then how many more there are."""
    rows = [a_row(f"A{number}", "high") for number in range(SHORT_SHOWN + 2)]
    (digest,) = digests_of(*rows, owed=[a_ticket("A0", 5.0)] * 7)
    lines = short(digest).splitlines()
    assert lines[0] == f"ana@us.test: {digest.headline}"
    assert lines[1] == "• A0: It is so."
    assert lines[-2:] == ["2 more accounts.", "7 open tickets."]
    assert len(lines) == SHORT_SHOWN + 3
