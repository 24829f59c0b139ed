"""From customers who left to a model in use, by the commands."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from mailsignals.cli.app import main
from mailsignals.demo import simulate, write_company
from mailsignals.store.tables.models import Models
from models.artifact import Artifact
from tests.mailsignals.cli.program import Program
from tests.mailsignals.demo.conftest import UNTIL
from tests.support.copies import copy_company

DAY = f"{UNTIL:%Y-%m-%d}"
BEFORE = "2026-06-01"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated company whose mail is imported, with a model trained on what was known at ``DAY``."""
    folder = tmp_path_factory.mktemp("simulated")
    write_company(simulate(accounts=60, seed=4, until=UNTIL), folder)
    config = str(folder / "config.toml")
    assert (
        main(
            [
                "import",
                str(folder / "messages.parquet"),
                "--mailbox",
                "support@larkspur.example",
                "--config",
                config,
            ]
        )
        == 0
    )
    assert main(["train", "--as-of", DAY, "--quiet", "--json", "--config", config]) == 0
    return folder


@pytest.fixture
def learnt(simulated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with that company and its model."""
    folder = tmp_path / "learnt"
    copy_company(simulated, folder)
    monkeypatch.chdir(folder)
    return folder


def test_risk_has_probabilities_and_says_whose(run: Program, learnt: Path) -> None:
    """Every scored account has a probability, levels and reasons; the score stays, and the source is the model's id."""
    rows = run("risk", "--as-of", DAY, "--json").json
    (model,) = [line["model"] for line in run("model", "--as-of", DAY, "--json").json["models"]]
    assert {row["source"] for row in rows} == {model}
    for row in rows:
        scored = row["state"] == "scored"
        assert (row["risk"] is not None) == (row["score"] is not None) == (row["level"] is not None) == scored
        assert not scored or 0 < row["risk"] < 1
    risks = [row["risk"] for row in rows if row["risk"] is not None]
    assert risks == sorted(risks, reverse=True)
    shown = run("risk", "--as-of", DAY).out
    assert "to leave within 90 days, about 1 in" in shown or "to leave within 90 days, under 1 in" in shown


def test_an_instant_before_the_training_has_the_scorecard(run: Program, learnt: Path) -> None:
    """What the model learnt later may not count, and a remark says how to have one that did not."""
    ran = run("risk", "--as-of", BEFORE)
    assert f"mailsignals train --as-of {BEFORE}" in ran.err
    assert {row["source"] for row in run("risk", "--as-of", BEFORE, "--json").json} == {"scorecard"}


def test_the_model_shows_its_card_and_its_drift(run: Program, learnt: Path) -> None:
    """The card, whether anything moved, and the models there are; nothing has moved on the day of the training."""
    ran = run("model", "--as-of", DAY)
    assert ran.out.startswith("# churn-")
    assert "columns moved by more than chance since training." in ran.out
    drift = run("model", "--as-of", DAY, "--json").json["drift"]
    assert [row["column"] for row in drift if row["drifted"]] == []


def test_an_explanation_adds_up_to_the_chance(run: Program, learnt: Path) -> None:
    """All that adds to an account's index is shown, and its sum, calibrated, is the probability."""
    riskiest, *_ = run("risk", "--as-of", DAY, "--json").json
    asked = ("risk", "--as-of", DAY, "--explain", riskiest["account_id"])
    parts = run(*asked, "--json").json
    sizes = [abs(part["adds"]) for part in parts]
    assert sizes == sorted(sizes, reverse=True)
    (file,) = (learnt / "store" / "models").glob("*/model.json")
    calibration = Artifact.from_text(file.read_text(encoding="utf-8")).fitted.calibration
    index = np.array([sum(part["adds"] for part in parts)])
    assert calibration.within_horizon(index)[0] == pytest.approx(riskiest["risk"])
    shown = run(*asked).out
    assert f"{index[0]:+.3f}" in shown
    run("risk", "--as-of", DAY, "--explain", "nobody").refused("nobody", "no such account_id")
    gone = next(row for row in run("risk", "--as-of", DAY, "--json").json if row["state"] == "churned")
    run("risk", "--as-of", DAY, "--explain", gone["account_id"]).refused("not judged", "churned")


def test_a_model_that_no_longer_fits_is_said_so(run: Program, learnt: Path) -> None:
    """Where far more have left than it learnt to expect, the daily run doubts it, and so does `model`."""
    assert "may no longer fit" not in run("risk", "--as-of", DAY).err
    (file,) = (learnt / "store" / "models").glob("*/model.json")
    artifact = Artifact.from_text(file.read_text(encoding="utf-8"))
    sure = dataclasses.replace(artifact, reference=dataclasses.replace(artifact.reference, event_share=1e-6))
    Models(learnt / "store" / "models").add(sure, "# sure\n")
    assert (
        run("model", "--use", sure.id, "--as-of", DAY).out.count("more than chance explains: train anew") == 1
    )
    assert "may no longer fit. Of " in run("risk", "--as-of", DAY).err


def test_rolling_back_leads_to_what_was_before(run: Program, learnt: Path) -> None:
    """The scorecard was in use before the first model; `--use` puts the model back."""
    (model,) = [line["model"] for line in run("model", "--as-of", DAY, "--json").json["models"]]
    assert "In use from now on: scorecard." in run("model", "--roll-back").err
    assert {row["source"] for row in run("risk", "--as-of", DAY, "--json").json} == {"scorecard"}
    assert run("model", "--use", model, "--as-of", DAY).status == 0
    assert {row["source"] for row in run("risk", "--as-of", DAY, "--json").json} == {model}
    run("model", "--use", "churn-nothing").refused("churn-nothing")
    run("model", "--use", model, "--roll-back").refused("one of them")


def test_a_broken_model_is_said_so(run: Program, learnt: Path) -> None:
    """Nothing of a changed file is used, and the message says how to go on."""
    (file,) = (learnt / "store" / "models").glob("*/model.json")
    file.write_text(file.read_text(encoding="utf-8").replace("0", "1", 1), encoding="utf-8")
    run("risk", "--as-of", DAY).refused("cannot be used", "--roll-back")
    assert run("model", "--roll-back").status == 0
    assert run("risk", "--as-of", DAY).status == 0


def test_a_digest_says_the_chance(run: Program, learnt: Path) -> None:
    """The page of a CSM has the probability in words beside the score."""
    assert run("digest", "--as-of", DAY, "--to", "pages").status == 0
    assert any("leave within 90 days" in page.read_text(encoding="utf-8") for page in Path("pages").iterdir())


def test_a_backtest_writes_a_page_and_a_document(run: Program, learnt: Path) -> None:
    """The report's first paragraph is the verdict, which the command says too."""
    ran = run("backtest", "--as-of", DAY, "--output", "report")
    document = json.loads(Path("report/report.json").read_text(encoding="utf-8"))
    assert ran.out.splitlines()[0].startswith(document["verdict"][:60])
    assert document["judgement"]["events"] > 0
    assert "<svg" in Path("report/report.html").read_text(encoding="utf-8")


def test_the_stand_in_is_called_what_it_is(run: Program, learnt: Path) -> None:
    """A model of silence has a name that says so, and so have its chances."""
    assert run("train", "--target", "silence", "--as-of", DAY, "--quiet").status == 0
    assert all(row["source"].startswith("silence-") for row in run("risk", "--as-of", DAY, "--json").json)
    assert "to go silent within 90 days" in run("risk", "--as-of", DAY).out


def test_too_little_to_learn_from_is_said_so(run: Program, stocked: Path) -> None:
    """Nobody has left: the scorecard stays, and the message says what to do. Without a past there is no snapshot."""
    run("train", "--as-of", "2026-03-02").refused("0 accounts", "churned_on", "--target silence")
    run("train", "--as-of", "2025-10-01").refused("four months of mail")
    assert run("backtest", "--as-of", "2026-03-02").out.startswith("Nothing can be said yet")
    assert "without a model" in run("model").out
