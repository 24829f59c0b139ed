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
from mailsignals.training.plots import calendar
from mailsignals.training.report import document, report_html
from mailsignals.training.timelines import alarms, departures
from mailsignals.training.verdict import verdict
from models.alarms import LOOK_AHEAD_DAYS
from models.artifact import Artifact
from models.drift import drift_shifts
from models.evaluate import set_beforehand, within_capacity
from models.rolling_origin import origins_of
from tests.mailsignals.training.companies import SETTINGS, book, large_company, material, small_company
from tests.models.samples import company

pytestmark = pytest.mark.slow

ACCOUNTS = 500


@pytest.fixture(scope="module")
def judgement() -> Backtest:
    """Of a company where the scorecard is wrong and many left."""
    found = replay_history(material(large_company()), SETTINGS, whole=False)
    assert found is not None
    return found


def test_a_model_that_wins_beyond_chance_takes_over(judgement: Backtest) -> None:
    """The scorecard gives way only to a gain whose whole interval lies above zero."""
    assert judgement.chosen != "scorecard"
    (first, *_) = judgement.steps
    assert (first.holder, first.wins) == ("scorecard", True)
    assert first.better["pr_auc"].low > 0
    text = verdict(judgement, Target.CHURN)
    assert text.startswith("Worth using: ")
    assert f"It is the model '{judgement.chosen}'" in text


def test_every_contender_is_judged_beside_the_controls(judgement: Backtest) -> None:
    """Candidates and controls have the same figures; only what gives probabilities has those of calibration."""
    assert list(judgement.verdicts) == [
        "scorecard",
        "linear",
        "additive",
        "graded rule",
        "days since last mail",
    ]
    for name, one in judgement.verdicts.items():
        assert ("brier_skill" in one.figures) == (name in {"scorecard", "linear", "additive"})
        assert one.figures["false_alarms_per_csm_month"].value <= 1.0
    assert judgement.verdicts["days since last mail"].figures["roc_auc"].value == pytest.approx(0.5, abs=0.05)
    for better in judgement.against.values():
        assert better["pr_auc"].low > 0
    chosen = judgement.verdicts[judgement.chosen].figures
    assert chosen["recall_at_budget"].value > judgement.random["recall_at_budget"].value


def test_the_stories_are_those_that_the_figures_count(judgement: Backtest) -> None:
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


def test_thresholds_of_the_first_half_know_nothing_of_the_second(judgement: Backtest) -> None:
    """What happens after the middle to those seen before it changes nothing; without a past there is no threshold."""
    test, score = judgement.test, judgement.score(judgement.chosen)
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
    assert drawn.months[2].in_words == "February 2026: 1 not known yet, 1 not warned of"
    assert drawn.roomy
    years = opened.with_columns(opened_on=pl.Series([dt.date(2019, 12, 1), *opened["opened_on"][1:]]))
    assert not calendar("Years", years, left).roomy
    assert calendar("None", opened.clear(), left.clear()).months == []


def test_the_report_escapes_names_and_needs_nothing_from_elsewhere(judgement: Backtest) -> None:
    """Names are text, whatever they hold; no script, no style sheet and no picture from another place."""
    page = report_html(judgement, Target.CHURN, book(ACCOUNTS), company="Us & <Them>", as_of="1971-06-01")
    assert "<b>Firm</b>" not in page
    assert "&lt;b&gt;Firm&lt;/b&gt;" in page
    assert "Us &amp; &lt;Them&gt;" in page
    assert "<script" not in page
    assert "http" not in page
    assert page.count("<svg") == 5
    assert page.index(verdict(judgement, Target.CHURN)[:12]) < page.index("<table>")


def test_the_document_holds_every_figure(judgement: Backtest) -> None:
    """The JSON has the verdict, all contenders, each alarm and each departure, and no figure that is not a number."""
    found = json.loads(document(judgement, Target.CHURN, book(ACCOUNTS), as_of="1971-06-01"))
    assert found["verdict"] == verdict(judgement, Target.CHURN)
    assert [one["name"] for one in found["judgement"]["verdicts"]] == list(judgement.verdicts)
    assert len(found["departures"]) == departures(judgement, book(ACCOUNTS)).height


def test_the_trained_model_is_the_chosen_one(judgement: Backtest) -> None:
    """Alarms open as often as in the replay, it comes back from its text, and sees no drift in what it learnt from."""
    known = material(large_company())
    artifact = fit_model(known, judgement, SETTINGS)
    assert artifact.fitted.candidate.name == judgement.chosen
    asked = artifact.fitted.probabilities(known.sample.take(judgement.answers.rows))[:, -1]
    replayed_opens = judgement.verdicts[judgement.chosen].thresholds.opens
    share = np.mean(judgement.score(judgement.chosen) >= replayed_opens)
    assert np.mean(asked >= artifact.thresholds.opens) == pytest.approx(share, abs=2 / len(asked))
    assert Artifact.from_text(artifact.to_text()).id == artifact.id
    assert artifact.manifest["verdict"] == verdict(judgement, Target.CHURN)
    moved = drift_shifts(artifact.reference, drift_columns(artifact.fitted.index, known.newest))
    assert [shift.name for shift in moved if shift.index > 0] == []


def test_many_departures_leave_time_to_judge_alarms() -> None:
    """Where the newest weeks alone have departures enough, the test reaches back to alarms whose outcome is known."""
    many = material(company(1800, seed=13, base=0.006))
    mature = many.sample.take(many.sample.mature)
    assert mature.take(mature.day > mature.day.max() - 84).churners() >= ENOUGH_TEST_CHURNERS
    origins = latest_origins(many, origins_of(many.sample, every=EVERY_DAYS, least_churners=5))
    assert (np.diff(origins) == QUARTER * EVERY_DAYS).all()
    today = int((many.sample.day + many.sample.days_known).max())
    assert ENOUGH_TEST_DAYS <= today - origins[0] < ENOUGH_TEST_DAYS + EVERY_DAYS


def test_few_departures_are_not_judged() -> None:
    """Under twenty departures in the test nothing is ranked, and the words say so first."""
    found = replay_history(material(small_company()), SETTINGS, whole=True)
    assert found is not None
    assert (found.chosen, found.steps) == ("scorecard", [])
    assert verdict(found, Target.CHURN).startswith("Not to be judged yet.")


def test_without_departures_there_is_nothing_to_train() -> None:
    """The error says how many there are, how many it takes, and what to do."""
    quiet = material(company(5, seed=1))
    assert replay_history(quiet, SETTINGS, whole=True) is None
    assert verdict(None, Target.CHURN).startswith("Nothing can be said yet")
    with pytest.raises(UserError, match=r"5 are needed.*--target silence"):
        least_departures(quiet, timezone="UTC")


def test_capacity_is_each_csms_riskiest_few_of_a_day() -> None:
    """Two a CSM and day, the riskiest."""
    score = np.array([0.1, 0.9, 0.5, 0.7, 0.2, 0.3])
    day, csm = np.array([1, 1, 1, 1, 2, 2]), np.array([0, 0, 0, 1, 0, 0])
    found = within_capacity(score, day, csm, most=2)
    assert found.tolist() == [False, True, True, True, True, True]
