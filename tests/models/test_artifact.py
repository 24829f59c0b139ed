"""Models as text, what moved since, and what their card says."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.alarms import Thresholds
from models.artifact import Artifact, BrokenArtifactError
from models.bootstrap import Estimate
from models.card import model_card
from models.drift import Reference, drift_shifts
from models.explain import explanation_parts, importance
from models.train import Candidate, CandidateKind
from tests.models.samples import RECIPE, company

FIGURE = Estimate(value=0.7, low=0.6, high=0.8).to_json()


@pytest.fixture(scope="module", params=[CandidateKind.LINEAR, CandidateKind.ADDITIVE])
def artifact(request: pytest.FixtureRequest) -> Artifact:
    """A trained model."""
    sample = company(120, seed=6)
    fitted = RECIPE.fit(Candidate(kind=request.param), sample)
    verdicts = [
        {"name": name, "figures": {"roc_auc": FIGURE, "pr_auc": FIGURE}}
        for name in ("scorecard", fitted.candidate.name)
    ]
    return Artifact(
        target="churn",
        fitted=fitted,
        weights={"activity": 2.0},
        thresholds=Thresholds(opens=0.2, stays=0.15),
        reference=Reference.of({"index": fitted.values(sample)}, event_share=0.03),
        manifest={
            "as_of": "2026-06-01T00:00:00+00:00",
            "first_snapshot": "2025-01-06T00:00:00+00:00",
            "last_snapshot": "2026-03-02T00:00:00+00:00",
            "rows": len(sample),
            "accounts": 120,
            "events": sample.churners(),
            "versions": {"mailsignals": "0.1.0"},
            "importance": importance(fitted.index, sample.inputs),
            "test": {"rows": 1000, "events": 7, "verdicts": verdicts},
        },
    )


def test_a_model_comes_back_from_its_text(artifact: Artifact) -> None:
    """Text and back is the same model with the same answers, and the same id."""
    sample = company(20, seed=7)
    back = Artifact.from_text(artifact.to_text())
    assert back.id == artifact.id
    assert back.to_text() == artifact.to_text()
    assert (back.fitted.probabilities(sample) == artifact.fitted.probabilities(sample)).all()


def test_a_model_that_was_changed_is_refused(artifact: Artifact) -> None:
    """One digit, a missing part, another format, or no JSON at all: nothing of it is used."""
    text = artifact.to_text()
    document = json.loads(text)
    document["calibration"]["slope"] += 0.001
    without = {name: value for name, value in json.loads(text).items() if name != "terms"}
    newer = json.loads(text) | {"format": 2}
    for broken in (json.dumps(document), json.dumps(without), json.dumps(newer), text[:-40], "[]", "null"):
        with pytest.raises(BrokenArtifactError):
            Artifact.from_text(broken)


def test_a_model_without_affordable_alarms_comes_back(artifact: Artifact) -> None:
    """No threshold is null in the text, and never in use."""
    never = dataclasses.replace(artifact, thresholds=Thresholds(opens=np.inf, stays=np.inf))
    assert Artifact.from_text(never.to_text()).thresholds.opens == np.inf


def test_a_card_says_what_may_not_be_leaned_on(artifact: Artifact) -> None:
    """The card has the figures with intervals, and warns where too few departures were in the test."""
    text = model_card(artifact)
    assert text.startswith(f"# {artifact.id}\n")
    assert "| ROC-AUC | 0.700 (0.600 to 0.800) | 0.700 (0.600 to 0.800) |" in text
    assert "Fewer than 20 departures in the test" in text
    assert "Do not use it for" in text
    assert "Nothing is known of how good it is" in model_card(
        dataclasses.replace(artifact, manifest={**artifact.manifest, "test": None})
    )


def test_a_stand_in_is_called_what_it_is(artifact: Artifact) -> None:
    """A model of silence says so in its id and on its card."""
    silence = dataclasses.replace(artifact, target="silence")
    assert silence.id.startswith("silence-")
    assert "goes silent for 90 days" in model_card(silence)
    assert "it is not the same" in model_card(silence)


def test_reasons_add_up(artifact: Artifact) -> None:
    """The parts of an account are its index."""
    import polars as pl  # noqa: PLC0415  # one test

    sample = company(20, seed=7)
    frame = pl.DataFrame(sample.inputs, schema=list(sample.names)).with_row_index("account")
    found = explanation_parts(artifact.fitted.index, frame)
    total = found.drop("account").sum_horizontal().to_numpy()
    assert total == pytest.approx(artifact.fitted.values(sample), abs=1e-9)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.sampled_from((60, 300)))
def test_the_same_population_has_not_drifted(seed: int, accounts: int) -> None:
    """Two samples of one population stay under the critical value, also where they are small."""
    rng = np.random.default_rng(seed)
    reference = Reference.of({"x": rng.normal(size=accounts)}, event_share=0.03)
    (shift,) = drift_shifts(reference, {"x": rng.normal(size=accounts)})
    assert shift.index < 1.6 * shift.critical


def test_another_population_has_drifted() -> None:
    """A shift by one standard deviation is seen at 300 accounts; what nobody knows is no drift."""
    rng = np.random.default_rng(0)
    reference = Reference.of({"x": rng.normal(size=300), "y": np.full(300, np.nan)}, event_share=0.03)
    found = {
        shift.name: shift
        for shift in drift_shifts(reference, {"x": 1 + rng.normal(size=300), "y": np.ones(300)})
    }
    assert found["x"].drifted
    assert not found["y"].drifted
