"""The invented company, from its mail to the pages."""

import re
import socket
import urllib.request
from pathlib import Path
from typing import Never

import pytest

from mailsignals.cli.demo_tour import DemoTour
from mailsignals.cli.output import Output
from mailsignals.demo import opening
from tests.mailsignals.cli.program import Program, messages


@pytest.mark.slow
def test_the_prepared_company_opens_with_news_and_links_that_work(
    run: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its digest has a new account, every link of it leads to a page, and training comes after the first page."""
    monkeypatch.chdir(tmp_path)
    tour = DemoTour(Output(quiet=True), Path("demo"), port=0)
    company = tour.open(None, None)
    with tour.served(company, browser=False):
        assert "Accounts" in page_at(tour.url)
        sights = tour.learn(company)
        assert sights.account is not None
        assert sights.digest is not None
        digest = sights.digest.read_text(encoding="utf-8")
        links = re.findall(r'href="([^"#]+)', digest)
        assert page_at(f"{tour.url}/accounts/{sights.account['account_id']}")
        assert any(link.startswith(f"{tour.url}/accounts/") for link in links)
        assert any("/feedback?token=" in link for link in links)
        for link in links:
            assert link.startswith(tour.url)
            assert page_at(link)
    assert "1 new at-risk account" in digest
    assert list(Path("demo/store/models").glob("churn-*/model.json"))
    assert "<svg" in Path("demo/backtest/report.html").read_text(encoding="utf-8")
    assert run("status", "--config", "demo/config.toml").status == 0


def page_at(url: str) -> str:
    """The text at an address, which answers 200."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        assert answer.status == 200
        return str(answer.read(), "utf-8")


@pytest.mark.slow
def test_a_computed_company_ends_with_what_to_look_at(
    run: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a terminal it ends by itself: the last three lines are the dashboard, an account and a digest."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(opening, "DAYS_RECORDED", 3)
    ran = run("demo", "--accounts", "6", "--port", "0")
    assert (ran.status, ran.out) == (0, "")
    assert "6 customers and " in ran.err
    assert "Training needs at least 5 churned accounts" in ran.err  # of six customers too few have left
    dashboard, account, digest = ran.err.splitlines()[-3:]
    assert re.fullmatch(
        r"Dashboard  `\S*mailsignals serve --config mailsignals-demo/config.toml`, then http://127.0.0.1:\d+",
        dashboard,
    )
    assert re.fullmatch(r"Look at    .+: .+ http://127.0.0.1:\d+/accounts/A00\d", account)
    assert Path(digest.removeprefix("Digest     ")).is_file()

    again = run("demo", "--accounts", "6", "--seed", "2", "--port", "0", "--quiet", "--json")
    assert (again.status, again.err) == (0, "")
    assert {row["account_id"] for row in again.json} == {f"A{number:03}" for number in range(1, 7)}
    known = messages(tmp_path / "mailsignals-demo")
    assert known.height == known.unique(["provider", "mailbox", "provider_id"]).height
    fresh = run(
        "demo", "--accounts", "6", "--seed", "2", "--port", "0", "--folder", "fresh", "--quiet", "--json"
    )
    assert fresh.json == again.json


@pytest.mark.slow
def test_a_computed_company_learns_from_churned_customers(
    run: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With enough churned accounts its days are recorded with a model of its own, and the report has charts."""
    monkeypatch.setattr(opening, "DAYS_RECORDED", 5)
    folder = tmp_path / "learnt"
    ran = run("demo", "--accounts", "50", "--folder", folder, "--port", "0", "--json")
    assert ran.status == 0
    assert {row["source"].partition("-")[0] for row in ran.json} == {"quiet+churn"}
    assert "<svg" in (folder / "backtest" / "report.html").read_text(encoding="utf-8")
    assert list((folder / "store" / "models").glob("churn-*/model.json"))


def test_the_demo_leaves_the_folders_of_others_alone(run: Program, company: Path) -> None:
    """A folder with a configuration, or a file, is no place for an invented company."""
    before = {path: path.read_bytes() for path in company.iterdir()}
    run("demo", "--folder", ".", "--quiet").refused("not a demo", "--folder")
    run("demo", "--folder", "inbox.mbox", "--quiet").refused("inbox.mbox", "--folder")
    assert {path: path.read_bytes() for path in company.iterdir()} == before


def test_a_port_in_use_gives_way_to_another_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names both."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        tour = DemoTour(Output(), tmp_path / "demo", port=port)
    assert f"Port {port} is in use; the dashboard uses port " in capsys.readouterr().err
    assert not tour.url.endswith(f":{port}")


def test_ctrl_c_before_the_first_page_says_that_it_starts_over(
    run: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit status is that of an interruption, with one sentence."""
    monkeypatch.setattr(DemoTour, "open", interrupted)
    run("demo", "--folder", tmp_path / "demo", "--port", "0", "--quiet").refused(
        "incomplete", "again", status=130
    )


@pytest.mark.slow
def test_ctrl_c_ends_the_dashboard_with_a_sentence(
    run: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the command that shows the demo again, which works."""
    monkeypatch.setattr(DemoTour, "learn", interrupted)
    folder = tmp_path / "demo"
    ran = run("demo", "--folder", folder, "--port", "0", "--serve")
    assert ran.status == 0
    assert re.search(r"Open http://127.0.0.1:\d+ in a browser\.\n", ran.err)
    assert ran.err.splitlines()[-1].startswith("Stopped. `")
    assert f"mailsignals serve --config {folder}/config.toml` shows the demo again." in ran.err


def interrupted(*_: object) -> Never:
    """Ctrl-C."""
    raise KeyboardInterrupt
