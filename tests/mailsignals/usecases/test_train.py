"""From customers who left to a model in use: what it says, and what becomes of it."""

import csv
import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mailsignals import clock
from mailsignals.errors import UserError
from mailsignals.risk.explanation import parts_of
from mailsignals.store.tables.models import Models
from mailsignals.training.verdict import verdict
from mailsignals.usecases.backtest import backtest
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


def source_of(model: str, file: Path) -> str:
    """The source of risk with a model in use: its id where it sets the order, else one of two causes."""
    artifact = Artifact.from_text(file.read_text(encoding="utf-8"))
    return model if artifact.sets_order else f"quiet+{model}"


def model_file(folder: Path) -> Path:
    """The file of the only model."""
    (file,) = (folder / "store" / "models").glob("*/model.json")
    return file


def test_risk_has_both_chances_and_says_whose(today: Snapshot, trained_warehouse: Path) -> None:
    """Every account that can be judged has a chance of leaving, and the source names the model."""
    rows = today.risk.to_dicts()
    (model,) = today.models_trained_as_of
    assert {row["source"] for row in rows} == {source_of(model, model_file(trained_warehouse))}
    for row in rows:
        judged = row["state"] in {"active", "seldom_writes", "new"}
        assert (row["risk"] is not None) == (row["leaving"] is not None) == judged
        assert not judged or 0 < row["leaving"] < 1
    risks = [row["risk"] for row in rows if row["state"] == "active"]
    assert risks == sorted(risks, reverse=True)


def test_an_instant_before_the_training_has_no_model(today: Snapshot) -> None:
    """What the model learnt later may not count; that there is one is known all the same."""
    with today.workspace.at(BEFORE) as snapshot:
        assert set(snapshot.risk["source"]) == {"quiet+scorecard"}
        assert snapshot.model is None
        assert len(snapshot.model_journal) == 1


def test_a_model_has_its_card_and_its_drift(today: Snapshot) -> None:
    """Nothing has moved on the day of the training, and nothing speaks against the model."""
    assert today.model_card.startswith("# churn-")
    assert today.fit is not None
    assert [shift.name for shift in today.fit.shifts if shift.drifted] == []
    assert drift_doubts(today) == []


def test_an_explanation_adds_up_to_the_chance(today: Snapshot) -> None:
    """All that adds to the log odds of leaving is there, and its sum is the chance."""
    riskiest = today.risk.row(0, named=True)
    _, parts = parts_of(today.risk, riskiest["account_id"])
    log_odds = float(parts.filter(pl.col("cause") == "leaving")["adds"].sum())
    assert 1 / (1 + np.exp(-log_odds)) == pytest.approx(riskiest["leaving"], abs=1e-9)


def test_a_model_that_no_longer_fits_is_doubted(trained: Path) -> None:
    """Where far more have left than it learnt to expect."""
    workspace, artifact = loaded(trained), Artifact.from_text(model_file(trained).read_text(encoding="utf-8"))
    sure = dataclasses.replace(artifact, reference=dataclasses.replace(artifact.reference, event_share=1e-6))
    Models(trained / "store" / "models").add(sure, "# sure\n")
    put_into_use(workspace, sure.id, at=clock.now())
    with workspace.at(TRAINED_AS_OF) as snapshot:
        doubts = drift_doubts(snapshot)
    assert doubts is not None
    assert " ".join(doubts).count("a significant difference. Run `mailsignals train`.") == 1


@pytest.mark.slow
def test_rolling_back_leads_to_what_was_before(trained: Path) -> None:
    """The scorecard was in use before the first model, which can be put back."""
    workspace = loaded(trained)
    with workspace.at(TRAINED_AS_OF) as snapshot:
        (model,) = snapshot.models_trained_as_of
    assert roll_back_model(workspace) == "scorecard"
    assert sources(workspace) == {"quiet+scorecard"}
    put_into_use(workspace, model, at=clock.now())
    assert sources(workspace) == {source_of(model, model_file(trained))}
    with pytest.raises(UserError, match="churn-nothing"):
        put_into_use(workspace, "churn-nothing", at=clock.now())


