"""Which accounts a digest shows, and where."""

import datetime as dt

import pytest

from mailsignals.config.risk import Marks
from mailsignals.digest.card import GROUPS
from mailsignals.digest.content import Digest
from mailsignals.risk.marks import marks
from models.inputs import BY_NAME
from tests.mailsignals.digest.assessed import AS_OF, a_row, digests_of, reason


def the_digest(*rows: dict[str, object], **more: object) -> Digest:
    """The only digest of these accounts."""
    (digest,) = digests_of(*rows, **more)  # type: ignore[arg-type]  # passed on
    return digest


def test_every_csm_has_a_digest_and_so_have_the_accounts_without_one() -> None:
    """They come in alphabetical order, accounts that are nobody's last; each account is in one."""
    found = digests_of(
        a_row("A", "high", csm="bo@us.test"), a_row("B", "high", csm=None), a_row("C", "high"), a_row("D")
    )
    assert [digest.csm for digest in found] == ["ana@us.test", "bo@us.test", None]
    assert [[card.name for _, cards in digest.groups for card in cards] for digest in found] == [
        ["C"],
        ["A"],
        ["B"],
    ]


def test_who_has_no_current_customer_has_no_digest() -> None:
    """A CSM whose customers have left, or not begun, has nothing to read."""
    found = digests_of(
        a_row("A", None, csm="gone@us.test", state="churned"),
        a_row("B", None, csm="soon@us.test", state="not_started"),
        a_row("C", None, csm="blind@us.test"),
    )
    assert [digest.csm for digest in found] == ["blind@us.test"]


def test_accounts_at_high_risk_are_grouped_by_their_first_reason() -> None:
    """The groups come in one order, the riskiest first within each; medium and low have no card."""
    digest = the_digest(
        a_row("A", "high", reasons=[reason("chasing"), reason("inbound_down")]),
        a_row("B", "high", reasons=[reason("inbound_down"), reason("chasing")]),
        a_row("C", "high", reasons=[reason("urgent")]),
        a_row("D", "medium", reasons=[reason("inbound_down")]),
        a_row("E"),
    )
    shown = [(name, [card.name for card in cards]) for name, cards in digest.groups]
    assert shown == [("Gone quiet", ["B"]), ("Chased us", ["A", "C"])]


def test_every_reason_there_can_be_has_a_group() -> None:
    """Each mark and each block of a model's inputs is in one group, and in no other."""
    grouped = [mark for names in GROUPS.values() for mark in names]
    possible = {mark.name for mark in marks(Marks())} | {feature.block for feature in BY_NAME.values()}
    assert sorted(grouped) == sorted(possible)


@pytest.mark.parametrize(
    ("before", "change", "headline"),
    [
        ("high", "still at risk", "1 account at high risk, none of them new."),
        ("low", "new since yesterday", "1 account at high risk, 1 of them new since yesterday."),
        (None, "new since yesterday", "1 account at high risk, 1 of them new since yesterday."),
    ],
)
def test_an_account_is_new_or_still_at_risk(before: str | None, change: str, headline: str) -> None:
    """What counts is whether it was at high risk the day before."""
    digest = the_digest(a_row("A", "high"), a_row("B"), before={"A": before})
    assert digest.headline == headline
    ((_, (card,)),) = digest.groups
    assert card.change == change


def test_who_is_no_longer_at_high_risk_is_told_with_how_they_stand() -> None:
    """Recovered is only who is at low risk; the others are named with what has become of them."""
    rows = [
        a_row("A"),
        a_row("B", "medium"),
        a_row("C", None),
        a_row("D", None, state="churned"),
        a_row("E", "high"),
        a_row("F"),
    ]
    digest = the_digest(*rows, before={**dict.fromkeys("ABCDE", "high"), "F": "medium"})
    assert digest.off_the_list == [
        ("A", "recovered, low risk now"),
        ("B", "medium risk now"),
        ("C", "too little mail in sight now to judge"),
        ("D", "churned"),
    ]


def test_who_waits_longest_comes_first_also_if_healthy() -> None:
    """Accounts of any level that are owed an answer past due, ten at most, and how many more there are."""
    rows = [
        a_row(f"A{hours}", level, overdue_turns=1, overdue_hours=float(hours))
        for hours, level in zip(range(1, 13), ["low", "high", None] * 4, strict=True)
    ]
    churned = a_row("B", None, state="churned", overdue_turns=1, overdue_hours=99.0)
    digest = the_digest(*rows, churned, a_row("C", overdue_turns=3, overdue_hours=72.0))
    assert digest.waiting[0] == ("C", "3 answers owed, the oldest 3 days past due")
    assert [name for name, _ in digest.waiting[1:]] == [f"A{hours}" for hours in range(12, 3, -1)]
    assert digest.waiting_more == 3


def test_a_quiet_day_is_said_to_be_one() -> None:
    """Without anybody at high risk there is no group and no list, and all accounts are accounted for."""
    digest = the_digest(a_row("A"), a_row("B", "medium"), a_row("C", None), a_row("D", None, state="churned"))
    assert digest.headline == "A quiet day: none of your accounts is at high risk."
    assert (digest.groups, digest.off_the_list, digest.waiting) == ([], [], [])
    assert digest.watched == (
        "Your accounts: 1 at medium risk, 1 at low risk, 1 with too little mail in sight to judge, 1 churned."
    )


def test_unknown_is_not_called_quiet() -> None:
    """Where no account can be judged, that is what the headline says."""
    digest = the_digest(a_row("A", None), a_row("B", None))
    assert digest.headline == "None of your accounts can be judged: too little of their mail is in sight."


def test_the_last_sentence_accounts_for_all_others() -> None:
    """Who has a card is not counted again."""
    assert the_digest(a_row("A", "high"), a_row("B")).watched == "Your other accounts: 1 at low risk."
    assert the_digest(a_row("A", "high")).watched == "These are all your accounts."


def test_the_day_is_that_of_the_company() -> None:
    """An instant that is midnight there is a day; another one has its time."""
    assert the_digest(a_row("A")).on == "Monday, 2 March 2026"
    later = AS_OF + dt.timedelta(hours=14, minutes=5)
    assert the_digest(a_row("A"), at=later).on == "Monday, 2 March 2026, 14:05"


def test_who_is_away_has_no_card_and_is_counted() -> None:
    """What is snoozed or dealt with is counted in one sentence, what is held back is not told of at all."""
    rows = [
        a_row("A", "high"),
        a_row("B", "high", away="snoozed"),
        a_row("C", "high", away="snoozed"),
        a_row("D", "high", away="dismissed"),
        a_row("E", "high", away="held back"),
        a_row("F", "medium", away="snoozed"),
    ]
    digest = the_digest(*rows, before={"F": "high"})
    assert [card.name for _, cards in digest.groups for card in cards] == ["A"]
    assert digest.headline == "1 account at high risk, none of them new."
    assert digest.off_the_list == []
    assert digest.watched == "Your other accounts: 2 snoozed, 1 dismissed, 1 at medium risk."
    assert the_digest(*rows[1:]).headline == "A quiet day: there is no flag to look at."
