"""A replay of history, what it is taken to say, and the report of it."""

import dataclasses
import datetime as dt
import json

import numpy as np
import polars as pl
import pytest

from mailsignals.errors import UserError
from mailsignals.training.backtest import (
    ENOUGH_TEST_CHURNERS,
    ENOUGH_TEST_DAYS,
    EVERY_DAYS,
    QUARTER,
    Backtest,
    latest_origins,
    replay_history,
)
from mailsignals.training.dataset import Target
from mailsignals.training.fit import drift_columns, fit_model, least_departures
from mailsignals.training.judgement import Judgement
from mailsignals.training.known_then import facts_then_and_today
from mailsignals.training.leaks import Leak
from mailsignals.training.plots import calendar
from mailsignals.training.reason_lift import reason_lifts
from mailsignals.training.report import HistoryFindings, document, report_html
from mailsignals.training.timelines import alarms, departures
from mailsignals.training.verdict import best_rule, verdict
from models.alarms import LOOK_AHEAD_DAYS
from models.artifact import Artifact
from models.drift import drift_shifts
from models.evaluate import set_beforehand, within_capacity
from models.rolling_origin import origins_of
from tests.mailsignals.training.companies import (
    SETTINGS,
    book,
    large_company,
    material,
    quiet_material,
    small_company,
)
from tests.models.samples import RECIPE, company

pytestmark = pytest.mark.slow

ACCOUNTS = 500
DAY = dt.date(1971, 2, 3)


def full_book(accounts: int) -> pl.DataFrame:
    """The book with the fields that a model may read."""
    return book(accounts).with_columns(
        tier=pl.lit("small"), arr=pl.lit(0.0), renewal_on=DAY, started_on=dt.date(1969, 1, 1)
    )


@pytest.fixture(scope="module")
def backtest() -> Backtest:
    """Of a company where the scorecard is wrong and many left."""
    return replay_history(material(large_company()), whole=False)


@pytest.fixture(scope="module")
def judgement(backtest: Backtest) -> Judgement:
    """What it came to on churn."""
    assert backtest.churn is not None
    return backtest.churn


def test_the_trained_chance_sets_the_order_where_it_wins(backtest: Backtest, judgement: Judgement) -> None:
    """From twenty churners on, it orders accounts if it ranks better than risk without churn dates beyond chance."""
    assert backtest.order is not None
    assert backtest.order.better["pr_auc"].low > 0
    assert (backtest.sets_order, judgement.chosen) == (True, "leaving")
    assert "The model 'leaving' sets the order, because it ranks significantly better" in verdict(backtest)


def test_every_contender_is_judged_beside_simple_rules(judgement: Judgement) -> None:
    """All have the same figures; only what gives the chance of this event has those of calibration."""
    assert judgement.baselines == [
        "days since last mail",
        "few active days",
        "plain logistic",
        "graded rule",
    ]
    assert list(judgement.verdicts) == [
        "leaving",
        "risk",
        "risk without churn dates",
        "churn signals",
        "quiet",
        *judgement.baselines,
    ]
    for name, one in judgement.verdicts.items():
        chances = {"leaving", "churn signals", "plain logistic"}
        assert ("brier_skill" in one.figures) == (name in chances)
        assert one.figures["false_alarms_per_csm_month"].value <= 1.0
    assert judgement.verdicts["days since last mail"].figures["roc_auc"].value == pytest.approx(0.5, abs=0.05)
    assert list(judgement.against) == judgement.baselines
    for better in judgement.against.values():
        assert better["pr_auc"].low > 0
    chosen = judgement.verdicts[judgement.chosen].figures
    assert chosen["recall_at_budget"].value > judgement.random["recall_at_budget"].value


def test_silence_is_judged_without_any_churn_date() -> None:
    """Every archive has silences: risk is judged on them, and the words say that churn is unchecked."""
    calm = small_company()
    nobody = dataclasses.replace(
        calm, days_to_event=np.full(len(calm), np.inf), days_to_sight=np.full(len(calm), np.inf)
    )
    found = replay_history(quiet_material(nobody), whole=True)
    assert (found.churn, found.order, found.churn_dates) == (None, None, 0)
    assert found.silence is not None
    assert {"risk without churn dates", "quiet", "few active days", "plain logistic"} <= set(
        found.silence.verdicts
    )
    text = verdict(found)
    assert text.startswith("The list ranks accounts by their chance of going quiet")
    assert "That is significantly better than the best simple rule" in text
    assert "The list has not been checked against cancellations yet. Add churn dates" in text