def test_a_broken_model_is_not_used(trained: Path) -> None:
    """Nothing of a changed file is used, and the message says how to go on."""
    workspace, file = loaded(trained), model_file(trained)
    file.write_text(file.read_text(encoding="utf-8").replace("0", "1", 1), encoding="utf-8")
    with pytest.raises(UserError, match=r"can't be used.*--roll-back"):
        sources(workspace)
    assert roll_back_model(workspace) == "scorecard"
    assert sources(workspace) == {"quiet+scorecard"}


def test_a_retired_model_gives_way_to_none(trained: Path) -> None:
    """A store of before has a model of a kind that is gone in use: risk goes on without one, and says why."""
    workspace, file = loaded(trained), model_file(trained)
    document = json.loads(file.read_text(encoding="utf-8")) | {"format": 1, "kind": "linear"}
    file.write_text(json.dumps(document), encoding="utf-8")
    assert sources(workspace) == {"quiet+scorecard"}
    with workspace.at(TRAINED_AS_OF) as snapshot:
        assert (snapshot.model, snapshot.fit) == (None, None)
        assert snapshot.retired_model is not None
        assert list(snapshot.models_retired.values()) == ["the kind linear is gone"]


def test_too_little_to_learn_from_is_refused(stocked: Path) -> None:
    """Nobody has left: the message says what to do. Without a past there is no snapshot."""
    workspace, now = loaded(stocked), clock.now()
    with pytest.raises(UserError, match=r"at least 5 churned accounts.*found 0.*Add churn dates"):
        train(workspace, MIDNIGHT, now=now, whole=False)
    with pytest.raises(UserError, match="four months of mail"):
        train(workspace, workspace.instant("2025-10-01", now=now), now=now, whole=False)


def rewritten(folder: Path, **columns: Callable[[int], str]) -> Workspace:
    """The company with other values in its account list: what each column holds, by the row's number."""
    path = folder / "accounts.csv"
    with path.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    for number, row in enumerate(rows):
        row.update({name: value(number) for name, value in columns.items()})
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return loaded(folder)


@pytest.mark.slow
def test_arr_that_was_set_to_0_afterwards_is_refused(trained: Path) -> None:
    """Without a history, the field, the accounts and the dates are named, and the model does without it."""
    config = trained / "config.toml"
    lines = config.read_text(encoding="utf-8").splitlines(keepends=True)
    config.write_text("".join(line for line in lines if "history_file" not in line), encoding="utf-8")
    with (trained / "accounts.csv").open(encoding="utf-8", newline="") as text:
        gone = [bool(row["churned_on"]) for row in csv.DictReader(text)]
    workspace = rewritten(trained, arr=lambda number: "0" if gone[number] else f"{number + 1}000")
    now = clock.now()
    found = train(workspace, now, now=now, whole=False)
    (leak,) = [one for one in found.leaks if one.field == "arr"]
    assert leak.refused
    assert len(leak.accounts) >= 5
    assert "revenue" not in {term.name for term in found.artifact.fitted.index}
    assert leak.sentence in found.artifact.manifest["refused"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("churned_on", "words"),
    [
        (lambda _: "", "The list has not been checked against cancellations"),
        (lambda _: "2020-01-01", "churn dates are known; 0 can be used"),
        (lambda _: "2031-01-01", "The list has not been checked against cancellations"),
        (lambda n: "2026-08-01" if n == 3 else "", "1 churn date is known"),
        (lambda n: "2026-06-01" if n < 10 else "", None),
        (lambda _: "2026-06-01", None),
    ],
    ids=["none", "before the first mail", "in the future", "one", "ten alike", "all alike"],
)
def test_odd_churn_dates_are_no_trouble(
    trained: Path, churned_on: Callable[[int], str], words: str | None
) -> None:
    """Whatever the dates are, the replay ends, and what cannot be checked is said by name."""
    workspace = rewritten(trained, churned_on=churned_on)
    text = verdict(backtest(workspace, clock.now()).backtest)
    assert text
    assert words is None or words in text
