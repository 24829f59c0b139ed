"""What is behind a figure: the rows that are shown make the very figure."""

import datetime as dt
from collections.abc import Iterator

import polars as pl
import pytest

from mailsignals.readmodel.editions import Edition, EditionStore
from mailsignals.risk.marks import marks
from mailsignals.signals.pipeline import SIGNALS, signals
from mailsignals.signals.signal import WINDOWS
from mailsignals.web.behind import BEHIND, MAILS, MARKS, YEAR, Window, figure_of, rows_behind
from mailsignals.workspace import Snapshot, Workspace
from tests.mailsignals.web.conftest import NOW

FIGURES = [
    (name, days)
    for name, behind in BEHIND.items()
    if behind.figure is not None
    for days in (WINDOWS if behind.days is None else WINDOWS[-1:])
]
BEFORE = ["inbound", "outbound", "chasers", "urgent", "active_contacts", "contact_breadth", "our_breadth"]


@pytest.fixture(scope="module")
def edition(company: Workspace) -> Edition:
    """The edition of the company."""
    found = EditionStore(company.settings.store.path).newest()
    assert found
    return found


@pytest.fixture(scope="module")
def tables(edition: Edition) -> dict[str, dict[int, pl.DataFrame]]:
    """The mails and turns of each account."""
    return {
        of: {
            account: rows
            for (account,), rows in edition.scan(f"account_{name}")
            .collect()
            .partition_by("account", as_dict=True)
            .items()
        }
        for of, name in ((MAILS, "mails"), ("turns", "answers"))
    }


@pytest.fixture(scope="module")
def material(company: Workspace) -> Iterator[Snapshot]:
    """What the edition was made of."""
    with company.at(NOW) as snapshot:
        yield snapshot


def test_every_signal_can_be_opened_but_the_one_of_mails_that_nobody_holds() -> None:
    """A new signal must say what is behind it."""
    assert {signal.name for signal in SIGNALS} - BEHIND.keys() == {"visibility_gap"}


@pytest.mark.parametrize(("name", "days"), FIGURES)
def test_the_rows_behind_a_figure_make_it(
    edition: Edition, tables: dict[str, dict[int, pl.DataFrame]], name: str, days: int
) -> None:
    """Of every account and window: what is listed, counted or averaged, is the figure of the signal."""
    behind = BEHIND[name]
    whole = tables[behind.of]
    empty = next(iter(whole.values())).clear()
    figures = edition.table("account_figures").filter(window_days=days)
    compared = 0
    for account, expected in figures.select("account", name).iter_rows():
        window = Window(as_of=NOW, days=days)
        made = figure_of(rows_behind(whole.get(account, empty), behind, window), behind, window)
        if behind.days == YEAR and expected is not None and expected >= YEAR:
            assert made is None  # older than what is kept at hand
            continue
        assert made == (None if expected is None else pytest.approx(float(expected), abs=1e-9)), account
        compared += expected is not None
    assert compared


@pytest.mark.parametrize("name", BEFORE)
def test_so_do_those_of_the_window_before(
    material: Snapshot, tables: dict[str, dict[int, pl.DataFrame]], name: str
) -> None:
    """What a mark compares with is the figure as it was a window earlier."""
    earlier = NOW - dt.timedelta(days=90)
    found = signals(material.facts, [earlier], reply_horizon=dt.timedelta(days=7)).filter(window_days=90)
    behind, window = BEHIND[name], Window(as_of=earlier, days=90)
    empty = next(iter(tables[MAILS].values())).clear()
    for account, expected in found.select("account", name).iter_rows():
        rows = rows_behind(tables[MAILS].get(account, empty), behind, window)
        made = figure_of(rows, behind, window)
        assert made == (None if expected is None else pytest.approx(float(expected), abs=1e-9))


def test_the_number_of_a_mark_is_made_of_what_it_opens(
    material: Snapshot, tables: dict[str, dict[int, pl.DataFrame]]
) -> None:
    """The number that a reason says is the figure of the rows that it leads to."""
    compared = set()
    for row in material.overview.iter_rows(named=True):
        for reason in row["reasons"]:
            basis = MARKS.get(reason["mark"])
            behind = basis and (basis.behind or BEHIND[basis.signal])
            if not basis or not behind or behind.figure is None or row["days_since_checkin"] is None:
                continue
            window = Window(as_of=NOW, days=basis.days)
            rows = rows_behind(tables[behind.of][row["account"]], behind, window)
            assert figure_of(rows, behind, window) == pytest.approx(reason["value"]), reason
            compared.add(reason["mark"])
    assert len(compared) > 3


def test_every_mark_can_be_opened(material: Snapshot) -> None:
    """A mark that is new must say what its number is made of."""
    assert {mark.name for mark in marks(material.workspace.settings.risk.marks)} == MARKS.keys()
    assert all(basis.signal in BEHIND for basis in MARKS.values())
