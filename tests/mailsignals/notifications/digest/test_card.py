"""The card of an account."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from mailsignals.flags.news import NEWS_SCHEMA
from mailsignals.notifications.digest.card import GROUPS, NO_GROUP, Card, group, level_words, next_step
from mailsignals.risk.terms import THEMES
from mailsignals.wording.people import PersonNames
from tests.mailsignals.notifications.digest.assessed import a_row, context, digests_of, fact, reason

QUIET = "about a 1-in-3 chance of going quiet"
CHURN = "about a 1-in-10 chance of churning"


def the_card(**figures: object) -> Card:
    """The card of an account at high risk, which may have news of its own."""
    known: dict[str, object] = dict.fromkeys(NEWS_SCHEMA.names())
    told = {**known, "account_id": "A", "news": "still"}
    news = {name: figures.pop(name, told[name]) for name in told}
    (digest,) = digests_of(a_row("A", "high", **figures), news=pl.DataFrame([news], schema=NEWS_SCHEMA))
    (card,) = digest.cards
    return card


def test_a_card_says_how_the_account_stands_in_words() -> None:
    """Both chances are bands in words; id, name, tier and level are there, and three reasons at most."""
    texts = ["They asked.", "Now.", "Less mail.", "No check-in."]
    shares = [0.5, 0.3, 0.15, 0.05]
    card = the_card(
        name="Northwind",
        tier="gold",
        quiet=0.31,
        leaving=0.06,
        reasons=[reason("friction", text, share=share) for text, share in zip(texts, shares, strict=True)],
    )
    assert (card.account_id, card.name, card.tier, card.level) == ("A", "Northwind", "gold", "high risk")
    assert card.standing == f"{QUIET} within 90 days · churn signals: some"
    assert [(one.text, one.share) for one in card.reasons] == [
        ("They asked.", "50% of the risk"),
        ("Now.", "30% of the risk"),
        ("Less mail.", "15% of the risk"),
    ]


def test_a_card_says_the_chance_of_churn_where_a_model_gives_one() -> None:
    """First where it sets the order, else beside the chance to go quiet."""
    chances = {"quiet": 0.31, "leaving": 0.12}
    beside = the_card(source="quiet+leaving-20260301-0a1b2c3d", **chances)
    assert beside.standing == f"{QUIET} and {CHURN} within 90 days"
    first = the_card(source="leaving-20260301-0a1b2c3d", **chances)
    assert first.standing == f"{CHURN} and {QUIET} within 90 days"


def test_without_a_second_chance_the_change_stands_beside_the_first() -> None:
    """A card without churn signals has one sentence on the chance and its change."""
    row = {"leaving": None, "before_risk": 0.3, "before_on": SUNDAY, "before_source": "quiet+scorecard"}
    assert the_card(**row).standing == f"{QUIET} within 90 days (unchanged)"


def test_two_facts_are_also_worth_knowing() -> None:
    """They stand apart from the reasons; without any there is no line."""
    assert the_card(also=[fact("One."), fact("Two."), fact("Three.")]).also == "One. Two."
    assert the_card().also is None


SUNDAY, NOVEMBER = dt.date(2026, 3, 1), dt.date(2025, 11, 3)


@pytest.mark.parametrize(
    ("figures", "change"),
    [
        ({"before_risk": 0.1}, ["risk up since yesterday"]),
        ({"before_risk": 0.5}, ["risk down since yesterday"]),
        ({"before_risk": 0.3}, ["risk unchanged"]),
        ({"before_risk": 0.3, "before_on": NOVEMBER}, ["no change since 3 Nov"]),
        ({"before_risk": 0.3, "news": "entered"}, []),
        ({"before_risk": 0.1, "news": "entered"}, ["risk up since yesterday"]),
        ({"before_risk": 0.1, "before_on": NOVEMBER}, ["risk up since 3 Nov"]),
        ({"before_risk": 0.1, "before_source": "quiet+leaving-a"}, []),
        ({"before_risk": None}, []),
        ({"before_risk": 0.1, "before_on": None}, []),
    ],
)
def test_the_change_is_shown_where_both_days_have_the_same_source(
    figures: dict[str, object], change: list[str]
) -> None:
    """Trends do not join across a change of method; a small move is no change."""
    told = the_card(**{"before_on": SUNDAY, "before_source": "quiet+scorecard", **figures}).standing
    assert told.split(" · ")[2:] == change


@pytest.mark.parametrize(
    ("flagged_on", "since"),
    [
        (dt.date(2026, 3, 2), "flagged today"),
        (dt.date(2026, 3, 1), "flagged yesterday"),
        (NOVEMBER, "flagged on 3 Nov"),
        (dt.date(2025, 3, 3), "flagged on 3 Mar 2025"),
        (None, "still at high risk"),
    ],
)
def test_a_card_says_since_when_the_flag_stands(flagged_on: dt.date | None, since: str) -> None:
    """The year is said where the day may be another year's."""
    assert the_card(flagged_on=flagged_on).since == since


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"level": "high"}, "high risk"),
        ({"level": "medium"}, "medium risk now"),
        ({"level": None, "state": "lapsed"}, "no risk level now: silent for over 90 days"),
        ({"level": None, "state": "not_enough_sight"}, "no risk level now: not enough visible mail"),
    ],
)
def test_a_level_has_words_and_so_has_its_absence(figures: dict[str, Any], words: str) -> None:
    """Unknown is never called low."""
    assert level_words(figures) == words


