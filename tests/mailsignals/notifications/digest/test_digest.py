"""Which accounts a digest shows, and where."""

import datetime as dt

import polars as pl
import pytest

from mailsignals.config.risk import RiskSection
from mailsignals.flags.episodes import CHURNED, RECOVERED, SAVED
from mailsignals.flags.news import NEWS_SCHEMA
from mailsignals.notifications.digest.digest import BECAME, Digest
from mailsignals.risk.levels import LEVELS
from mailsignals.risk.state import STATES
from mailsignals.risk.track_record import LEAST_EVENTS, LevelRecord
from tests.mailsignals.notifications.digest.assessed import (
    AS_OF,
    CHECK,
    a_row,
    a_ticket,
    context,
    digests_of,
    reason,
    silent,
)


def the_digest(*rows: dict[str, object], **more: object) -> Digest:
    """The only digest of these accounts."""
    (digest,) = digests_of(*rows, **more)  # type: ignore[arg-type]  # passed on
    return digest


def news_of(**news: dict[str, object]) -> pl.DataFrame:
    """What is new in some accounts, by name."""
    known: dict[str, object] = dict.fromkeys(NEWS_SCHEMA.names())
    return pl.DataFrame(
        [{**known, "account_id": name, **figures} for name, figures in news.items()], schema=NEWS_SCHEMA
    )


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


def test_accounts_at_high_risk_are_grouped_by_the_theme_of_their_first_reason() -> None:
    """Groups stand in the order of their riskiest accounts, so do accounts within; medium and low have no card."""
    digest = the_digest(
        a_row("A", "high", reasons=[reason("friction"), reason("silence")]),
        a_row("B", "high", reasons=[reason("silence"), reason("friction")]),
        a_row("C", "high", reasons=[reason("friction")]),
        a_row("D", "medium", reasons=[reason("silence")]),
        a_row("E"),
    )
    ((section, groups),) = digest.sections
    shown = [(name, [card.name for card in cards]) for name, cards in groups]
    assert section == "Still at high risk"
    assert shown == [("Urgent and support emails", ["A", "C"]), ("Fewer emails", ["B"])]