def test_a_simple_rule_that_is_as_good_is_said_so() -> None:
    """Where the best simple rule ranks as well, the first paragraph says it, and what the list adds."""
    known = quiet_material(small_company())
    rule = known.silence.rows["quiet"] + 0.0
    rows = known.silence.rows.with_columns(rule.alias("few active days"))
    same = dataclasses.replace(known, silence=dataclasses.replace(known.silence, rows=rows))
    found = replay_history(same, whole=True)
    assert found.silence is not None
    assert best_rule(found.silence) == "few active days"
    assert "A simple rule ranks as well: 'few active days'" in verdict(found)


def test_the_stories_are_those_that_the_figures_count(judgement: Judgement) -> None:
    """Alarms and departures, told one by one, come to the recall and the precision of the figures."""
    figures = judgement.verdicts[judgement.chosen].figures
    told = departures(judgement, book(ACCOUNTS))
    assert told["warned_on"].is_not_null().mean() == pytest.approx(figures["recall_at_budget"].value)
    assert told["lead_days"].drop_nulls().is_between(1, 120).all()
    assert ((told["left_on"] - told["warned_on"]).dt.total_days() == told["lead_days"]).all()
    known_until = dt.date(1970, 1, 1) + dt.timedelta(days=judgement.test.known_until)
    complete = pl.col("opened_on") + pl.duration(days=LOOK_AHEAD_DAYS) <= known_until
    known = alarms(judgement, book(ACCOUNTS)).filter(complete)
    assert "not known yet" not in known["outcome"]
    assert known.height == figures["judged_alarms"].value
    assert (known["outcome"] == "right").mean() == pytest.approx(figures["alarm_precision"].value)


