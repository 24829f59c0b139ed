"""The rows behind a signal make its figure."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings

from connectors.base import Message
from mailsignals.signals.facts import Facts
from mailsignals.signals.instants import Instants
from mailsignals.signals.people import champions
from mailsignals.signals.pipeline import MOMENT_SIGNALS, SIGNALS, WINDOW_SIGNALS, signals
from mailsignals.signals.provenance import (
    ALL_MAILS,
    INBOUND_MAILS,
    ROW_COUNT,
    YEAR,
    Provenance,
    RowContext,
    RowSelection,
)
from mailsignals.signals.signal import WINDOWS, Signal, count
from tests.mailsignals.account_rows import AccountRows, account_rows
from tests.mailsignals.archives import archives_and_instants
from tests.mailsignals.companies import RULES
from tests.mailsignals.engine import facts_of as company_facts
from tests.mailsignals.engine import touches_of
from tests.mailsignals.histories import AS_OFS, DAY, HORIZON, START, facts_of, random_touches
from tests.mailsignals.oracle import km_median, percentile

LONG_AFTER = START + 900 * DAY
"""More than a year after the last of the random mail."""

Cell = tuple[RowContext, AccountRows, dict[int, dict[str, object]]]
"""An account at an instant: the context and the rows of its figures, and the signals of each window."""


def cells(found: Facts, instants: list[dt.datetime]) -> Iterator[Cell]:
    """Every account at every instant."""
    figures = signals(found, instants, reply_horizon=HORIZON)
    main = champions(found, Instants.of(instants)).collect()
    for place, at in enumerate(sorted(instants)):
        for account, rows in account_rows(found, at).items():
            champion = main.filter(account=account, instant=place)["champion"].to_list()
            context = RowContext(as_of=at, champion=champion[0] if champion else None, reply_horizon=HORIZON)
            said = figures.filter(account=account, as_of=at).to_dicts()
            yield context, rows, {row["window_days"]: row for row in said}


def windows_of(signal: Signal) -> tuple[int, ...]:
    """The windows that differ for a signal."""
    return WINDOWS if signal in WINDOW_SIGNALS else WINDOWS[-1:]


def assert_made(signal: Signal, days: int, cell: Cell) -> bool:
    """The rows make the figure; the answer says if there is one."""
    context, rows, figures = cell
    provenance = signal.provenance(days)
    assert provenance
    expected = figures[days][signal.name]
    chosen = provenance.select(rows[provenance.rows.kind], context)
    made = provenance.figure(chosen, context)
    if signal.rows and signal.rows.days == YEAR and isinstance(expected, float) and expected >= YEAR:
        assert chosen.is_empty()  # older than what is kept at hand
        assert made is None
    elif expected is None:
        assert made is None, (signal.name, days, context)
    else:
        assert isinstance(expected, int | float)
        assert made == pytest.approx(float(expected), abs=1e-9), (signal.name, days, context)
    return made is not None


@pytest.fixture(scope="module")
def histories() -> list[Cell]:
    """Random mail of a few accounts at many instants."""
    return [
        cell for seed in (1, 2) for cell in cells(facts_of(random_touches(seed=seed)), [*AS_OFS, LONG_AFTER])
    ]


MADE_OF_ROWS = [signal for signal in SIGNALS if signal.from_rows is not None]


@pytest.mark.slow
@pytest.mark.parametrize("signal", MADE_OF_ROWS, ids=lambda signal: signal.name)
def test_the_rows_behind_a_figure_make_it(histories: list[Cell], signal: Signal) -> None:
    """Of every account, window and instant: the rows, counted or averaged, are the figure of the signal."""
    made = [assert_made(signal, days, cell) for cell in histories for days in windows_of(signal)]
    assert any(made)


@pytest.mark.slow
@settings(deadline=None, max_examples=8, derandomize=True)
@given(archives_and_instants(instants=1))
def test_so_they_do_at_the_edges_of_windows(drawn: tuple[list[Message], list[dt.datetime]]) -> None:
    """Ties, copies, mail merges, and rows that are just in or just out of a window."""
    messages, instants = drawn
    for cell in cells(company_facts(touches_of(messages), RULES), instants):
        for signal in MADE_OF_ROWS:
            for days in windows_of(signal):
                assert_made(signal, days, cell)


def _kaplan_meier(turns: pl.DataFrame, at: dt.datetime) -> object:
    waits = [((answered or at) - started, answered is not None) for started, answered in _spans(turns)]
    return km_median(waits)


def _spans(turns: pl.DataFrame) -> list[tuple[dt.datetime, dt.datetime | None]]:
    return turns.select("started_at", "answered_at").rows()


def _overdue_ratio(mails: pl.DataFrame, at: dt.datetime) -> object:
    sent = mails["sent_at"].to_list()
    days = sorted({moment.date() for moment in sent})
    gaps = [float((after - before).days) for before, after in pairwise(days)]
    return (at - max(sent)) / DAY / (percentile(gaps, 0.9) or 0.0) if len(gaps) >= 5 else None


def _champion_quiet(mails: pl.DataFrame, at: dt.datetime) -> object:
    return None if mails.is_empty() else mails["sent_at"].max() <= at - 30 * DAY  # type: ignore[operator]  # an instant


TAKES_MORE: dict[str, Callable[[pl.DataFrame, dt.datetime], object]] = {
    "response_hours_km_median": _kaplan_meier,
    "customer_response_hours_km_median": _kaplan_meier,
    "overdue_ratio": _overdue_ratio,
    "champion_quiet": _champion_quiet,
}
"""In plain Python, the figures that are more than one expression over their rows."""


@pytest.mark.parametrize(
    "signal", [signal for signal in SIGNALS if signal.name in TAKES_MORE], ids=lambda one: one.name
)
def test_a_figure_that_takes_more_is_of_its_rows_too(histories: list[Cell], signal: Signal) -> None:
    """What the rows of such a signal say, by its definition, is its figure; they make no figure by themselves."""
    compared = 0
    for context, rows, figures in histories:
        for days in windows_of(signal):
            provenance = signal.provenance(days)
            assert provenance
            chosen = provenance.select(rows[provenance.rows.kind], context)
            assert provenance.figure(chosen, context) is None
            expected = figures[days][signal.name]
            said = TAKES_MORE[signal.name](chosen, context.as_of)
            assert said == (pytest.approx(expected) if isinstance(expected, float) else expected)
            compared += expected is not None
    assert compared


ROWLESS = {"visibility_gap", "meetings", "days_since_meeting", "bounced_contacts", "away_contacts"}
"""Signals of mails that nobody holds, or that make no touch because programs wrote them."""


def test_every_signal_has_rows_but_those_of_mails_that_are_no_touches() -> None:
    """A new signal says what is behind it, and what the rows make."""
    assert {signal.name for signal in SIGNALS if signal.rows is None} == ROWLESS
    without = {signal.name for signal in SIGNALS if signal.from_rows is None}
    assert without == {*ROWLESS, *TAKES_MORE}


def test_neither_half_can_be_left_out() -> None:
    """A signal without ``rows`` or ``from_rows``, or with a figure of no rows, cannot be made."""
    plain = {"name": "x", "unit": "mails", "meaning": "x", "expr": count("x")}
    halves = {"rows": INBOUND_MAILS, "from_rows": ROW_COUNT}
    for missing in halves:
        given_ones = {name: half for name, half in halves.items() if name != missing}
        with pytest.raises(TypeError, match=missing):
            Signal(**plain, **given_ones)  # type: ignore[arg-type]  # what is tested
    with pytest.raises(ValueError, match="x has a figure of rows, but no rows"):
        Signal("x", "mails", "x", count("x"), rows=None, from_rows=ROW_COUNT)


def test_only_signals_of_the_moment_have_a_window_of_their_own() -> None:
    """A signal over a window takes the one that is asked for; one of the moment always the same."""
    for signal in WINDOW_SIGNALS:
        if provenance := signal.provenance(17):
            assert provenance.days == 17
    own = {signal.name: signal.provenance(17) for signal in MOMENT_SIGNALS}
    assert {name: found and found.days for name, found in own.items()} == {
        "days_since_checkin": 365,
        "days_since_inbound": 365,
        "days_since_outbound": 365,
        "overdue_ratio": 180,
        "open_turns": 90,
        "oldest_open_hours": 90,
        "champion_quiet": 180,
        "days_since_meeting": None,
        "away_contacts": None,
    }


def mails_at(*ago: dt.timedelta) -> pl.DataFrame:
    """Inbound mails so long before the start."""
    return pl.DataFrame({"sent_at": [START - one for one in ago], "outbound": [False] * len(ago)}).cast(
        {"sent_at": pl.Datetime("us", "UTC")}
    )


def of(rows: RowSelection) -> Provenance:
    """How many of the rows there are in 30 days."""
    return Provenance(rows=rows, from_rows=ROW_COUNT, days=30)


CONTEXT = RowContext(as_of=START, reply_horizon=HORIZON)


def test_a_window_ends_at_the_instant_and_does_not_include_its_beginning() -> None:
    """Rows are the newest first, and keep their columns; a selection with the window before begins earlier."""
    tick = dt.timedelta(microseconds=1)
    mails = mails_at(30 * DAY, 30 * DAY - tick, DAY, 0 * DAY, -tick, 60 * DAY, 60 * DAY - tick)
    chosen = of(INBOUND_MAILS).select(mails, CONTEXT)
    assert chosen.columns == mails.columns
    assert chosen["sent_at"].to_list() == [START, START - DAY, START - 30 * DAY + tick]
    assert of(INBOUND_MAILS).since(START) == START - 30 * DAY
    both = of(INBOUND_MAILS.with_window_before())
    assert both.select(mails, CONTEXT).height == 5
    assert both.since(START) == START - 60 * DAY


def test_a_condition_that_is_null_counts_as_no() -> None:
    """Without a champion no mail is the champion's."""
    mails = mails_at(DAY, 2 * DAY).with_columns(person=pl.Series([1, 2], dtype=pl.UInt32))
    selection = ALL_MAILS.where(pl.col("person") == pl.col("champion"))
    assert of(selection).select(mails, CONTEXT).is_empty()
    with_champion = dataclasses.replace(CONTEXT, champion=2)
    assert of(selection).select(mails, with_champion)["person"].to_list() == [2]
    assert of(selection).figure(of(selection).select(mails, CONTEXT), CONTEXT) == 0.0
