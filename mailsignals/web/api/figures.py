"""Signals as fields of API responses, with their units and descriptions."""

from collections.abc import Iterable, Mapping
from typing import Any

import pydantic

from mailsignals.signals.pipeline import SIGNALS
from mailsignals.signals.signal import Signal

COUNTED = frozenset({"emails", "conversations"})
"""Units of whole numbers that are never null."""

_BY_NAME = {signal.name: signal for signal in SIGNALS}


def fields(names: Iterable[str] | None = None, *, window_days: int | None = None) -> Mapping[str, Any]:
    """Return fields of a model by name.

    Args:
        names: signals; by default all.
        window_days: the window, which is then part of the field name.
    """
    chosen = SIGNALS if names is None else [_BY_NAME[name] for name in names]
    suffix, over = ("", "") if window_days is None else (f"_{window_days}", f" Over {window_days} days.")
    return {f"{signal.name}{suffix}": _field(signal, over) for signal in chosen}


def _field(signal: Signal, over: str) -> tuple[Any, Any]:
    description = f"{signal.meaning}{over} Unit: {signal.unit}."
    if signal.unit == "yes or no":
        return bool | None, pydantic.Field(description=description)
    if signal.unit in COUNTED or signal.name == "active_contacts":
        return int, pydantic.Field(description=description)
    return float | None, pydantic.Field(description=description)
