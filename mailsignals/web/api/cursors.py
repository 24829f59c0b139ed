"""Where a list goes on: an edition, a place in it, and which list it is."""

import base64
import dataclasses
import hashlib
import json
from typing import Self

MOST = 2**53
"""No place is behind it; so it is a number in every language."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cursor:
    """A bookmark in a list of one edition, in which nothing moves."""

    edition: str
    place: int
    """Of the next row, before any filter."""
    of: str
    """Which list it is: everything but the length of a page."""

    @classmethod
    def read(cls, text: str) -> Self:
        """From what a program was given and sends back.

        Raises:
            ValueError: it is none.
        """
        try:
            edition, place, of = json.loads(base64.urlsafe_b64decode(text.encode("ascii")))
        except (ValueError, TypeError, RecursionError):
            raise ValueError("this is no cursor") from None
        if not (
            isinstance(edition, str) and isinstance(of, str) and type(place) is int and 0 <= place < MOST
        ):
            raise ValueError("this is no cursor")
        return cls(edition=edition, place=place, of=of)

    @property
    def text(self) -> str:
        """The cursor as URL-safe text, which programs pass on without reading it."""
        told = json.dumps([self.edition, self.place, self.of]).encode("ascii")
        return base64.urlsafe_b64encode(told).decode("ascii")


def query_fingerprint(*parts: object) -> str:
    """Return 16 hexadecimal digits that are equal for equal parts."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]
