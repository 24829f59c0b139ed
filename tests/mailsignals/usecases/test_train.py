"""From customers who left to a model in use: what it says, and what becomes of it."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mailsignals import clock
from mailsignals.errors import UserError
from mailsignals.risk.explanation import parts_of
from mailsignals.store.tables.models import Models
from mailsignals.training.dataset import Target
from mailsignals.usecases.score import drift_doubts
from mailsignals.usecases.train import put_into_use, roll_back_model, train
from mailsignals.workspace import Snapshot, Workspace
from models.artifact import Artifact
from tests.mailsignals.usecases.offices import MIDNIGHT, loaded

TRAINED_AS_OF = dt.datetime(2026, 10, 31, 23, tzinfo=dt.UTC)
BEFORE = dt.datetime(2026, 5, 31, 22, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def today(trained_warehouse: Path) -> Iterator[Snapshot]:
    """The simulated company on the day of its training; nobody changes it."""
    with Workspace.load(trained_warehouse / "config.toml").at(TRAINED_AS_OF) as snapshot:
        yield snapshot


def sources(workspace: Workspace) -> set[str]:
    """Whose the risk of all accounts is on the day of the training."""
    with workspace.at(TRAINED_AS_OF) as snapshot:
        return set(snapshot.risk["source"])


def model_file(folder: Path) -> Path:
    """The file of the only model."""
    (file,) = (folder / "store" / "models").glob("*/model.json")
    return file


def test_risk_has_probabilities_and_says_whose(today: Snapshot) -> None:
    """Every scored account has a probability, levels and reasons; the score stays, and the source is the model's id."""
    rows = today.risk.to_dicts()
    (model,) = today.models_trained_as_of
    assert {row["source"] for row in rows} == {model}
    for row in rows:
        scored = row["state"] == "scored"
        assert (row["risk"] is not None) == (row["score"] is not None) == (row["level"] is not None) == scored
        assert not scored or 0 < row["risk"] < 1
    risks = [row["risk"] for row in rows if row["risk"] is not None]
    assert risks == sorted(risks, reverse=True)


def test_an_instant_before_the_training_has_the_scorecard(today: Snapshot) -> None:
    """What the model learnt later may not count; that there is one is known all the same."""
    with today.workspace.at(BEFORE) as snapshot:
        assert set(snapshot.risk["source"]) == {"scorecard"}
        assert snapshot.model is None
        assert len(snapshot.model_journal) == 1


def test_a_model_has_its_card_and_its_drift(today: Snapshot) -> None:
    """Nothing has moved on the day of the training, and nothing speaks against the model."""
    assert today.model_card.startswith("# churn-")
    assert today.fit is not None
    assert [shift.name for shift in today.fit.shifts if shift.drifted] == []
    assert drift_doubts(today) == []


def test_an_explanation_adds_up_to_the_chance(today: Snapshot, trained_warehouse: Path) -> None:
    """All that adds to an account's index is there, the most first, and its sum, calibrated, is the probability."""
    riskiest = today.risk.row(0, named=True)
    _, parts = parts_of(today.risk, riskiest["account_id"])
    sizes = parts["adds"].abs().to_list()
    assert sizes == sorted(sizes, reverse=True)
    text = model_file(trained_warehouse).read_text(encoding="utf-8")
    index = np.array([parts["adds"].sum()])
    calibration = Artifact.from_text(text).fitted.calibration
    assert calibration.within_horizon(index)[0] == pytest.approx(riskiest["risk"])
    with pytest.raises(UserError, match=r"nobody.*no such account_id"):
        parts_of(today.risk, "nobody")
    gone = today.risk.filter(state="churned")["account_id"][0]
    with pytest.raises(UserError, match=r"not judged.*churned"):
        parts_of(today.risk, gone)


def test_a_model_that_no_longer_fits_is_doubted(trained: Path) -> None:
    """Where far more have left than it learnt to expect."""
    workspace, artifact = loaded(trained), Artifact.from_text(model_file(trained).read_text(encoding="utf-8"))
    sure = dataclasses.replace(artifact, reference=dataclasses.replace(artifact.reference, event_share=1e-6))
    Models(trained / "store" / "models").add(sure, "# sure\n")
    put_into_use(workspace, sure.id, at=clock.now())
    with workspace.at(TRAINED_AS_OF) as snapshot:
        doubts = drift_doubts(snapshot)
    assert doubts is not None
    assert " ".join(doubts).count("more than chance explains: train anew") == 1


@pytest.mark.slow
def test_rolling_back_leads_to_what_was_before(trained: Path) -> None:
    """The scorecard was in use before the first model, which can be put back."""
    workspace = loaded(trained)
    with workspace.at(TRAINED_AS_OF) as snapshot:
        (model,) = snapshot.models_trained_as_of
    assert roll_back_model(workspace) == "scorecard"
    assert sources(workspace) == {"scorecard"}
    put_into_use(workspace, model, at=clock.now())
    assert sources(workspace) == {model}
    with pytest.raises(UserError, match="churn-nothing"):
        put_into_use(workspace, "churn-nothing", at=clock.now())


def test_a_broken_model_is_not_used(trained: Path) -> None:
    """Nothing of a changed file is used, and the message says how to go on."""
    workspace, file = loaded(trained), model_file(trained)
    file.write_text(file.read_text(encoding="utf-8").replace("0", "1", 1), encoding="utf-8")
    with pytest.raises(UserError, match=r"cannot be used.*--roll-back"):
        sources(workspace)
    assert roll_back_model(workspace) == "scorecard"
    assert sources(workspace) == {"scorecard"}


def test_too_little_to_learn_from_is_refused(stocked: Path) -> None:
    """Nobody has left: the message says what to do. Without a past there is no snapshot."""
    workspace, now = loaded(stocked), clock.now()
    with pytest.raises(UserError, match=r"0 accounts.*churned_on.*--target silence"):
        train(workspace, MIDNIGHT, Target.CHURN, now=now, whole=False)
    with pytest.raises(UserError, match="four months of mail"):
        train(
            workspace,
            workspace.instant("2025-10-01", now=now),
            Target.CHURN,
            now=now,
            whole=False,
        )
