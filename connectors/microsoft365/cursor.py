"""The bookmark of a mailbox of Microsoft 365: the position in each folder."""

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, Self

from connectors.base import Cursor

VERSION = 1


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FolderPlace:
    """The position in one folder: its next link, and whether the first round is complete."""

    link: str | None = None
    """The address of the next page or the next round; None if the folder wasn't walked yet."""
    done: bool = False
    """True if a complete round was walked."""
    seen: int = 0
    """Number of messages of the first round so far."""
    slim: bool = False
    """True if only ids are walked, because pages with more fields fail."""
    others: int = 0
    """Number of items that the folder counts although they are no messages."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GraphBookmark:
    """The bookmark of a Microsoft 365 mailbox: the position in each folder, and the last comparison."""

    places: Mapping[str, FolderPlace] = dataclasses.field(default_factory=dict)
    """The positions by folder id."""
    well_known: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The well-known names of folder ids."""
    left_out: tuple[str, ...] = ()
    """The ids of folders that aren't read."""
    headers: bool = True
    """True if internet headers may be requested."""
    horizon: dt.datetime | None = None
    """The time from which on mail was stored; None: from the beginning."""
    checked_at: dt.datetime | None = None
    """The time of the last comparison of all ids; None: it is due."""
    compare: bool = False
    """True if all ids must be compared in this run, whenever they were compared last."""
    unknown: tuple[str, ...] = ()
    """Ids that left a folder and were never stored: each must be requested once."""
    walking: str | None = None
    """The folder to continue with, so that a run begins where the last one ended; None: with the first."""

    def at(self, folder: str, place: FolderPlace) -> Self:
        """Return the bookmark with the position of one folder replaced."""
        return dataclasses.replace(self, places={**self.places, folder: place})

    def with_headers(self, *, allowed: bool) -> Self:
        """Return the bookmark of a mailbox whose headers may be requested, or may not.

        All folders are walked anew, because their links contain the fields to request.
        """
        walked = any(place.done for place in self.places.values())
        return dataclasses.replace(self, headers=allowed, places={}, compare=self.compare or walked)

    def without(self, folder: str) -> Self:
        """Return the bookmark without the position of one folder."""
        places = {name: place for name, place in self.places.items() if name != folder}
        return dataclasses.replace(self, places=places)

    def cursor(self, shape: str) -> Cursor:
        """Return the bookmark as text."""
        values = dataclasses.asdict(self)
        for name in ("horizon", "checked_at"):
            values[name] = values[name] and values[name].isoformat()
        return Cursor(json.dumps({"version": VERSION, "shape": shape, **values}))


def read_graph_bookmark(cursor: Cursor | None, *, shape: str) -> GraphBookmark | None:
    """Return the bookmark in a text; None if there is none, or its ids or fields are of another shape."""
    try:
        values: dict[str, Any] = json.loads(cursor or "")
        if values.pop("version") != VERSION or values.pop("shape") != shape:
            return None
        for name in ("horizon", "checked_at"):
            values[name] = values[name] and dt.datetime.fromisoformat(values[name])
        values["places"] = {folder: FolderPlace(**place) for folder, place in values["places"].items()}
        for name in ("left_out", "unknown"):
            values[name] = tuple(values.get(name, ()))
        return GraphBookmark(**values)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
