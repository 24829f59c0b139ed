"""Every figure is the same to its last digit, whichever engine of polars answers."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mailsignals import engines
from mailsignals.signals.evidence import evidence
from mailsignals.signals.history import history
from mailsignals.workspace import Snapshot, Workspace
from tests.mailsignals.demo.conftest import UNTIL


def figures(snapshot: Snapshot) -> dict[str, pl.DataFrame]:
    """What is computed of a company's touches, by name."""
    timezone = snapshot.workspace.settings.company.timezone
    return {
        "signals": snapshot.signals,
        "history": history(snapshot.facts, [snapshot.as_of], timezone=timezone),
        "evidence": evidence(
            snapshot.facts, [snapshot.as_of], reply_horizon=snapshot.workspace.reply_horizon
        ),
        "tickets": snapshot.tickets.tickets,
        "cases": snapshot.tickets.cases,
        "risk": snapshot.risk,
    }


@pytest.fixture(scope="module")
def few_rows(trained_warehouse: Path) -> dict[str, pl.DataFrame]:
    """The figures of a company of this size as it gets them."""
    with Workspace.load(trained_warehouse / "config.toml").at(UNTIL) as snapshot:
        assert snapshot.facts.engine == "in-memory"
        return figures(snapshot)


@pytest.mark.parametrize("streamed", [True, False])
def test_figures_do_not_depend_on_the_engine(
    few_rows: dict[str, pl.DataFrame],
    trained_warehouse: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    streamed: bool,
) -> None:
    """Large companies are streamed by several threads, which add up in another order each time."""
    monkeypatch.setattr(engines, "STREAM_FROM", 0 if streamed else 1_000_000)
    with Workspace.load(trained_warehouse / "config.toml").at(UNTIL) as snapshot:
        assert (snapshot.facts.engine == "streaming") == streamed
        found = figures(snapshot)
    for name, expected in few_rows.items():
        assert expected.height, name
        assert_frame_equal(
            found[name], expected, check_exact=True, check_row_order=name in {"signals", "risk"}
        )