@pytest.mark.parametrize(
    ("before", "section", "headline"),
    [
        ("high", "Still at high risk", "No new at-risk accounts (1 in total)."),
        ("low", "New at high risk", "1 new at-risk account (1 in total)."),
        (None, "New at high risk", "1 new at-risk account (1 in total)."),
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
    assert digest.not_shown == "2 more accounts are at high risk; run `mailsignals risk` to list all."
    one = the_digest(*rows, most=4)
    assert one.not_shown == "1 more account is at high risk; run `mailsignals risk` to list all."
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
        ("A", "recovered: low risk now"),
        ("B", "medium risk now"),
        ("C", "not enough visible mail"),
        ("D", "churned"),
    ]


def test_every_end_of_a_flag_has_words() -> None:
    """What a record says became of a flag can be told."""
    assert {RECOVERED, SAVED, CHURNED, *LEVELS[1:], *STATES[1:]} <= BECAME.keys()


def test_an_account_at_high_risk_is_listed_also_without_a_flag() -> None:
    """Since the method changed it may have none: it has a card, is counted, and is not called new."""
    digest = the_digest(a_row("A", "high"), a_row("B"), news=news_of())
    assert [name for name, _ in digest.sections] == ["Still at high risk"]
    assert (digest.at_risk, digest.new, digest.cards[0].since) == (1, 0, "still at high risk")


def test_a_flag_whose_level_fell_is_listed_and_counted_apart() -> None:
    """Also where the account can no longer be judged; neither is at high risk."""
    flagged = {"news": "still", "flagged_on": dt.date(2026, 2, 20)}
    digest = the_digest(
        a_row("A", "high"),
        a_row("B", "medium"),
        a_row("C", None),
        a_row("D"),
        news=news_of(A=flagged, B=flagged, C={"news": "entered", "flagged_on": dt.date(2026, 3, 1)}),
    )
    assert digest.headline == "No new at-risk accounts (1 in total). 2 open flags below high risk."
    assert [card.name for card in digest.cards] == ["A"]
    assert [(line.name, line.told) for line in digest.easing] == [
        ("B", "medium risk now, flagged on 20 Feb."),
        ("C", "no risk level now: not enough visible mail, flagged yesterday."),
    ]
    assert digest.watched == ["Your other accounts: 1 at low risk."]


def test_accounts_that_lapsed_since_the_last_digest_are_told_once() -> None:
    """Who fell silent last comes first, and nobody is called lost; without a digest before, since a day ago."""
    rows = [a_row("A"), silent("B", 90.5, back_again=0.34), silent("C", 93.2), silent("D", 200.0)]
    digest = the_digest(*rows)
    assert [(line.name, line.told) for line in digest.lapsed] == [
        ("B", "Silent for 90 days. About 1 in 3 customers silent that long wrote again within 90 days.")
    ]
    assert digest.watched == ["Your other accounts: 1 at low risk, 2 silent for over 90 days."]
    given = context(told_at={"ana@us.test": AS_OF - dt.timedelta(days=4)})
    assert [line.name for line in the_digest(*rows, given=given).lapsed] == ["B", "C"]
    few = context(
        told_at={"ana@us.test": AS_OF - dt.timedelta(days=400)}, rules=RiskSection(accounts_per_csm=2)
    )
    assert [line.name for line in the_digest(*rows, given=few).lapsed] == ["B", "C"]


def test_a_lapsed_account_that_is_still_flagged_stays_in_sight() -> None:
    """Until somebody says what became of it; it stands with the flags, and only there."""
    flagged = {"news": "still", "flagged_on": dt.date(2026, 2, 20)}
    digest = the_digest(a_row("A"), silent("B", 90.5, back_again=0.5), news=news_of(B=flagged))
    assert (digest.at_risk, digest.lapsed) == (0, [])
    assert digest.headline == "No at-risk accounts. 1 open flag below high risk."
    assert [line.told for line in digest.easing] == [
        (
            "no risk level now, flagged on 20 Feb. Silent for 90 days. "
            "About 1 in 2 customers silent that long wrote again within 90 days."
        )
    ]


def test_who_waits_for_a_place_is_told_in_one_sentence() -> None:
    """Medium risk beyond what a CSM can look after; a medium risk below the bar of high does not wait."""
    rows = [
        a_row("A", "high", risk=0.5),
        a_row("B", "medium", risk=0.4),
        a_row("C", "medium", risk=0.2),
        a_row("D", "medium", risk=0.19),
    ]
    waits, rest = the_digest(*rows).watched
    assert waits == (
        "2 accounts at medium risk are above the high-risk threshold. High risk is limited to a tenth of your accounts "
        "and at most 5."
    )
    assert rest == "Your other accounts: 3 at medium risk."


def a_record(level: str, events: int) -> LevelRecord:
    """How often a level came true: of 100 accounts."""
    return LevelRecord(
        level=level,
        n=100,
        events=events,
        share=events / 100 if events >= LEAST_EVENTS else None,
        all_share=0.28,
        left_share=None,
        all_left_share=None,
    )


def test_levels_have_their_track_record_and_the_check_is_said_once() -> None:
    """High risk where it is told of, the others at the end where they say anything; too few is said of high alone."""
    records = [a_record("high", 61), a_record("medium", 30), a_record("low", 2)]
    digest = the_digest(a_row("A", "high"), given=context(records=records))
    assert digest.record == (
        "61% of 100 accounts at high risk a quarter ago have not written since, against 28% of all accounts."
    )
    assert len(digest.checks) == 2
    assert "at medium risk" in digest.checks[0]
    assert digest.checks[1] == CHECK
    few = the_digest(a_row("A", "high"), given=context(records=[a_record("high", 3)]))
    assert few.record == "No track record of high risk yet: too few of 100 accounts went silent."
    assert the_digest(a_row("A"), given=context(records=records)).record is None


def test_a_change_of_method_is_said_to_whom_it_is_new() -> None:
    """By CSM, because each was told of another day last."""
    given = context(changes={"ana@us.test": "The method changed."})
    found = digests_of(a_row("A"), a_row("B", csm="bo@us.test"), given=given)
    assert [digest.change for digest in found] == ["The method changed.", None]


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
    assert digest.headline == "No at-risk accounts."
    assert (digest.sections, digest.over, digest.waiting.length) == ([], [], 0)
    assert digest.watched == [
        "Your accounts: 1 at medium risk, 1 at low risk, 1 without enough visible mail, 1 churned."
    ]


def test_unknown_is_not_called_quiet() -> None:
    """Where no account can be judged, that is what the headline says."""
    digest = the_digest(a_row("A", None), a_row("B", None))
    assert digest.headline == "No account has a risk level today."


def test_the_last_sentence_accounts_for_all_others() -> None:
    """Who has a card is not counted again."""
    assert the_digest(a_row("A", "high"), a_row("B")).watched == ["Your other accounts: 1 at low risk."]
    assert the_digest(a_row("A", "high")).watched == ["These are all your accounts."]


def test_the_day_is_that_of_the_company() -> None:
    """An instant that is midnight there is a day; another one has its time."""
    assert the_digest(a_row("A")).on == "Monday, 2 Mar 2026"
    later = AS_OF + dt.timedelta(hours=14, minutes=5)
    assert the_digest(a_row("A"), at=later).on == "Monday, 2 Mar 2026, 14:05"


def test_who_is_away_has_no_card_and_is_counted() -> None:
    """What is snoozed or dealt with stays at high risk, as on every page, and has no card."""
    rows = [
        a_row("A", "high"),
        a_row("B", "high", hidden_because="snoozed"),
        a_row("C", "high", hidden_because="snoozed"),
        a_row("D", "high", hidden_because="dismissed"),
        a_row("E", "medium", hidden_because="held back"),
        a_row("F", "medium", hidden_because="snoozed"),
    ]
    digest = the_digest(*rows, news=news_of(A={"news": "still"}))
    assert [card.name for card in digest.cards] == ["A"]
    assert (digest.at_risk, digest.more, digest.over) == (4, 0, [])
    assert digest.watched == [
        "Your other accounts: 2 at high risk (snoozed), 1 at high risk (dismissed), 2 at medium risk."
    ]
    assert the_digest(*rows[1:], news=news_of()).headline == "No new at-risk accounts (3 in total)."
