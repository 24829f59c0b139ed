"""Every signal at one or several instants."""

import datetime as dt
from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from mailsignals.signals.pipeline import SIGNALS
from mailsignals.usecases.export import Table, export_table
from mailsignals.usecases.signals import compute_signals
from tests.mailsignals import small_company
from tests.mailsignals.usecases.offices import MIDNIGHT, imported, loaded

EARLIER = dt.datetime(2026, 1, 4, 23, tzinfo=dt.UTC)


def test_the_columns_are_those_that_were_promised(stocked: Path) -> None:
    """They have the names of the definitions; each account is there once for each window."""
    signals = compute_signals(loaded(stocked), [MIDNIGHT])
    assert signals.columns == ["account_id", "as_of", "window_days", *(signal.name for signal in SIGNALS)]
    assert signals["window_days"].to_list() == [30, 60, 90] * 12


def test_several_instants_at_once_are_in_order(stocked: Path) -> None:
    """Each instant has the rows that it has alone."""
    workspace = loaded(stocked)
    together = compute_signals(workspace, [MIDNIGHT, EARLIER])
    alone = pl.concat([compute_signals(workspace, [EARLIER]), compute_signals(workspace, [MIDNIGHT])])
    assert_frame_equal(together, alone, rel_tol=1e-9)


def test_an_instant_inside_a_mail_merge_is_seen_as_it_was(stocked: Path) -> None:
    """Before the tenth mail nobody knew that it was a merge; with it none of them is a touch."""
    noon, a_minute = MIDNIGHT + dt.timedelta(hours=12), dt.timedelta(minutes=1)
    merge = [
        small_company.a_mail(f"news-{n}", noon + n * a_minute, small_company.DESK, f"kim@a{n:02}.test")
        for n in range(1, 11)
    ]
    (stocked / "merge.mbox").write_bytes(b"".join(merge))
    imported(stocked, "merge.mbox")
    workspace, instants = loaded(stocked), [noon + n * a_minute for n in (0, 5, 10)]
    numbers = []
    for instant in instants:
        with workspace.at(instant) as snapshot:
            numbers.append(export_table(snapshot, Table.TOUCHES).height)
    assert [number - numbers[0] for number in numbers] == [0, 5, 0]
    rows = compute_signals(workspace, instants).filter(account_id="A05", window_days=30)
    sent = rows.sort("as_of")["outbound"].to_list()
    assert [number - sent[0] for number in sent] == [0, 1, 0]
