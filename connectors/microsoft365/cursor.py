"""The bookmark of a mailbox of Microsoft 365: where the walk of each folder stands."""

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
    """The address of the next page, or of the next round; None: the folder was not walked yet."""
    done: bool = False
    """Whether a whole round was walked."""
    seen: int = 0
    """Messages of the first round so far."""
    slim: bool = False
    """Whether only ids are walked, because a page with more of an item cannot be had."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GraphBookmark:
    """The bookmark of a Microsoft 365 mailbox: the position in each folder, and the last comparison."""

    places: Mapping[str, FolderPlace] = dataclasses.field(default_factory=dict)
    """By folder id."""
    well_known: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The well-known names of folder ids."""
    left_out: tuple[str, ...] = ()
    """Ids of folders that are not read."""
    headers: bool = True
    """Whether internet headers may be asked for."""
    horizon: dt.datetime | None = None
    """From when on mail was kept; None: from the beginning."""
    checked_at: dt.datetime | None = None
    """When all ids were compared last; None: that is due."""

    def at(self, folder: str, place: FolderPlace) -> Self:
        """The bookmark with one folder's place moved."""
        return dataclasses.replace(self, places={**self.places, folder: place})

    def cursor(self, shape: str) -> Cursor:
        """The bookmark as text."""
        values = dataclasses.asdict(self)
        for name in ("horizon", "checked_at"):
            values[name] = values[name] and values[name].isoformat()
        return Cursor(json.dumps({"version": VERSION, "shape": shape, **values}))


def read_graph_bookmark(cursor: Cursor | None, *, shape: str) -> GraphBookmark | None:
    """The bookmark in a text; None if it is none, or was made with another kind of ids or selection."""
    try:
        values: dict[str, Any] = json.loads(cursor or "")
        if values.pop("version") != VERSION or values.pop("shape") != shape:
            return None
        for name in ("horizon", "checked_at"):
            values[name] = values[name] and dt.datetime.fromisoformat(values[name])
        values["places"] = {folder: FolderPlace(**place) for folder, place in values["places"].items()}
        values["left_out"] = tuple(values["left_out"])
        return GraphBookmark(**values)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
