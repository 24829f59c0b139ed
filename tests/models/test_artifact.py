"""Models as text, what moved since, and what their card says."""

import contextlib
import dataclasses
import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.artifact import Artifact, BrokenArtifactError, RetiredArtifactError
from models.bootstrap import Estimate
from models.card import model_card
from models.drift import Reference, drift_shifts
from models.explain import explanation_parts, importance
from models.train import Candidate
from tests.models.samples import RECIPE, company

FIGURE = Estimate(value=0.7, low=0.6, high=0.8).to_json()


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    """A trained model."""
    sample = company(120, seed=6)
    fitted = RECIPE.fit(Candidate(), sample)
    verdicts = [
        {"name": name, "figures": {"roc_auc": FIGURE, "pr_auc": FIGURE}}
        for name in ("days since last mail", fitted.candidate.name)
    ]
    return Artifact(
        fitted=fitted,
        weights={"activity": 2.0},
        reference=Reference.of({"index": fitted.log_odds(sample)}, event_share=0.03),
        manifest={
            "as_of": "2026-06-01T00:00:00+00:00",
            "first_snapshot": "2025-01-06T00:00:00+00:00",
            "last_snapshot": "2026-03-02T00:00:00+00:00",
            "rows": len(sample),
            "accounts": 120,
            "events": sample.churners(),
            "versions": {"mailsignals": "0.1.0"},
            "importance": importance(fitted.index, sample.inputs),
            "test": {"rows": 1000, "events": 7, "verdicts": verdicts, "baselines": ["days since last mail"]},
            "sets_order": True,
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
    document["intercept"] += 0.001
    without = {name: value for name, value in json.loads(text).items() if name != "terms"}
    newer = json.loads(text) | {"format": 3}
    for broken in (json.dumps(document), json.dumps(without), json.dumps(newer), text[:-40], "[]", "null"):
        with pytest.raises(BrokenArtifactError):
            Artifact.from_text(broken)


@pytest.mark.parametrize(("target", "kind"), [("churn", "pairwise"), ("silence", "scorecard")])
def test_a_model_of_a_kind_that_is_gone_is_retired(artifact: Artifact, target: str, kind: str) -> None:
    """It is told apart from a broken one, and the reason names the kind, or that silence needs no model."""
    document = json.loads(artifact.to_text()) | {"format": 1, "target": target, "kind": kind}
    with pytest.raises(RetiredArtifactError, match=kind if target == "churn" else "silence needs no model"):
        Artifact.from_text(json.dumps(document))


def test_a_card_says_what_may_not_be_leaned_on(artifact: Artifact) -> None:
    """The card has the figures with intervals, and warns where too few departures were in the test."""
    text = model_card(artifact)
    assert text.startswith(f"# {artifact.id}\n")
    assert "| ROC-AUC | 0.700 (0.600 to 0.800) | 0.700 (0.600 to 0.800) |" in text
    assert "Fewer than 20 churned accounts in the test" in text
    assert "Do not use it for" in text
    assert "the quality of the model is unknown" in model_card(
        dataclasses.replace(artifact, manifest={**artifact.manifest, "test": None})
    )


def test_a_card_says_how_the_model_is_used(artifact: Artifact) -> None:
    """It orders the accounts, or is one of two causes; fields that were refused are named with the reason."""
    assert "and sets the order of accounts" in model_card(artifact)
    other = dataclasses.replace(
        artifact,
        manifest={**artifact.manifest, "sets_order": False, "refused": ["The model does not use arr."]},
    )
    assert "one of the two causes of risk" in model_card(other)
    assert "The model does not use arr." in model_card(other)


def test_reasons_add_up(artifact: Artifact) -> None:
    """The parts of an account are its index."""
    import polars as pl  # noqa: PLC0415  # one test

    sample = company(20, seed=7)
    frame = pl.DataFrame(sample.inputs, schema=list(sample.names)).with_row_index("account")
    found = explanation_parts(artifact.fitted.index, frame)
    total = found.drop("account").sum_horizontal().to_numpy()
    assert total + artifact.fitted.intercept == pytest.approx(artifact.fitted.log_odds(sample), abs=1e-9)


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


BAD_VALUES = (
    *("NaN", "Infinity", "-Infinity", "1e400", "-1e999", '"inf"', '"NaN"', '"-Infinity"', '"1e400"'),
    *("9" * 400, "9" * 5000, "-9007199254740993"),
)


def places(document: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place of a value in a JSON document."""
    below: list[tuple[str | int, object]] = []
    if isinstance(document, dict):
        below = list(document.items())
    elif isinstance(document, list):
        below = list(enumerate(document))
    return [*([path] if path else []), *(place for key, one in below for place in places(one, (*path, key)))]


def with_value(text: str, place: tuple[str | int, ...], raw: str) -> str:
    """A model's text with another value at a place, and the hash that this content has."""
    document = json.loads(text)
    inner = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = "<here>"
    if place != ("sha256",):
        content = {name: value for name, value in document.items() if name != "sha256"}
        plain = json.dumps(content, sort_keys=True, separators=(",", ":")).replace('"<here>"', raw)
        with contextlib.suppress(ValueError):
            plain = json.dumps(json.loads(plain), sort_keys=True, separators=(",", ":"))
        document["sha256"] = hashlib.sha256(plain.encode()).hexdigest()
    return json.dumps(document).replace('"<here>"', raw)


@pytest.mark.scenario("model-values-not-finite")
def test_a_value_that_is_not_finite_is_refused_wherever_it_is(artifact: Artifact) -> None:
    """In every place of a model, a value that no number can be is refused in a sentence, though the hash fits it."""
    text = artifact.to_text()
    every = places(json.loads(text))
    for number, place in enumerate(every):
        raw = BAD_VALUES[number % len(BAD_VALUES)]
        with pytest.raises(BrokenArtifactError):
            Artifact.from_text(with_value(text, place, raw))
    for raw in BAD_VALUES:
        with pytest.raises(BrokenArtifactError, match="it is not a model"):
            Artifact.from_text(with_value(text, ("format",), raw))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.scenario("model-values-not-finite")
@settings(max_examples=40)
@given(number=st.integers(0, 10_000), value=JSON_VALUES)
def test_any_change_of_a_model_is_a_model_or_a_sentence(
    artifact: Artifact, number: int, value: object
) -> None:
    """Whatever stands in the place of a value, no other exception comes out, and what is taken is finite."""
    text = artifact.to_text()
    every = places(json.loads(text))
    place = every[number % len(every)]
    try:
        back = Artifact.from_text(with_value(text, place, json.dumps(value)))
    except (BrokenArtifactError, RetiredArtifactError):
        return
    json.dumps(json.loads(back.to_text()), allow_nan=False)
    assert back.id


@pytest.mark.scenario("model-values-not-finite")
@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "", "\ud800", '{"sha256": 1, "format": true}']
)
def test_what_is_no_document_is_refused(text: str) -> None:
    """Nested without end, empty, or with a truth value for a number."""
    with pytest.raises(BrokenArtifactError):
        Artifact.from_text(text)
