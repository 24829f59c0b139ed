"""JSON whose every value is finite: no infinity, nothing that is not a number, no number beyond what a float counts."""

import datetime as dt
import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

MOST = 2**53
"""The largest whole number; a float counts up to it without gaps."""
_FIRST_YEAR, _LAST_YEAR = 1970, 2999


def read_finite(text: str) -> Any:  # noqa: ANN401  # any JSON value
    """Return the value of a JSON text.

    Raises:
        ValueError: it is not JSON, is nested too deeply, or has a value that is not finite; names that value.
    """
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_float)
        _check(value, "")
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return value


def number(value: object) -> float:
    """Return a number of a JSON document; texts and truth values are none.

    Raises:
        TypeError: it is not a number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{_short(value)} is not a number")
    return float(value)


def whole_number(value: object) -> int:
    """Return a whole number of a JSON document.

    Raises:
        TypeError: it is not one.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{_short(value)} is not a whole number")
    return value


def point_in_time(value: object, *, zone: bool = True) -> dt.datetime:
    """Return the date and time of a text, such as ``2026-06-01T00:00:00+00:00``; ``zone``: it has a time zone.

    Raises:
        ValueError: it is not one, or is out of range.
        TypeError: it is not a text.
    """
    if not isinstance(value, str):
        raise TypeError(f"{_short(value)} is not a date")
    moment = dt.datetime.fromisoformat(value)
    if (zone and moment.utcoffset() is None) or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"{_short(value)} is out of range{' or has no time zone' if zone else ''}")
    return moment


def _float(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _refuse(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"the value {_short(text)} is not finite")


def _check(value: object, key: str) -> None:
    """Refuse whole numbers out of range, and texts that stand for what is not finite."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            _check(one, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for one in value:
            _check(one, key)
    elif isinstance(value, int) and abs(value) > MOST:
        raise ValueError(f"{key}: the number is out of range")
    elif isinstance(value, str) and _is_infinite(value):
        raise ValueError(f"{key}: the value {_short(value)} is not finite")


def _is_infinite(text: str) -> bool:
    try:
        return not math.isfinite(float(text))
    except ValueError:
        return False


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"  # fits into a sentence
