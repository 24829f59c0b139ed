"""What a card says of an account."""

import datetime as dt

import polars as pl
import pytest

from mailsignals.flags.news import NEWS_SCHEMA
from mailsignals.notifications.digest.card import Card
from tests.mailsignals.notifications.digest.assessed import a_row, digests_of, reason


def the_card(**figures: object) -> Card:
    """The card of an account at high risk, which may have news of its own."""
    known: dict[str, object] = dict.fromkeys(NEWS_SCHEMA.names())
    told = {**known, "account_id": "A", "news": "still"}
    news = {name: figures.pop(name, told[name]) for name in told}
    (digest,) = digests_of(a_row("A", "high", **figures), news=pl.DataFrame([news], schema=NEWS_SCHEMA))
    (card,) = digest.cards
    return card


def test_a_card_says_how_the_account_stands_in_words() -> None:
    """The score is worded; id, name, tier and level are there, and three reasons at most."""
    texts = ["They asked.", "Now.", "Less mail.", "No check-in."]
    card = the_card(
        name="Northwind", tier="gold", score=96.551, reasons=[reason("chasing", text) for text in texts]
    )
    assert (card.account_id, card.name, card.tier, card.level) == ("A", "Northwind", "gold", "high risk")
    assert card.standing == "riskier than 97 % of the accounts judged"
    assert card.reasons == texts[:3]


def test_a_card_says_the_chance_where_a_model_gives_one() -> None:
    """The probability stands in place of the scorecard's rank, by what it is of."""
    card = the_card(score=96.0, risk=0.12, source="churn-linear-20260301-0a1b2c3d")
    assert card.standing == "about 1 in 8 to leave within 90 days"


SUNDAY, NOVEMBER = dt.date(2026, 3, 1), dt.date(2025, 11, 3)


@pytest.mark.parametrize(
    ("figures", "standing"),
    [
        ({"before_score": 70.0}, "riskier than 90 % of the accounts judged; yesterday riskier than 70 %"),
        ({"before_score": 90.2}, "riskier than 90 % of the accounts judged, as yesterday"),
        ({"before_score": None}, "riskier than 90 % of the accounts judged"),
        (
            {"before_score": 70.0, "before_on": NOVEMBER},
            "riskier than 90 % of the accounts judged; on 3 November riskier than 70 %",
        ),
        (
            {"risk": 0.17, "source": "churn-a", "before_risk": 0.083, "before_source": "churn-b"},
            "about 1 in 6 to leave within 90 days; yesterday about 1 in 12",
        ),
        (
            {"risk": 0.17, "source": "churn-a", "before_risk": 0.16, "before_source": "churn-a"},
            "about 1 in 6 to leave within 90 days, as yesterday",
        ),
        (
            {"risk": 0.05, "source": "churn-a", "before_risk": 0.5, "before_source": "churn-a"},
            "about 1 in 20 to leave within 90 days; yesterday about even odds",
        ),
        (
            {"risk": 0.05, "source": "churn-a", "before_risk": 0.44, "before_source": "churn-a"},
            "about 1 in 20 to leave within 90 days; yesterday about 1 in 2",
        ),
        (
            {"risk": 0.17, "source": "churn-a", "before_risk": 0.16, "before_source": "silence-a"},
            "about 1 in 6 to leave within 90 days",
        ),
        (
            {"risk": 0.17, "source": "churn-a", "before_score": 70.0, "before_source": "scorecard"},
            "about 1 in 6 to leave within 90 days",
        ),
    ],
)
def test_the_change_is_told_where_both_days_have_the_same_figure(
    figures: dict[str, object], standing: str
) -> None:
    """A chance is compared with a chance of the same event, a rank with a rank, and nothing else."""
    assert the_card(**{"before_on": SUNDAY, **figures}).standing == standing


