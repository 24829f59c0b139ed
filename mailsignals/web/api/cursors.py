"""Cursors, which mark a place in a list of one edition."""

import base64
import dataclasses
import hashlib
import json
from typing import Self

MOST = 2**53
"""An upper bound of places that every language can represent."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cursor:
    """A place in a list of one edition."""

    edition: str
    place: int
    """The index of the next row, before any filter."""
    of: str
    """The fingerprint of the list, by all its parameters but the page length."""

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the cursor of a text.

        Raises:
            ValueError: the text is not a cursor.
        """
        try:
            edition, place, of = json.loads(base64.urlsafe_b64decode(text.encode("ascii")))
        except (ValueError, TypeError, RecursionError):
            raise ValueError("not a cursor") from None
        if not (
            isinstance(edition, str) and isinstance(of, str) and type(place) is int and 0 <= place < MOST
        ):
            raise ValueError("not a cursor")
        return cls(edition=edition, place=place, of=of)

    @property
    def text(self) -> str:
        """The cursor as URL-safe text, which programs pass on without reading it."""
        text = json.dumps([self.edition, self.place, self.of]).encode("ascii")
        return base64.urlsafe_b64encode(text).decode("ascii")


def query_fingerprint(*parts: object) -> str:
    """Return 16 hexadecimal digits that are equal for equal parts."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]
