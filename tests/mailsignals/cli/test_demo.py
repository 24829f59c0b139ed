"""The simulated company, from its mail to the list and the pages."""

from pathlib import Path

import pytest

from mailsignals.cli.commands import demo
from tests.mailsignals.cli.program import Program, messages


@pytest.mark.slow
def test_the_demo_ends_with_the_accounts_at_risk_and_pages_to_open(
    run: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It needs no configuration; the list is the result, and every page that it names is there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo, "DAYS_RECORDED", 3)
    ran = run("demo", "--accounts", "6")
    assert ran.status == 0
    assert " 6 accounts: " in ran.out
    assert "\nhigh  " in ran.out or "\nmedium  " in ran.out
    pages = [Path(line.strip()) for line in ran.err.splitlines() if line.endswith(".html")]
    assert pages
    assert all("accounts" in page.read_text(encoding="utf-8") for page in pages)
    assert "Training needs at least 5 churned accounts" in ran.err  # of six customers too few have left
    folder = tmp_path / "mailsignals-demo"
    assert run("status", "--config", folder / "config.toml").status == 0

    again = run("demo", "--accounts", "6", "--seed", "2", "--quiet", "--json")
    assert (again.status, again.err) == (0, "")
    assert {row["account_id"] for row in again.json} == {f"A{number:03}" for number in range(1, 7)}
    known = messages(folder)
    assert known.height == known.unique(["provider", "mailbox", "provider_id"]).height
    fresh = run("demo", "--accounts", "6", "--seed", "2", "--folder", "fresh", "--json")
    assert fresh.json == again.json


def test_the_demo_leaves_the_folders_of_others_alone(run: Program, company: Path) -> None:
    """A folder with a configuration, or a file, is no place for an invented company."""
    before = {path: path.read_bytes() for path in company.iterdir()}
    run("demo", "--folder", ".").refused("earlier demo", "--folder")
    run("demo", "--folder", "inbox.mbox").refused("inbox.mbox", "--folder")
    assert {path: path.read_bytes() for path in company.iterdir()} == before


@pytest.mark.slow
def test_the_demo_learns_from_those_who_left(
    run: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With enough departures it shows chances by its own model, and a backtest whose verdict it says."""
    monkeypatch.setattr(demo, "DAYS_RECORDED", 5)
    folder = tmp_path / "learnt"
    ran = run("demo", "--accounts", "50", "--folder", folder)
    assert ran.status == 0
    assert "go quiet: about " in ran.out
    assert "chance of churning" in ran.out.lower()
    assert "Would it have warned us? " in ran.err
    assert "<svg" in (folder / "backtest" / "report.html").read_text(encoding="utf-8")
    assert list((folder / "store" / "models").glob("churn-*/model.json"))