def test_thresholds_of_the_first_half_know_nothing_of_the_second(judgement: Judgement) -> None:
    """What happens after the middle to those seen before it changes nothing; without a past there is no threshold."""
    test, score = judgement.test, judgement.scores[judgement.chosen]
    found = set_beforehand(score, test)
    assert found == judgement.beforehand
    assert found["judged_alarms"].value > 0
    days = np.unique(test.sample.day)
    middle = days[len(days) // 2]
    later = (test.sample.day <= middle) & (test.sample.day + test.sample.days_to_event > middle)
    changed = dataclasses.replace(
        test.sample, days_to_event=np.where(later, np.inf, test.sample.days_to_event)
    )
    assert set_beforehand(score, dataclasses.replace(test, sample=changed)) == found
    soon = test.sample.day < days[0] + 100
    short = dataclasses.replace(test, sample=test.sample.take(soon))
    assert set_beforehand(score[soon], short) == {}


def test_the_calendar_counts_every_alarm_and_departure_in_its_month() -> None:
    """Alarms stand in the month in which they opened, departures in theirs, and months without any are there."""
    opened = pl.DataFrame(
        {
            "opened_on": [dt.date(2025, 12, 1), dt.date(2025, 12, 31), dt.date(2026, 2, 1)],
            "outcome": ["right", "false", "not known yet"],
        }
    )
    left = pl.DataFrame(
        {"left_on": [dt.date(2026, 2, 27)], "warned_on": [None]}, schema_overrides={"warned_on": pl.Date}
    )
    drawn = calendar("All", opened, left)
    assert [(m.label, m.year, m.alarms, m.departures) for m in drawn.months] == [
        ("Dec", "2025", 2, 0),
        ("Jan", "2026", 0, 0),
        ("Feb", "", 1, 1),
    ]
    assert drawn.months[2].in_words == "February 2026: 1 not known yet, 1 missed"
    assert drawn.roomy
    years = opened.with_columns(opened_on=pl.Series([dt.date(2019, 12, 1), *opened["opened_on"][1:]]))
    assert not calendar("Years", years, left).roomy
    assert calendar("None", opened.clear(), left.clear()).months == []


def test_the_report_escapes_names_and_needs_nothing_from_elsewhere(backtest: Backtest) -> None:
    """Names are text, whatever they hold; no script, no style sheet and no picture from another place."""
    page = report_html(
        HistoryFindings(backtest=backtest), book(ACCOUNTS), company="Us & <Them>", as_of="1971-06-01"
    )
    assert "<b>Firm</b>" not in page
    assert "&lt;b&gt;Firm&lt;/b&gt;" in page
    assert "Us &amp; &lt;Them&gt;" in page
    assert "<script" not in page
    assert "http" not in page
    assert page.count("<svg") == 5
    assert page.index(verdict(backtest)[:12]) < page.index("<table>")


def test_the_document_holds_every_figure(backtest: Backtest, judgement: Judgement) -> None:
    """The JSON has the verdict, all contenders, each alarm and each departure, and no figure that is not a number."""
    found = json.loads(document(HistoryFindings(backtest=backtest), book(ACCOUNTS), as_of="1971-06-01"))
    assert found["verdict"] == verdict(backtest)
    assert [one["name"] for one in found["backtest"]["churn"]["verdicts"]] == list(judgement.verdicts)
    assert len(found["departures"]["churn"]) == departures(judgement, book(ACCOUNTS)).height
    assert found["backtest"]["sets_order"] is True


def test_the_report_names_leaks_fields_and_reasons(backtest: Backtest) -> None:
    """A refused field, the fields then and today, and the lift of each reason stand in the page and the document."""
    known = material(large_company())
    leak = Leak(field="arr", accounts=("A1",), dates=((DAY, DAY),), refused=True, sentence="No arr & why.")
    findings = HistoryFindings(
        backtest=backtest,
        leaks=[leak],
        fields=facts_then_and_today(known.churn, full_book(ACCOUNTS)),
        reasons={Target.CHURN: reason_lifts(known.churn, RECIPE.scorecard, least_risk=0.05)},
    )
    page = report_html(findings, book(ACCOUNTS), company="Us", as_of="1971-06-01")
    assert "No arr &amp; why." in page
    assert "Account list: past values and today's values" in page
    assert "any reason" in page
    found = json.loads(document(findings, book(ACCOUNTS), as_of="1971-06-01"))
    assert found["revealing_fields"][0]["accounts"] == [
        {"account_id": "A1", "churned_on": str(DAY), "seen_on": str(DAY)}
    ]
    assert {one["field"] for one in found["fields_then_and_today"]} == {
        "tier",
        "arr",
        "renewal_on",
        "started_on",
    }


def test_the_trained_model_is_the_chosen_one(backtest: Backtest) -> None:
    """It knows whether it sets the order, comes back from its text, and sees no drift in what it learnt from."""
    known = material(large_company())
    artifact = fit_model(known, backtest, SETTINGS)
    assert artifact.fitted.candidate == backtest.candidate
    assert artifact.fitted.width == backtest.width
    assert artifact.sets_order
    assert Artifact.from_text(artifact.to_text()).id == artifact.id
    assert artifact.manifest["verdict"] == verdict(backtest)
    moved = drift_shifts(artifact.reference, drift_columns(artifact.fitted, known.newest))
    assert [shift.name for shift in moved if shift.index > 0] == []


def test_many_departures_leave_time_to_judge_alarms() -> None:
    """Where the newest weeks alone have departures enough, the test reaches back to alarms whose outcome is known."""
    many = material(company(1800, seed=13, base=0.006))
    sample = many.churn.sample
    mature = sample.take(sample.mature)
    assert mature.take(mature.day > mature.day.max() - 84).churners() >= ENOUGH_TEST_CHURNERS
    origins = latest_origins(many, origins_of(sample, every=EVERY_DAYS, least_churners=5))
    assert (np.diff(origins) == QUARTER * EVERY_DAYS).all()
    today = int((sample.day + sample.days_known).max())
    assert ENOUGH_TEST_DAYS <= today - origins[0] < ENOUGH_TEST_DAYS + EVERY_DAYS


def test_few_departures_are_not_judged() -> None:
    """Under twenty departures in the test nothing is ranked, and the words say so."""
    found = replay_history(material(small_company()), whole=True)
    assert found.churn is not None
    assert (found.churn.chosen, found.steps, found.sets_order) == ("risk", [], False)
    assert "On churn it can't be evaluated yet" in verdict(found)


def test_without_departures_there_is_nothing_to_train() -> None:
    """The error says how many there are, how many it takes, and what to do; the report says what is known."""
    few = material(company(5, seed=1))
    found = replay_history(few, whole=True)
    assert (found.silence, found.churn) == (None, None)
    assert verdict(found).startswith("Nothing can be checked yet")
    with pytest.raises(
        UserError, match=r"at least 5 churned accounts.*found \d.*Add churn dates \(churned_on\)"
    ):
        least_departures(few, timezone="UTC")


def test_capacity_is_each_csms_riskiest_few_of_a_day() -> None:
    """Two a CSM and day, the riskiest."""
    score = np.array([0.1, 0.9, 0.5, 0.7, 0.2, 0.3])
    day, csm = np.array([1, 1, 1, 1, 2, 2]), np.array([0, 0, 0, 1, 0, 0])
    found = within_capacity(score, day, csm, most=2)
    assert found.tolist() == [False, True, True, True, True, True]
