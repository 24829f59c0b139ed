"""The bookmark of a Gmail mailbox: its place in the listing and in the history."""

import dataclasses
import datetime as dt
import json
from typing import Any

from connectors.base import Cursor

VERSION = 1


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GmailBookmark:
    """The bookmark of a Gmail mailbox: its place in the listing and in the history."""

    history: str
    """The history id after which changes are requested; text, because it may exceed 64 bits."""
    listing: bool = False
    """True if the listing isn't complete."""
    token: str | None = None
    """The next page of the listing; None: its first."""
    old_pages: int = 0
    """Number of consecutive pages with only mail from before the horizon."""
    listed: int = 0
    """Number of messages that were listed so far."""
    horizon: dt.datetime | None = None
    """The time from which on mail was or is being listed; None: from the beginning."""
    checked_at: dt.datetime | None = None
    """The time of the last comparison of all ids; None: it is due."""

    def cursor(self) -> Cursor:
        """Return the bookmark as text."""
        values = dataclasses.asdict(self)
        for name in ("horizon", "checked_at"):
            values[name] = values[name] and values[name].isoformat()
        return Cursor(json.dumps({"version": VERSION, "shape": SHAPE, **values}))


def read_gmail_bookmark(cursor: Cursor | None) -> GmailBookmark | None:
    """Return the bookmark in a text; None if there is none, or another version made it."""
    try:
        values: dict[str, Any] = json.loads(cursor or "")
        if values.pop("version") != VERSION or values.pop("shape") != SHAPE:
            return None
        for name in ("horizon", "checked_at"):
            values[name] = values[name] and dt.datetime.fromisoformat(values[name])
        bookmark = GmailBookmark(**values)
        int(bookmark.history)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return bookmark


SHAPE = "labels and metadata"
"""The parts of a message that are read; a bookmark with other parts is no longer valid."""
