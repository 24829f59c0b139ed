"""The service levels of the small company, whose mail is known in full."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from mailsignals.sla.backlog import backlog
from mailsignals.sla.compliance import By, Period
from mailsignals.sla.report import report
from mailsignals.sla.ticket_rows import response_rows, ticket_rows
from mailsignals.usecases.export import Table, export_table
from mailsignals.workspace import Snapshot, Workspace
from tests.mailsignals import small_company
from tests.mailsignals.sla.office import at

FEBRUARY = Period(since=at("2026-02-01 00:00"), until=at("2026-03-01 00:00"))
FIGURES = ["first_response", "next_response", "resolution"]


@pytest.fixture(scope="module")
def snapshot(warehouse: Path) -> Iterator[Snapshot]:
    """The small company at the end of its mail."""
    workspace = Workspace.load(warehouse / "config.toml")
    with workspace.at(small_company.MIDNIGHT.astimezone(dt.UTC)) as known:
        yield known


def of_february(snapshot: Snapshot, by: By = By.TIER) -> pl.DataFrame:
    """The figures of tickets opened in February."""
    promises = snapshot.promises
    return report(snapshot.tickets, FEBRUARY, by=by, timezone=snapshot.timezone, promises=promises)


@pytest.mark.parametrize("by", By)
def test_each_group_has_a_row_for_each_figure(snapshot: Snapshot, by: By) -> None:
    """In one order."""
    rows = of_february(snapshot, by)
    assert rows["figure"].to_list() == FIGURES * (rows.height // 3)


def test_the_figures_of_a_month(snapshot: Snapshot) -> None:
    """Nine customers ask once a week and are answered after two hours; one question of one of them still waits."""
    (first, later, resolution) = of_february(snapshot).to_dicts()
    assert (first["by"], first["met"], first["breached"], first["pending"]) == ("gold", 35, 1, 0)
    assert (first["median_hours"], first["median_business_hours"]) == (2.0, 2.0)
    assert later["compliance"] is None
    assert (resolution["met"], resolution["pending"]) == (0, 0)  # the tier was promised no resolution
    assert (first["tickets"], first["resolved"], first["fcr_share"]) == (36, 35, 1.0)


def test_lists_reconcile_with_the_figures(snapshot: Snapshot) -> None:
    """As many tickets and responses are listed as are counted, each with its verdict."""
    first = of_february(snapshot).row(0, named=True)
    tickets = snapshot.with_ids(ticket_rows(snapshot.tickets).filter(FEBRUARY.holds("opened_at")))
    responses = snapshot.with_ids(response_rows(snapshot.tickets).filter(FEBRUARY.holds("started_at")))
    assert tickets.height == first["tickets"] == responses.height
    assert tickets.filter(first_response="met").height == first["met"]
    assert tickets["ticket"].n_unique() == tickets.height
    assert set(responses["ticket"]) == set(tickets["ticket"])
    assert set(tickets["ticket"]) <= set(export_table(snapshot, Table.TICKETS)["ticket"])


def test_the_queue_has_what_waits(snapshot: Snapshot) -> None:
    """The one open question, with when it was due and whose it is."""
    rows = snapshot.with_subjects(snapshot.with_ids(backlog(snapshot.tickets)))
    (row,) = rows.filter(waiting_for="us").to_dicts()
    assert (row["account_id"], row["agent"], row["state"]) == ("A03", small_company.DESK, "late")
    assert row["figure"] == "first_response"
    assert row["left_hours"] < 0
