"""The figures of an account in words, with definitions and links to the emails that they count."""

from collections.abc import Mapping, Sequence
from typing import Any

from mailsignals.risk.marks import MARKS_BY_NAME
from mailsignals.signals.pipeline import MOMENT_SIGNALS, SIGNALS_BY_NAME, WINDOW_SIGNALS
from mailsignals.signals.signal import WINDOWS, Signal
from mailsignals.web.rendering import NO_FIGURE
from mailsignals.wording.numbers import count_noun, duration_words, number_of, percent

Row = Mapping[str, Any]


def figure_words(value: float | None, unit: str) -> str:
    """Return a figure with its unit in words; ``NO_FIGURE`` for null."""
    if value is None:
        return NO_FIGURE
    if unit == "share":
        return percent(value)
    if unit == "hours":
        return duration_words(value)
    if unit == "yes or no":
        return "yes" if value else "no"
    if unit == "people":
        return "1 person" if number_of(value) == "1" else f"{number_of(value)} people"
    return count_noun(value, unit.removesuffix("s"))


def windowed(rows: Sequence[Row]) -> list[Row]:
    """Return every windowed signal with ``cells``: its figure in words by window, in days.

    Args:
        rows: of ``account_figures``, one per window.
    """
    by_days = {row["window_days"]: row for row in rows}
    return [
        _defined(signal)
        | {"cells": {days: figure_words(by_days[days][signal.name], signal.unit) for days in WINDOWS}}
        for signal in WINDOW_SIGNALS
        if by_days
    ]


def of_moment(rows: Sequence[Row]) -> list[Row]:
    """Return every signal without a window, with ``cell``: its figure in words."""
    return [
        _defined(signal) | {"cell": figure_words(rows[0][signal.name], signal.unit)}
        for signal in MOMENT_SIGNALS
        if rows
    ]


def _defined(signal: Signal) -> dict[str, Any]:
    return {
        "name": signal.name,
        "unit": signal.unit,
        "meaning": signal.meaning,
        "opens": signal.rows is not None,
    }


_RESTS_ON = {"active_days": "inbound"}
"""Figures of reasons that are not signals, with the signal whose emails they are computed from."""


def explained(reasons: Sequence[Row]) -> list[Row]:
    """Return the reasons with ``signal`` (its definition) and ``asks`` (query parameters of its emails), or null."""
    return [reason | {"signal": _signal(reason), "asks": _asks(reason)} for reason in map(dict, reasons)]


def _asks(reason: Row) -> Mapping[str, str] | None:
    """Return the query parameters for the emails behind a reason; None if it has no emails."""
    if mark := MARKS_BY_NAME.get(reason["mark"]):
        return {"mark": mark.name} if mark.provenance else None
    signal = _signal(reason)
    return {"signal": signal.name} if signal and signal.rows else None


def _signal(reason: Row) -> Signal | None:
    """Return the signal that a reason is computed from; None without one."""
    name = str(reason["signal"])
    return SIGNALS_BY_NAME.get(_RESTS_ON.get(name, name))
