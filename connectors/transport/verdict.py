"""The meaning of an answer that is no success, as each service's own ``errors`` decides it; and its body, read."""

import dataclasses
import json
from enum import StrEnum
from typing import Any, Generic, TypeVar

from connectors.base import ConnectorError

Kind = TypeVar("Kind", bound=StrEnum)

LONGEST = 2_000
"""Characters of a server's words that are kept."""


@dataclasses.dataclass(frozen=True)  # generic classes cannot have slots and be frozen before Python 3.12
class Verdict(Generic[Kind]):
    """The meaning of an answer: what to do about it, in the kinds of a service."""

    kind: Kind
    text: str = ""
    """The server's words; never shown at INFO."""
    error: ConnectorError | None = None
    """Why the mailbox cannot be read, where that is so."""
    limit: int | None = None
    """The number of parts that a batch may have, where the answer names one."""


def error_of(body: bytes | str) -> tuple[Any, str]:
    """Return what stands under ``error`` in the body of an answer, and the body's beginning as text.

    The first is None where the body is no JSON object with such an entry: proxies send pages of HTML, or nothing.
    """
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        return json.loads(text)["error"], text[:LONGEST]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None, text[:LONGEST]
