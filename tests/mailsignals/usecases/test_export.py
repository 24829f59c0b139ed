"""The tables behind the figures, as they stood at an instant."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from mailsignals.store import Store
from mailsignals.store.tables.dismissals import Opening
from mailsignals.usecases.export import Table, export_table
from tests.mailsignals import small_company
from tests.mailsignals.usecases.offices import MIDNIGHT, loaded

AGO = dt.datetime(2026, 2, 23, tzinfo=dt.UTC)
"""After the last week's questions, before any answer to them."""
COLUMNS = {
    Table.TOUCHES: "account_id conversation sent_at direction role person urgent",
    Table.TURNS: (
        "account_id conversation started_at direction opening role person answered_at answered_by due_at"
    ),
    Table.CONVERSATIONS: "account_id conversation opened_at opened role person turns waiting_for",
}


def exported(folder: Path, table: Table, as_of: dt.datetime = MIDNIGHT) -> pl.DataFrame:
    """A table of the company in a folder."""
    with loaded(folder).at(as_of) as snapshot:
        return export_table(snapshot, table)


@pytest.mark.parametrize("table", COLUMNS)
def test_the_columns_are_those_that_were_promised(stocked: Path, table: Table) -> None:
    """With account ids and addresses for numbers."""
    frame = exported(stocked, table)
    assert frame.columns == COLUMNS[table].split()
    assert set(frame["account_id"]) == {f"A{number:02}" for number in range(1, 12)}
    assert set(frame["person"]) <= {small_company.DESK, *(f"kim@a{n:02}.test" for n in range(1, 12))}


def test_an_export_ends_at_its_instant(stocked: Path) -> None:
    """What came later is not there: no touch, no answer, and a conversation waits for whom it waited for then."""
    last = dt.datetime(2026, 2, 22, 22, 57, tzinfo=dt.UTC)
    assert exported(stocked, Table.TOUCHES, AGO)["sent_at"].max() == last
    assert exported(stocked, Table.MESSAGES, AGO)["sent_at"].max() == last
    turns = exported(stocked, Table.TURNS, AGO).filter(account_id="A05")
    late = turns.row(-1, named=True)
    assert (late["direction"], late["answered_at"], late["answered_by"]) == ("inbound", None, None)
    rows = exported(stocked, Table.CONVERSATIONS, AGO).filter(account_id="A05", waiting_for="us")
    (waiting,) = rows.to_dicts()
    assert (waiting["opened"], waiting["role"], waiting["turns"]) == ("inbound", "support", 1)


def test_a_turn_is_due_although_it_was_dismissed(stocked: Path) -> None:
    """The export of turns has the promise; that somebody needs no answer stands in the tickets."""
    before = exported(stocked, Table.TURNS)
    (waiting,) = exported(stocked, Table.TICKETS).filter(waiting_for="us", account_id="A03").to_dicts()
    opened_at = waiting["opened_at"]
    with Store.open(stocked / "store", mode="write") as store:
        opening = Opening(
            account_id="A03", sender=waiting["contact"], sent_at=opened_at, message_id="A03-1@mail.test"
        )
        store.dismiss(opening, at=opened_at, by="ana", note=None)
    assert exported(stocked, Table.TURNS).equals(before)
    (ticket,) = exported(stocked, Table.TICKETS).filter(ticket=waiting["ticket"]).to_dicts()
    assert (ticket["waiting_for"], ticket["dismissed"]) == ("them", 1)


def test_tickets_have_ids_and_names(stocked: Path) -> None:
    """Each id once; the ids of an earlier instant are those of a later one."""
    now = exported(stocked, Table.TICKETS)
    before = exported(stocked, Table.TICKETS, AGO - dt.timedelta(days=7))
    assert now.columns[:2] == ["ticket", "account_id"]
    assert now["ticket"].n_unique() == now.height
    assert set(before["ticket"]) < set(now["ticket"])
