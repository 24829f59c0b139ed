"""The figures of an account in words, each with its definition, and whether what it counts can be opened."""

from collections.abc import Mapping, Sequence
from typing import Any

from mailsignals.risk.marks import MARKS_BY_NAME
from mailsignals.signals.pipeline import MOMENT_SIGNALS, SIGNALS_BY_NAME, WINDOW_SIGNALS
from mailsignals.signals.signal import WINDOWS, Signal
from mailsignals.web.rendering import NO_FIGURE
from mailsignals.wording.numbers import count_noun, duration_words, number_of, percent

Row = Mapping[str, Any]


def figure_words(value: float | None, unit: str) -> str:
    """A figure with its unit, as a person says it."""
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
    """Every signal over a window, with what it is in each.

    Args:
        rows: of ``account_figures``, one a window.
    """
    by_days = {row["window_days"]: row for row in rows}
    return [
        _defined(signal)
        | {"cells": {days: figure_words(by_days[days][signal.name], signal.unit) for days in WINDOWS}}
        for signal in WINDOW_SIGNALS
        if by_days
    ]


def of_moment(rows: Sequence[Row]) -> list[Row]:
    """Every signal of the moment."""
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
"""Figures of a reason that are no signals, and the signal whose mails they are made of."""


def explained(reasons: Sequence[Row]) -> list[Row]:
    """The reasons with the definition of the signal that each rests on, and how to ask for what it counts."""
    return [reason | {"signal": _signal(reason), "asks": _asks(reason)} for reason in map(dict, reasons)]


def _asks(reason: Row) -> Mapping[str, str] | None:
    """A mark is asked for by its name; a term of the risk, by its signal."""
    if mark := MARKS_BY_NAME.get(reason["mark"]):
        return {"mark": mark.name} if mark.provenance else None
    signal = _signal(reason)
    return {"signal": signal.name} if signal and signal.rows else None


def _signal(reason: Row) -> Signal | None:
    """The signal that a reason rests on."""
    name = str(reason["signal"])
    return SIGNALS_BY_NAME.get(_RESTS_ON.get(name, name))