@pytest.mark.parametrize(
    ("renewal_on", "line"),
    [
        (dt.date(2026, 3, 4), "Renewal on 4 Mar 2026 (in 2 days)"),
        (dt.date(2026, 3, 3), "Renewal on 3 Mar 2026 (in 1 day)"),
        (dt.date(2026, 3, 2), "Renewal on 2 Mar 2026 (today)"),
        (dt.date(2026, 3, 1), "Renewal on 1 Mar 2026 (1 day ago)"),
    ],
)
def test_days_to_the_renewal_are_counted_in_the_company(renewal_on: dt.date, line: str) -> None:
    """At midnight in Berlin it is still the day before in UTC, which counts for nothing."""
    assert the_card(renewal_on=renewal_on).facts == [line]


def test_contract_further_columns_and_last_words_have_a_line_each() -> None:
    """Renewal and ARR with a currency; the account list's own columns; the last email of either side, by name."""
    (digest,) = digests_of(
        a_row(
            "A",
            "high",
            renewal_on=dt.date(2026, 4, 1),
            arr=12_000.0,
            last_inbound_person="kim@a.test",
            days_since_inbound=68.4,
            last_outbound_person="bo@us.test",
            days_since_outbound=0.9,
            expected_loss=960.0,
        ),
        a_row("B"),
        further=[
            {"region": "North", "score": "7", "notes": None},
            {"region": "South", "score": None, "notes": "x"},
        ],
        given=context(names=PersonNames({"kim@a.test": "Kim Lee", "bo@us.test": "Bo Li"}), currency="EUR"),
    )
    (card,) = digest.cards
    assert card.facts == [
        "Renewal on 1 Apr 2026 (in 30 days) · ARR €12,000 · expected loss within 90 days €960",
        "region: North · score: 7",
        "Last email from Kim Lee (kim@a.test) 68 days ago · last email to them less than a day ago (Bo Li)",
    ]


def test_an_account_of_which_nothing_is_known_has_no_facts() -> None:
    """No line is left empty, and nothing is said about nobody."""
    card = the_card()
    assert card.facts == []
    assert card.weeks == []
    assert card.next_step == "Email them and ask what has changed."


@pytest.mark.parametrize(
    ("theme", "figures", "step"),
    [
        ("silence", {}, "Email Kim Lee and ask what has changed."),
        ("people", {}, "Ask Kim Lee who else is in charge now."),
        ("answers", {}, "Call Kim Lee, or try another contact."),
        ("friction", {}, "Resolve their urgent issues, then call Kim Lee."),
        ("service", {}, "Agree with support on faster responses to Kim Lee."),
        ("service", {"overdue_turns": 2}, "Reply to the unanswered emails, the oldest first."),
        ("contract", {}, "Ask Kim Lee what they need before the renewal."),
        ("not_enough_sight", {}, "Ask Kim Lee how things are, because too few of their emails are visible."),
        (None, {}, "Start a check-in with Kim Lee."),
        (
            "silence",
            {"main_contacts": [{"address": "kim@a.test", "bounced_at": SUNDAY}]},
            "Email another contact and ask what has changed.",
        ),
        (
            "silence",
            {"main_contacts": [{"address": "kim@a.test", "bounced_at": None}]},
            "Email Kim Lee and ask what has changed.",
        ),
    ],
)
def test_the_next_step_follows_from_the_first_reason(
    theme: str | None, figures: dict[str, Any], step: str
) -> None:
    """Every theme has one next step with a person to contact, unless email to that person bounces."""
    first = [reason(theme), reason("friction")] if theme else []
    row = {"reasons": first, "last_inbound_person": "kim@a.test", **figures}
    assert next_step(row, PersonNames({"kim@a.test": "Kim Lee"})) == step


def test_who_has_not_been_written_to_needs_a_check_in() -> None:
    """Our own silence has its own step within the theme of service."""
    row = {"reasons": [reason("service", signal="days_since_outbound")], "last_inbound_person": None}
    assert next_step(row, PersonNames()) == "Start a check-in with them."


def test_every_theme_has_a_heading() -> None:
    """Also that of too little sight, and an account without a reason has one of its own."""
    assert GROUPS.keys() == {*THEMES, "not_enough_sight"}
    assert group({"reasons": []}) == NO_GROUP


def test_the_weeks_are_pairs_of_theirs_and_ours() -> None:
    """Oldest first, as the page draws them."""
    (digest,) = digests_of(a_row("A"), a_row("B", "high"), weeks={"B": ([1, 0, 4], [2, 2, 0])})
    (card,) = digest.cards
    assert card.weeks == [(1, 2), (0, 2), (4, 0)]
