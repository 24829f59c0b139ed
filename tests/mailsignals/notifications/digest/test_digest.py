"""Which accounts a digest shows, and where."""

import datetime as dt

import polars as pl
import pytest

from mailsignals.flags.episodes import CHURNED, RECOVERED, SAVED
from mailsignals.flags.news import NEWS_SCHEMA
from mailsignals.notifications.digest.card import GROUPS
from mailsignals.notifications.digest.digest import BECAME, Digest
from mailsignals.risk.marks import MARKS
from models.inputs import BY_NAME
from tests.mailsignals.notifications.digest.assessed import AS_OF, a_row, a_ticket, digests_of, reason


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
    assert [[card.name for card in digest.cards] for digest in found] == [["C"], ["A"], ["B"]]


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
    ((section, groups),) = digest.sections
    shown = [(name, [card.name for card in cards]) for name, cards in groups]
    assert (section, shown) == ("Still at risk", [("Gone quiet", ["B"]), ("Chased us", ["A", "C"])])


def test_every_reason_there_can_be_has_a_group() -> None:
    """Each mark, each block of a model's inputs, and too little sight is in one group, and in no other."""
    grouped = [mark for names in GROUPS.values() for mark in names]
    possible = {mark.name for mark in MARKS} | {feature.block for feature in BY_NAME.values()}
    assert sorted(grouped) == sorted({*possible, "not_enough_sight"})


@pytest.mark.parametrize(
    ("before", "section", "headline"),
    [
        ("high", "Still at risk", "Nothing new at risk, 1 in all."),
        ("low", "New at risk", "1 new at risk, 1 in all."),
        (None, "New at risk", "1 new at risk, 1 in all."),
    ],
)
def test_an_account_is_new_or_still_at_risk(before: str | None, section: str, headline: str) -> None:
    """Where nothing is recorded it counts whether it was at high risk the day before."""
    digest = the_digest(a_row("A", "high"), a_row("B"), before={"A": before})
    assert digest.headline == headline
    assert [name for name, _ in digest.sections] == [section]


def test_there_are_only_so_many_cards() -> None:
    """New accounts go first, then the riskiest of the others; who has no card is counted in one sentence."""
    rows = [a_row(name, "high") for name in "ABCDE"]
    digest = the_digest(*rows, before={"D": "low", "E": "low"}, most=3)
    assert [card.name for card in digest.cards] == ["D", "E", "A"]
    assert (digest.at_risk, digest.new) == (5, 2)
    assert digest.not_shown == "2 more accounts are at risk; `mailsignals flag` lists them."
    one = the_digest(*rows, most=4)
    assert one.not_shown == "1 more account is at risk; `mailsignals flag` lists them."
    assert the_digest(*rows).not_shown is None


def test_who_is_no_longer_at_risk_is_told_with_how_they_stand() -> None:
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
    assert digest.over == [
        ("A", "recovered, low risk now"),
        ("B", "medium risk now"),
        ("C", "too little mail in sight now to judge"),
        ("D", "churned"),
    ]


def test_every_end_of_a_flag_has_words() -> None:
    """What a record says became of a flag can be told."""
    assert {RECOVERED, SAVED, CHURNED} < BECAME.keys()


def test_each_csm_sees_what_waits_in_their_accounts() -> None:
    """Also in healthy ones, in the order of the queue; not in those that are customers no more."""
    digest = the_digest(
        a_row("A"),
        a_row("B", "high"),
        a_row("C", None, state="churned"),
        owed=[a_ticket("B", 2.0), a_ticket("C", 3.0), a_ticket("A", 5.0)],
    )
    assert [ticket.name for ticket in digest.waiting.shown] == ["B", "A"]
    assert (digest.waiting.length, digest.waiting.more) == (2, None)
    other = digests_of(a_row("A"), a_row("B", csm="bo@us.test"), owed=[a_ticket("B", 2.0)])
    assert [digest.waiting.length for digest in other] == [0, 1]


def test_a_quiet_day_is_said_to_be_one() -> None:
    """Without anybody at high risk there is no group and no list, and all accounts are accounted for."""
    digest = the_digest(a_row("A"), a_row("B", "medium"), a_row("C", None), a_row("D", None, state="churned"))
    assert digest.headline == "A quiet day: none of your accounts is at high risk."
    assert (digest.sections, digest.over, digest.waiting.length) == ([], [], 0)
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
        a_row("B", "high", hidden_because="snoozed"),
        a_row("C", "high", hidden_because="snoozed"),
        a_row("D", "high", hidden_because="dismissed"),
        a_row("E", "high", hidden_because="held back"),
        a_row("F", "medium", hidden_because="snoozed"),
    ]
    known: dict[str, object] = dict.fromkeys(NEWS_SCHEMA.names())
    news = pl.DataFrame([{**known, "account_id": "A", "news": "still"}], schema=NEWS_SCHEMA)
    digest = the_digest(*rows, news=news)
    assert [card.name for card in digest.cards] == ["A"]
    assert (digest.at_risk, digest.over) == (1, [])
    assert digest.watched == "Your other accounts: 2 snoozed, 1 dismissed, 1 at medium risk."
    assert the_digest(*rows[1:], news=news).headline == "A quiet day: there is no flag to look at."