@pytest.mark.parametrize(
    ("flagged_on", "since"),
    [
        (dt.date(2026, 3, 2), "flagged today"),
        (dt.date(2026, 3, 1), "flagged yesterday"),
        (NOVEMBER, "flagged on 3 November"),
        (dt.date(2025, 3, 3), "flagged on 3 March 2025"),
        (None, "still at risk"),
    ],
)
def test_a_card_says_since_when_the_flag_stands(flagged_on: dt.date | None, since: str) -> None:
    """The year is said where the day may be another year's."""
    assert the_card(flagged_on=flagged_on).since == since


def test_a_flag_that_is_still_open_may_be_easing() -> None:
    """The card of an account that is no longer at high risk, or cannot be judged, says so."""
    assert the_card(level="medium").level == "easing, medium risk now"
    judged = the_card(level="medium", source="churn-a", before_source="scorecard", risk=0.05)
    assert judged.level == "medium risk, judged by another model than before"
    unseen = the_card(level=None, score=None, state="not_enough_sight", reasons=[reason("not_enough_sight")])
    assert (unseen.level, unseen.standing) == ("not judged now", "too little mail in sight now to judge")


@pytest.mark.parametrize(
    ("renewal_on", "line"),
    [
        (dt.date(2026, 3, 4), "Renewal on 4 March 2026 (in 2 days)"),
        (dt.date(2026, 3, 3), "Renewal on 3 March 2026 (in 1 day)"),
        (dt.date(2026, 3, 2), "Renewal on 2 March 2026 (today)"),
        (dt.date(2026, 3, 1), "Renewal on 1 March 2026 (1 day ago)"),
    ],
)
def test_days_to_the_renewal_are_counted_in_the_company(renewal_on: dt.date, line: str) -> None:
    """At midnight in Berlin it is still the day before in UTC, which counts for nothing."""
    assert the_card(renewal_on=renewal_on).facts == [line]


def test_contract_further_columns_and_last_words_have_a_line_each() -> None:
    """Renewal and ARR; the account book's own columns by name, where they hold something; who wrote last."""
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
        ),
        a_row("B"),
        further=[
            {"region": "North", "score": "7", "notes": None},
            {"region": "South", "score": None, "notes": "x"},
        ],
    )
    (card,) = digest.cards
    assert card.facts == [
        "Renewal on 1 April 2026 (in 30 days) · ARR 12,000",
        "region: North · score: 7",
        "Last heard from kim@a.test 68 days ago · we last wrote less than a day ago (bo@us.test)",
    ]


def test_an_account_of_which_nothing_is_known_has_no_facts() -> None:
    """No line is left empty, and nothing is said about nobody."""
    card = the_card()
    assert card.facts == []
    assert card.weeks == []
    assert card.next_step == "Write to them, who wrote last, and ask what has changed."


@pytest.mark.parametrize(
    ("mark", "step"),
    [
        ("inbound_down", "Write to kim@a.test, who wrote last, and ask what has changed."),
        ("champion_quiet", "Ask kim@a.test who has taken over."),
        ("customer_slower", "Call, or try another contact than usual; kim@a.test wrote last."),
        ("chasing", "Settle what they chased us for, then call kim@a.test."),
        ("overdue_answer", "Answer what is past due, the oldest first."),
        ("no_checkin", "Begin a check-in with kim@a.test."),
        ("single_contact", "Ask kim@a.test to bring in a colleague."),
    ],
)
def test_the_next_step_follows_from_the_first_reason(mark: str, step: str) -> None:
    """Every group has one thing to do, with whom."""
    card = the_card(
        reasons=[reason(mark), reason("urgent")], last_inbound_person="kim@a.test", days_since_inbound=1.0
    )
    assert card.next_step == step


def test_the_weeks_are_pairs_of_theirs_and_ours() -> None:
    """Oldest first, as the page draws them."""
    (digest,) = digests_of(a_row("A"), a_row("B", "high"), weeks={"B": ([1, 0, 4], [2, 2, 0])})
    (card,) = digest.cards
    assert card.weeks == [(1, 2), (0, 2), (4, 0)]
