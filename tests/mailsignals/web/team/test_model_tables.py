"""The prepared tables behind the page Model, of a real model in a real company."""

import dataclasses
import datetime as dt
from collections.abc import Iterator

import pytest

from mailsignals.readmodel.tables import models
from mailsignals.store.tables.models import JournalEntry
from mailsignals.training.drift import Fit
from mailsignals.training.fit import fit_model
from mailsignals.workspace import Snapshot, Workspace
from models.alarms import Thresholds
from models.bootstrap import Estimate
from models.drift import Shift
from models.evaluate import Verdict
from tests.mailsignals.readmodel.queries.frames import NOW
from tests.mailsignals.snapshots import known_otherwise
from tests.mailsignals.training.companies import SETTINGS, small_company
from tests.mailsignals.training.companies import material as to_learn_from

OLD = "churn-linear-20250101-0a1b2c3d"
EARLIER = NOW - dt.timedelta(days=30)


@pytest.fixture(scope="module")
def scored(company: Workspace) -> Iterator[Snapshot]:
    """The company, with the scorecard in use."""
    with company.at(NOW) as snapshot:
        yield snapshot


@pytest.fixture(scope="module")
def modelled(scored: Snapshot) -> Snapshot:
    """The same with a model in use that was judged, another that cannot be read, and a history."""
    plain = fit_model(to_learn_from(small_company()), None, SETTINGS)
    figure = Estimate(value=0.2, low=0.1, high=0.3)
    verdict = Verdict(
        name="leaving",
        figures={"pr_auc": figure},
        reliability=[(0.1, 0.08, 40.0)],
        thresholds=Thresholds(opens=0.2, stays=0.1),
    )
    test = {
        "chosen": "risk",
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
    return known_otherwise(
        scored,
        model=in_use,
        model_card="# card\n",
        fit=fit,
        models_trained_as_of={"broken": None, OLD: None, in_use.id: EARLIER},
        models_retired={OLD: "the kind linear is gone"},
        model_journal=[
            JournalEntry(id=in_use.id, trained_as_of=EARLIER, promoted_at=NOW),
            JournalEntry(id="broken", trained_as_of=EARLIER, promoted_at=EARLIER),
        ],
    )


def test_without_a_model_only_flags_are_spoken_of(scored: Snapshot) -> None:
    """No table of a model has a row; the chance of going quiet, precision and the lesson have their words."""
    tables = (models.registry, models.promotions, models.contenders, models.calibration, models.shifts)
    assert all(table(scored).is_empty() for table in tables)
    assert models.model_words(scored)["about"].to_list() == ["quiet", "precision", "lesson"]


def test_what_is_said_of_a_model(modelled: Snapshot) -> None:
    """The card of quiet, its own, the verdict that was kept with it, what makes it doubtful, and the departures."""
    about = models.model_words(modelled).filter(
        ~models.model_words(modelled)["about"].is_in(["precision", "lesson"])
    )
    assert about["about"].to_list() == ["quiet", "card", "verdict", "doubt", "departures"]
    assert about["text"][0].startswith("# Chance of going quiet")
    assert "tenure" in about["text"][3]


def test_the_figures_that_were_kept(modelled: Snapshot) -> None:
    """Of each contender and of random alarms, in the words of the card; and what was said against what came."""
    rows = models.contenders(modelled).select("contender", "chosen", "words", "value", "low", "high").rows()
    assert rows == [
        ("leaving", True, "PR-AUC", 0.2, 0.1, 0.3),
        ("random alarms", False, "recall at the alarm budget", 0.2, 0.1, 0.3),
    ]
    assert models.calibration(modelled).rows() == [(0.1, 0.08, 40.0)]


def test_a_retired_model_in_use_is_told_of(modelled: Snapshot) -> None:
    """No model is in use then, and a sentence says which one was, and why not."""
    found = known_otherwise(modelled, model=None, fit=None, retired_model=OLD)
    words = models.model_words(found)
    (told,) = words.filter(words["about"] == "retired")["text"].to_list()
    assert told.startswith(f"{OLD} is retired (the kind linear is gone).")
    assert "card" not in words["about"]


def test_models_and_what_was_put_into_use(modelled: Snapshot) -> None:
    """The one in use first, those that are not used last, with the reason; the latest promotion first."""
    assert modelled.model is not None
    current = modelled.model.id
    registry = models.registry(modelled)
    assert registry.select("model", "in_use", "readable", "retired").rows() == [
        (current, True, True, None),
        ("broken", False, False, None),
        (OLD, False, False, "the kind linear is gone"),
    ]
    assert models.promotions(modelled)["model"].to_list() == [current, "broken"]


def test_a_shift_that_no_number_makes_surprising_has_no_critical_value(modelled: Snapshot) -> None:
    """Infinity is no number for a table."""
    assert models.shifts(modelled)["critical"].to_list() == [0.2, None]


def test_a_model_that_was_never_judged(modelled: Snapshot) -> None:
    """It has no figures, and nothing fails."""
    assert modelled.model is not None
    manifest = {**modelled.model.manifest, "test": None}
    unjudged = dataclasses.replace(modelled.model, manifest=manifest)
    found = known_otherwise(modelled, model=unjudged)
    assert models.contenders(found).is_empty()
    assert models.calibration(found).is_empty()


@pytest.mark.slow
def test_what_is_known_of_a_store_without_models(company: Workspace) -> None:
    """The scorecard is in use, nothing fits or does not, and nothing was put into use."""
    with company.at(NOW) as found:
        assert (found.model, found.model_card, found.fit) == (None, "", None)
        assert (found.models_trained_as_of, found.model_journal) == ({}, [])
