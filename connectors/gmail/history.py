"""Reads the changes in a page of Gmail's history."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

_CHANGES = ("messagesAdded", "labelsAdded", "labelsRemoved")


@dataclasses.dataclass(frozen=True, slots=True)
class Changes:
    """The ids of changed messages, in the order of their last change, and the ids of deleted ones."""

    changed: tuple[str, ...]
    deleted: tuple[str, ...]


def history_changes(records: object) -> Changes:
    """Return the changed and deleted message ids of history records, which may repeat and come in any order.

    ``messages`` of a record only repeats the other lists. A message that was deleted and changed counts as changed,
    because it may have come back.
    """
    changed: dict[str, None] = {}
    deleted: dict[str, None] = {}
    for record in records if isinstance(records, list) else []:
        if not isinstance(record, dict):
            continue
        for kind in _CHANGES:
            changed.update(dict.fromkeys(_ids(record, kind)))
        deleted.update(dict.fromkeys(_ids(record, "messagesDeleted")))
    return Changes(tuple(changed), tuple(name for name in deleted if name not in changed))


def _ids(record: Mapping[str, Any], kind: str) -> Iterator[str]:
    entries = record.get(kind)
    for entry in entries if isinstance(entries, list) else []:
        message = entry.get("message") if isinstance(entry, dict) else None
        name = message.get("id") if isinstance(message, dict) else None
        if isinstance(name, str) and name:
            yield name


def newest(*ids: object) -> str:
    """Return the largest history id; ids are numbers of any size, as text or int, and other values are ignored."""
    numbers = [int(str(one)) for one in ids if str(one).isdecimal()]
    return str(max(numbers, default=0))


def last_record(records: object) -> str:
    """Return the id of the last record of a page as text; "0" if there is none."""
    found = records if isinstance(records, list) else []
    return newest(*(record.get("id") for record in found if isinstance(record, dict)))
