"""The bookmark of a Gmail mailbox: where its listing and its history stand."""

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
    """The history id after which changes are asked for; text, because it may pass 64 bits."""
    listing: bool = False
    """Whether the listing has not come to its end."""
    token: str | None = None
    """The next page of the listing; None: its first."""
    old_pages: int = 0
    """Pages in a row that held only mail from before the horizon."""
    listed: int = 0
    """Messages that the listing came past."""
    horizon: dt.datetime | None = None
    """From when on mail was listed, or is being listed; None: from the beginning."""
    checked_at: dt.datetime | None = None
    """When all ids were compared last; None: that is due."""

    def cursor(self) -> Cursor:
        """The bookmark as text."""
        values = dataclasses.asdict(self)
        for name in ("horizon", "checked_at"):
            values[name] = values[name] and values[name].isoformat()
        return Cursor(json.dumps({"version": VERSION, "shape": SHAPE, **values}))


def read_gmail_bookmark(cursor: Cursor | None) -> GmailBookmark | None:
    """The bookmark in a text; None if it is none, or was made by other rules."""
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
"""What is read of a message; a bookmark that was made when it was something else starts over."""
