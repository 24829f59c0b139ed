"""``mailsignals train``, ``model`` and ``backtest``, and what ``risk`` says with a model."""

import dataclasses
import json
from pathlib import Path

import pytest

from mailsignals.store.tables.models import Models
from models.artifact import Artifact
from tests.mailsignals.cli.program import Program
from tests.mailsignals.demo.conftest import UNTIL

DAY = f"{UNTIL:%Y-%m-%d}"
BEFORE = "2026-06-01"


@pytest.mark.slow
def test_risk_says_the_chance_and_whose_it_is(run: Program, trained: Path) -> None:
    """The source names the model, and an explanation lists all that adds to its chance."""
    assert "may no longer fit" not in run("risk", "--as-of", DAY).err
    riskiest, *_ = run("risk", "--as-of", DAY, "--json").json
    assert "churn-leaving" in riskiest["source"]
    asked = ("risk", "--as-of", DAY, "--explain", riskiest["account_id"])
    leaving = [part["adds"] for part in run(*asked, "--json").json if part["cause"] == "leaving"]
    assert len(leaving) > 20


@pytest.mark.slow
def test_the_model_shows_its_card_its_drift_and_the_models_there_are(run: Program, trained: Path) -> None:
    """As text and as an object; ``--use`` and ``--roll-back`` say what is in use, and are not given together."""
    shown = run("model", "--as-of", DAY)
    assert shown.out.startswith("# Chance of going quiet")
    assert "# churn-leaving" in shown.out
    assert "No significant drift in" in shown.out
    document = run("model", "--as-of", DAY, "--json").json
    (model,) = [line["model"] for line in document["models"] if line["in_use"]]
    assert [row["column"] for row in document["drift"] if row["drifted"]] == []
    assert {"low", "high", "rows", "predicted", "happened"} == set(document["quiet"][0])
    assert "Now in use: scorecard." in run("model", "--roll-back").err
    assert run("model", "--use", model, "--as-of", DAY).status == 0
    run("model", "--use", "churn-nothing").refused("churn-nothing")
    run("model", "--use", model, "--roll-back").refused("one of them")


@pytest.mark.slow
def test_a_model_that_no_longer_fits_is_said_so(run: Program, trained: Path) -> None:
    """Where far more have left than it learnt to expect, the daily run doubts it, and so does `model`."""
    (file,) = (trained / "store" / "models").glob("*/model.json")
    artifact = Artifact.from_text(file.read_text(encoding="utf-8"))
    sure = dataclasses.replace(artifact, reference=dataclasses.replace(artifact.reference, event_share=1e-6))
    Models(trained / "store" / "models").add(sure, "# sure\n")
    shown = run("model", "--use", sure.id, "--as-of", DAY)
    assert " ".join(shown.out.split()).count("a significant difference. Run `mailsignals train`.") == 1
    assert "may no longer fit. Of " in run("risk", "--as-of", DAY).err


@pytest.mark.slow
def test_a_backtest_writes_a_page_and_a_document(run: Program, trained: Path) -> None:
    """The report's first paragraph is the verdict, which the command says too."""
    ran = run("backtest", "--as-of", DAY, "--output", "report")
    document = json.loads(Path("report/report.json").read_text(encoding="utf-8"))
    assert ran.out.splitlines()[0].startswith(document["verdict"][:60])
    assert document["backtest"]["silence"]["events"] > 0
    assert document["reasons"]["silence"]
    assert "<svg" in Path("report/report.html").read_text(encoding="utf-8")


def test_a_target_is_no_choice_any_more(run: Program, stocked: Path) -> None:
    """A script of before gets told what took its place."""
    run("train", "--target", "silence").refused("needs no training", "calibrated")
    run("train", "--target", "weather").refused("no such target")
    run("backtest", "--target", "silence").refused("silence and churn in one report")


def test_too_little_to_learn_from_is_said_so(run: Program, stocked: Path) -> None:
    """Nobody has left: risk goes on without a model, and the message says what to do."""
    run("train", "--as-of", "2026-03-02").refused("found 0", "churned_on")
    assert (
        "The list has not been checked against cancellations" in run("backtest", "--as-of", "2026-03-02").out
    )
    assert "No trained model is in use" in run("model").out


def test_a_retired_model_is_listed_and_explained(run: Program, trained: Path) -> None:
    """A store of before has a model of a kind that is gone in use."""
    (file,) = (trained / "store" / "models").glob("*/model.json")
    document = json.loads(file.read_text(encoding="utf-8")) | {"format": 1, "kind": "additive"}
    file.write_text(json.dumps(document), encoding="utf-8")
    shown = run("model", "--as-of", DAY)
    assert f"{file.parent.name} is retired (the kind additive is gone)." in shown.out.replace("\n", " ")
    assert shown.status == 0
    (row,) = run("model", "--as-of", DAY, "--json").json["models"]
    assert (row["in_use"], row["retired"]) == (False, "the kind additive is gone")
    run("model", "--use", file.parent.name).refused("is retired", "mailsignals train")
