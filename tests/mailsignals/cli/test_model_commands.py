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
    """In words, and with all that adds up to it; for an instant before the training it says how to have a model."""
    shown = run("risk", "--as-of", DAY)
    assert (
        "to leave within 90 days, about 1 in" in shown.out
        or "to leave within 90 days, under 1 in" in shown.out
    )
    assert "may no longer fit" not in shown.err
    riskiest, *_ = run("risk", "--as-of", DAY, "--json").json
    asked = ("risk", "--as-of", DAY, "--explain", riskiest["account_id"])
    index = sum(part["adds"] for part in run(*asked, "--json").json)
    assert f"{index:+.3f}" in run(*asked).out
    assert f"mailsignals train --as-of {BEFORE}" in run("risk", "--as-of", BEFORE).err


@pytest.mark.slow
def test_the_model_shows_its_card_its_drift_and_the_models_there_are(run: Program, trained: Path) -> None:
    """As text and as an object; ``--use`` and ``--roll-back`` say what is in use, and are not given together."""
    shown = run("model", "--as-of", DAY)
    assert shown.out.startswith("# churn-")
    assert "columns moved by more than chance since training." in shown.out
    document = run("model", "--as-of", DAY, "--json").json
    (model,) = [line["model"] for line in document["models"] if line["in_use"]]
    assert [row["column"] for row in document["drift"] if row["drifted"]] == []
    assert "In use from now on: scorecard." in run("model", "--roll-back").err
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
    assert shown.out.count("more than chance explains: train anew") == 1
    assert "may no longer fit. Of " in run("risk", "--as-of", DAY).err


@pytest.mark.slow
def test_a_backtest_writes_a_page_and_a_document(run: Program, trained: Path) -> None:
    """The report's first paragraph is the verdict, which the command says too."""
    ran = run("backtest", "--as-of", DAY, "--output", "report")
    document = json.loads(Path("report/report.json").read_text(encoding="utf-8"))
    assert ran.out.splitlines()[0].startswith(document["verdict"][:60])
    assert document["judgement"]["events"] > 0
    assert "<svg" in Path("report/report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_stand_in_is_called_what_it_is(run: Program, trained: Path) -> None:
    """A model of silence has a name that says so, and so have its chances."""
    assert run("train", "--target", "silence", "--as-of", DAY, "--quiet").status == 0
    assert all(row["source"].startswith("silence-") for row in run("risk", "--as-of", DAY, "--json").json)
    assert "to go silent within 90 days" in run("risk", "--as-of", DAY).out


def test_too_little_to_learn_from_is_said_so(run: Program, stocked: Path) -> None:
    """Nobody has left: the scorecard stays, and the message says what to do."""
    run("train", "--as-of", "2026-03-02").refused("0 accounts", "churned_on", "--target silence")
    assert run("backtest", "--as-of", "2026-03-02").out.startswith("Nothing can be said yet")
    assert "without a model" in run("model").out
