"""The mails and turns that the page of an account lists make the very figures of the edition."""

import datetime as dt

import polars as pl
import pytest

from mailsignals.readmodel.editions import Edition, EditionStore
from mailsignals.risk.marks import MARKS_BY_NAME
from mailsignals.signals.pipeline import SIGNALS, WINDOW_SIGNALS
from mailsignals.signals.provenance import MAILS, TURNS, YEAR, RowContext
from mailsignals.signals.signal import WINDOWS, Signal
from mailsignals.workspace import Workspace
from tests.mailsignals.web.conftest import NOW

FIGURES = [
    pytest.param(signal, days, id=f"{signal.name}-{days}")
    for signal in SIGNALS
    if signal.from_rows is not None
    for days in (WINDOWS if signal in WINDOW_SIGNALS else WINDOWS[-1:])
]
CONTEXT = RowContext(as_of=NOW, reply_horizon=dt.timedelta(days=7))


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
        kind: {
            account: rows
            for (account,), rows in edition.scan(f"account_{name}")
            .collect()
            .partition_by("account", as_dict=True)
            .items()
        }
        for kind, name in ((MAILS, "mails"), (TURNS, "answers"))
    }


@pytest.mark.parametrize(("signal", "days"), FIGURES)
def test_the_rows_behind_a_figure_make_it(
    edition: Edition, tables: dict[str, dict[int, pl.DataFrame]], signal: Signal, days: int
) -> None:
    """Of every account and window: what is listed, counted or averaged, is the figure of the signal."""
    provenance = signal.provenance(days)
    assert provenance
    whole = tables[provenance.rows.kind]
    empty = next(iter(whole.values())).clear()
    figures = edition.table("account_figures").filter(window_days=days)
    compared = 0
    for account, expected in figures.select("account", signal.name).iter_rows():
        rows = provenance.select(whole.get(account, empty), CONTEXT)
        made = provenance.figure(rows, CONTEXT)
        if provenance.days == YEAR and expected is not None and expected >= YEAR:
            assert made is None  # older than what is kept at hand
            continue
        assert made == (None if expected is None else pytest.approx(float(expected), abs=1e-9)), account
        compared += expected is not None
    assert compared


def test_the_number_of_a_mark_is_made_of_what_it_opens(
    edition: Edition, tables: dict[str, dict[int, pl.DataFrame]]
) -> None:
    """The number that a mark says is the figure of the rows that it leads to."""
    last = edition.table("account_figures").unique("account").select("account", "days_since_checkin")
    rows_of_accounts = (
        edition.table("accounts").drop("days_since_checkin", strict=False).join(last, on="account")
    )
    compared = set()
    for row in rows_of_accounts.iter_rows(named=True):
        for reason in row["also"]:
            mark = MARKS_BY_NAME.get(reason["mark"])
            provenance = mark.provenance if mark else None
            if provenance is None or provenance.from_rows is None or row["days_since_checkin"] is None:
                continue
            rows = provenance.select(tables[provenance.rows.kind][row["account"]], CONTEXT)
            assert provenance.figure(rows, CONTEXT) == pytest.approx(reason["value"]), reason
            compared.add(reason["mark"])
    assert len(compared) > 3
