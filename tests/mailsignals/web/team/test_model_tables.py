"""The prepared tables behind the page Model, of a real model in a real company."""

import dataclasses
import datetime as dt

import pytest

from mailsignals.churn.fit import Fit
from mailsignals.churn.training import trained
from mailsignals.cli.assessing import assessed_at
from mailsignals.cli.preparing import learnt_at, material_at
from mailsignals.cli.workspace import Workspace
from mailsignals.prepared import model
from mailsignals.prepared.learnt import Learnt
from mailsignals.prepared.material import Material
from mailsignals.store.models import Entry
from models.alarms import Thresholds
from models.bootstrap import Estimate
from models.drift import Shift
from models.evaluate import Verdict
from tests.mailsignals.churn.learnt import SETTINGS, small_company
from tests.mailsignals.churn.learnt import material as to_learn_from
from tests.mailsignals.web.team.visitors import NOW

EARLIER = NOW - dt.timedelta(days=30)


@pytest.fixture(scope="module")
def scored(company: Workspace) -> Material:
    """The company, with the scorecard in use."""
    with company.reading() as store:
        return material_at(company, store, NOW)


@pytest.fixture(scope="module")
def modelled(scored: Material) -> Material:
    """The same with a model in use that was judged, another that cannot be read, and a history."""
    plain = trained(to_learn_from(small_company()), None, SETTINGS)
    figure = Estimate(value=0.2, low=0.1, high=0.3)
    verdict = Verdict(
        name="scorecard",
        figures={"pr_auc": figure},
        reliability=[(0.1, 0.08, 40.0)],
        thresholds=Thresholds(opens=0.2, stays=0.1),
    )
    test = {
        "chosen": "scorecard",
        "verdicts": [verdict.to_json()],
        "random": {"recall_at_budget": figure.to_json()},
    }
    in_use = dataclasses.replace(plain, manifest={**plain.manifest, "test": test, "verdict": "Worth using."})
    fit = Fit(
        shifts=[
            Shift(name="tenure", index=0.4, critical=0.2),
            Shift(name="odd", index=0.0, critical=float("inf")),
        ],
        departures="As many left as expected.",
        more_or_fewer_left=False,
    )
    learnt = Learnt(
        in_use=in_use,
        card="# card\n",
        fit=fit,
        trained_as_of={"broken": None, in_use.id: EARLIER},
        journal=[
            Entry(id=in_use.id, trained_as_of=EARLIER, promoted_at=NOW),
            Entry(id="broken", trained_as_of=EARLIER, promoted_at=EARLIER),
        ],
    )
    return dataclasses.replace(scored, learnt=learnt)


def test_without_a_model_only_flags_are_spoken_of(scored: Material) -> None:
    """No table of a model has a row; precision and the lesson have their sentences."""
    tables = (model.registry, model.promotions, model.contenders, model.calibration, model.shifts)
    assert all(table(scored).is_empty() for table in tables)
    assert model.words(scored)["about"].to_list() == ["precision", "lesson"]


def test_what_is_said_of_a_model(modelled: Material) -> None:
    """Its card, the verdict that was kept with it, what makes it doubtful, and the departures."""
    about = model.words(modelled).filter(~model.words(modelled)["about"].is_in(["precision", "lesson"]))
    assert about["about"].to_list() == ["card", "verdict", "doubt", "departures"]
    assert "tenure" in about["text"][2]


def test_the_figures_that_were_kept(modelled: Material) -> None:
    """Of each contender and of random alarms, in the words of the card; and what was said against what came."""
    rows = model.contenders(modelled).select("contender", "chosen", "words", "value", "low", "high").rows()
    assert rows == [
        ("scorecard", True, "PR-AUC", 0.2, 0.1, 0.3),
        ("random alarms", False, "recall at the alarm budget", 0.2, 0.1, 0.3),
    ]
    assert model.calibration(modelled).rows() == [(0.1, 0.08, 40.0)]


def test_models_and_what_was_put_into_use(modelled: Material) -> None:
    """The one in use first, one that cannot be read last; the latest promotion first."""
    assert modelled.learnt.in_use is not None
    current = modelled.learnt.in_use.id
    registry = model.registry(modelled)
    assert registry.select("model", "in_use", "readable").rows() == [
        (current, True, True),
        ("broken", False, False),
    ]
    assert model.promotions(modelled)["model"].to_list() == [current, "broken"]


def test_a_shift_that_no_number_makes_surprising_has_no_critical_value(modelled: Material) -> None:
    """Infinity is no number for a table."""
    assert model.shifts(modelled)["critical"].to_list() == [0.2, None]


def test_a_model_that_was_never_judged(modelled: Material) -> None:
    """It has no figures, and nothing fails."""
    assert modelled.learnt.in_use is not None
    manifest = {**modelled.learnt.in_use.manifest, "test": None}
    unjudged = dataclasses.replace(modelled.learnt.in_use, manifest=manifest)
    found = dataclasses.replace(modelled, learnt=dataclasses.replace(modelled.learnt, in_use=unjudged))
    assert model.contenders(found).is_empty()
    assert model.calibration(found).is_empty()


@pytest.mark.slow
def test_what_is_known_of_a_store_without_models(company: Workspace) -> None:
    """The scorecard is in use, nothing fits or does not, and nothing was put into use."""
    with company.reading() as store:
        found = learnt_at(company, store.models, assessed_at(company, store, NOW), NOW)
    assert (found.in_use, found.card, found.fit, found.trained_as_of, found.journal) == (
        None,
        "",
        None,
        {},
        [],
    )
