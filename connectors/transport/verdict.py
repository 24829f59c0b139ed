"""The verdict on an error answer, as each service's ``errors`` module decides it, and the parsed body."""

import dataclasses
import json
from enum import StrEnum
from typing import Any, Generic, TypeVar

from connectors.base import ConnectorError

Kind = TypeVar("Kind", bound=StrEnum)

LONGEST = 2_000
"""Largest number of characters of a server's message."""


@dataclasses.dataclass(frozen=True)  # generic classes can't have slots and be frozen before Python 3.12
class Verdict(Generic[Kind]):
    """The meaning of an answer: how to react to it, in the kinds of a service."""

    kind: Kind
    text: str = ""
    """The server's message; never logged at INFO."""
    error: ConnectorError | None = None
    """The error to raise if the mailbox can't be read; else None."""
    limit: int | None = None
    """The largest number of parts of a batch, if the answer names one."""
    everywhere: bool = False
    """True if a limit of the whole project was exceeded, not one of the mailbox."""


def error_of(body: bytes | str) -> tuple[Any, str]:
    """Return the entry ``error`` in the body of an answer, and the body's beginning as text.

    The first is None if the body isn't a JSON object with such an entry: proxies send HTML pages, or nothing.
    """
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        return json.loads(text)["error"], text[:LONGEST]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None, text[:LONGEST]
