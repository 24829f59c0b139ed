"""From files to figures on the real list and on the hand-made company, as a user would."""

import shutil
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mailsignals.cli.app import main
from mailsignals.risk.assess import RISK_SCHEMA
from mailsignals.risk.state import JUDGED, STATES
from tests.mailsignals.cli.program import Program, messages
from tests.mailsignals.engine import differences

LIST = "u4c901fc4@s492.de37c9e.org"
"""The shared address of the real list."""
DESK = "help@us.example"
"""The shared address of the hand-made company."""


def stocked(data: Path, source: str | Path, mailbox: str, folder: Path) -> Path:
    """A folder with the company's files and a store of its mail."""
    for name in ("config.toml", "accounts.csv"):
        shutil.copy(data / name, folder)
    assert (
        main(["import", str(data / source), "--mailbox", mailbox, "--config", str(folder / "config.toml")])
        == 0
    )
    return folder


@pytest.fixture(scope="module")
def from_mbox(openbmc: Path, openbmc_mbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real list, read from its mbox."""
    return stocked(openbmc, openbmc_mbox, LIST, tmp_path_factory.mktemp("mbox"))


@pytest.fixture(scope="module")
def from_parquet(openbmc: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real list, as another program read it."""
    return stocked(openbmc, "messages.parquet", LIST, tmp_path_factory.mktemp("parquet"))


@pytest.fixture(scope="module")
def from_edges(edges: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hand-made company."""
    return stocked(edges, "messages.parquet", DESK, tmp_path_factory.mktemp("edges"))


def has_the_expected_signals(run: Program, folder: Path, data: Path) -> None:
    """Check every cell of ``expected_signals.parquet`` in what ``signals`` writes."""
    expected = pl.read_parquet(data / "expected_signals.parquet")
    instants = [f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}" for moment in expected["as_of"].unique().sort()]
    options = [word for instant in instants for word in ("--as-of", instant)]
    output = folder / "signals.parquet"
    assert run("signals", "--config", folder / "config.toml", *options, "--output", output).status == 0
    got = pl.read_parquet(output)
    assert got.height == expected.height
    assert got.columns[:3] == ["account_id", "as_of", "window_days"]
    assert not differences(got.to_dicts(), expected.to_dicts())


@pytest.mark.slow
def test_the_mbox_of_the_real_list_gives_the_expected_signals(
    run: Program, openbmc: Path, from_mbox: Path
) -> None:
    """Imported from the mbox, every cell is what an independent program found."""
    has_the_expected_signals(run, from_mbox, openbmc)


@pytest.mark.slow
def test_the_interchange_file_of_the_real_list_gives_the_expected_signals(
    run: Program, openbmc: Path, from_parquet: Path
) -> None:
    """The same from the Parquet file of messages."""
    has_the_expected_signals(run, from_parquet, openbmc)


def test_the_hand_made_company_gives_the_expected_signals(
    run: Program, edges: Path, from_edges: Path
) -> None:
    """The same for the company of edge cases, one instant of which lies in the middle of a day."""
    has_the_expected_signals(run, from_edges, edges)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "data", "source", "mailbox"),
    [
        ("from_mbox", "openbmc", "../../openbmc/openbmc.mbox.gz", LIST),
        ("from_parquet", "openbmc", "messages.parquet", LIST),
        ("from_edges", "edges", "messages.parquet", DESK),
    ],
)
def test_importing_again_changes_nothing(
    run: Program, request: pytest.FixtureRequest, folder: str, data: str, source: str, mailbox: str
) -> None:
    """The same file twice is the same store, and the second time says so."""
    company, files = request.getfixturevalue(folder), request.getfixturevalue(data)
    before = messages(company)
    ran = run("import", files / source, "--mailbox", mailbox, "--config", company / "config.toml")
    assert (ran.status, ran.out) == (0, "")
    assert "nothing new" in ran.err
    assert_frame_equal(messages(company), before)


def test_a_copy_of_the_file_is_known_already(
    run: Program, edges: Path, from_edges: Path, tmp_path: Path
) -> None:
    """The same messages under another file name are read, recognised and not stored a second time."""
    before = messages(from_edges)
    copy = shutil.copy(edges / "messages.parquet", tmp_path / "copy.parquet")
    ran = run("import", copy, "--mailbox", DESK, "--config", from_edges / "config.toml")
    assert f": {before.height:,} already imported." in ran.err
    assert_frame_equal(messages(from_edges), before)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "as_of"), [("from_mbox", "2020-10-01"), ("from_edges", "2025-08-15T13:37Z")]
)
def test_risk_is_what_other_programs_were_promised(
    run: Program, request: pytest.FixtureRequest, folder: str, as_of: str
) -> None:
    """Each account once, with these fields and types; unknown is no level, and high is as much as a CSM can act on."""
    company = request.getfixturevalue(folder)
    rows = run("risk", "--json", "--config", company / "config.toml", "--as-of", as_of).json
    book = pl.read_csv(company / "accounts.csv", infer_schema=False)
    assert sorted(row["account_id"] for row in rows) == sorted(book["account_id"])
    for row in rows:
        assert list(row) == list(RISK_SCHEMA)
        assert row["source"] == "quiet+scorecard"
        assert row["state"] in STATES
        judged = row["state"] in JUDGED
        assert (row["risk"] is not None) == (row["leaving"] is not None) == judged
        assert (row["level"] in {"high", "medium", "low"}) == (row["state"] == "active")
        if judged:
            assert row["risk"] == pytest.approx(1 - (1 - row["quiet"]) * (1 - row["leaving"]))
        for reason in row["reasons"]:
            assert list(reason) == ["cause", "mark", "signal", "value", "before", "share", "text"]
            assert reason["text"].endswith(".")
        shares = [reason["share"] for reason in row["reasons"] if reason["share"] is not None]
        assert shares == sorted(shares, reverse=True)
    csms = dict(book.select("account_id", "csm").iter_rows())
    active = [row for row in rows if row["level"]]
    for csm in set(csms.values()):
        theirs = [row for row in active if csms[row["account_id"]] == csm]
        high = [row for row in theirs if row["level"] == "high"]
        assert len(high) <= min(5, max(1, len(theirs) // 10))
        assert all(row["risk"] >= 0.2 for row in high)
    assert all((row["risk"] >= 0.1) == (row["level"] != "low") for row in active)
    risks = [row["risk"] for row in active]
    assert risks == sorted(risks, reverse=True)
