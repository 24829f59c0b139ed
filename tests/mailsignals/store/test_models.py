"""Models are kept whole, put into use, and taken back."""

import dataclasses
import datetime as dt
import json
from pathlib import Path

import pytest

from mailsignals.errors import UserError
from mailsignals.store.tables.models import SCORECARD, Models
from mailsignals.training.fit import fit_model
from models.artifact import Artifact
from tests.mailsignals.training.companies import SETTINGS, material, small_company

AT = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
TRAINED = dt.datetime(1971, 6, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    """A model that knows what was known on the first of June 1971."""
    return fit_model(material(small_company()), None, SETTINGS)


@pytest.fixture
def models(tmp_path: Path, artifact: Artifact) -> Models:
    """A folder with that model."""
    found = Models(tmp_path / "models")
    found.add(artifact, "# card\n")
    return found


def test_a_model_is_kept_with_its_card(models: Models, artifact: Artifact) -> None:
    """It is there once, however often it is added."""
    models.add(artifact, "# another card\n")
    assert models.ids() == [artifact.id]
    assert models.read(artifact.id).to_text() == artifact.to_text()
    assert models.card(artifact.id) == "# card\n"


def test_a_model_is_used_for_no_instant_before_it_was_trained(models: Models, artifact: Artifact) -> None:
    """What it learnt later may not count: for earlier instants the one before it, or the scorecard, is in use."""
    assert models.in_use(AT) is None
    models.promote(artifact.id, at=AT)
    assert models.in_use(TRAINED) == artifact.id
    assert models.in_use(TRAINED - dt.timedelta(microseconds=1)) is None


def test_a_promotion_can_be_taken_back(models: Models, artifact: Artifact) -> None:
    """Each step back undoes the last promotion, of a model or of the scorecard, until there is none."""
    models.promote(artifact.id, at=AT)
    models.promote(SCORECARD, at=AT)
    assert models.in_use(AT) is None
    assert models.roll_back() == artifact.id
    assert models.in_use(AT) == artifact.id
    assert models.roll_back() == SCORECARD
    with pytest.raises(UserError, match="No model was ever put into use"):
        models.roll_back()


def test_training_in_the_past_replaces_no_model_that_knows_more(models: Models, artifact: Artifact) -> None:
    """A model trained for an earlier instant is used there, and today's stays; a choice by hand replaces both."""
    later = dataclasses.replace(
        artifact, manifest={**artifact.manifest, "as_of": "1972-06-01T00:00:00+00:00"}
    )
    models.add(later, "# later\n")
    models.promote(later.id, at=AT)
    models.promote(artifact.id, at=AT + dt.timedelta(hours=1), over_later=False)
    assert (models.in_use(AT), models.in_use(TRAINED)) == (later.id, artifact.id)
    assert models.roll_back() == later.id
    assert models.in_use(TRAINED) is None
    models.promote(artifact.id, at=AT)
    assert models.in_use(AT) == artifact.id
    models.promote(SCORECARD, at=AT)
    assert models.in_use(AT) is None
    models.promote(artifact.id, at=AT, over_later=False)
    assert models.in_use(AT) == artifact.id


def test_only_a_whole_model_can_be_used(models: Models, artifact: Artifact, tmp_path: Path) -> None:
    """An unknown id, a changed file, or a file with another model is refused, and the journal stays."""
    with pytest.raises(UserError, match="Unknown model churn-nothing"):
        models.promote("churn-nothing", at=AT)
    file = tmp_path / "models" / artifact.id / "model.json"
    whole = file.read_text(encoding="utf-8")
    other = tmp_path / "models" / "churn-other" / "model.json"
    other.parent.mkdir()
    other.write_text(whole, encoding="utf-8")
    with pytest.raises(UserError, match="contains the model"):
        models.read("churn-other")
    file.write_text(whole.replace('"slope"', '"slop"', 1), encoding="utf-8")
    with pytest.raises(UserError, match=r"can't be used.*roll-back"):
        models.promote(artifact.id, at=AT)
    assert models.journal() == []


def test_a_journal_that_cannot_be_read_says_what_to_do(models: Models, tmp_path: Path) -> None:
    """A damaged journal is no model in use, and no traceback."""
    (tmp_path / "models" / "journal.json").write_text("[{", encoding="utf-8")
    with pytest.raises(UserError, match="journal of models can't be read"):
        models.in_use(AT)


def retired(models: Models, folder: Path, target: str = "churn", kind: str = "linear") -> str:
    """Put a model of the former format into the folder and into the journal; returns its id."""
    model_id = f"{target}-{kind}-19710101-0a1b2c3d"
    place = folder / "models" / model_id
    place.mkdir(parents=True)
    document = {"sha256": "0", "format": 1, "target": target, "kind": kind, "manifest": {}}
    (place / "model.json").write_text(json.dumps(document), encoding="utf-8")
    (place / "card.md").write_text("# old\n", encoding="utf-8")
    row = {"id": model_id, "trained_as_of": TRAINED.isoformat(), "promoted_at": AT.isoformat()}
    (folder / "models" / "journal.json").write_text(json.dumps([row]), encoding="utf-8")
    return model_id


@pytest.mark.parametrize(
    ("target", "kind", "why"),
    [
        ("churn", "linear", "the kind linear is gone"),
        ("churn", "pairwise", "the kind pairwise is gone"),
        ("silence", "scorecard", "silence needs no model any more"),
    ],
)
def test_a_model_of_a_kind_that_is_gone_is_listed_and_never_used(
    models: Models, artifact: Artifact, tmp_path: Path, target: str, kind: str, why: str
) -> None:
    """It stays in the folder and in the journal; none is in use in its place, until a new one is."""
    old = retired(models, tmp_path, target, kind)
    assert set(models.ids()) == {old, artifact.id}
    assert models.retired() == {old: why}
    assert (models.in_use(AT), models.retired_in_use(AT)) == (None, old)
    assert models.trained_as_of()[old] is None
    with pytest.raises(UserError, match=rf"{old} is retired: {why}.*mailsignals train"):
        models.promote(old, at=AT)
    models.promote(artifact.id, at=AT)
    assert (models.in_use(AT), models.retired_in_use(AT)) == (artifact.id, None)
    assert models.roll_back() == old
    assert (models.in_use(AT), models.retired_in_use(AT)) == (None, old)
