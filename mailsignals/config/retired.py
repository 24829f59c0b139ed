"""Keys of earlier versions that have no effect any more: named in warnings, so that old configurations still run."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from mailsignals.config.problems import ConfigOrigin

RETIRED: Mapping[tuple[str, ...], str] = {
    ("risk", "high_score"): (
        "levels now follow the chance of going quiet or leaving. Use risk.high_risk and risk.medium_risk, which are "
        "shares such as 0.2"
    ),
}
"""What took the place of each key, as the rest of a sentence; an entry here is all that retiring a key takes."""


def without_retired(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration without its retired keys."""
    kept = dict(document)
    for *tables, name in (key for key in RETIRED if _holds(document, key)):
        table = kept
        for part in tables:
            table[part] = dict(table[part])
            table = table[part]
        del table[name]
    return kept


def retired_warnings(
    document: Mapping[str, Any], overridden: Mapping[str, Any], *, origin: ConfigOrigin
) -> Iterator[str]:
    """Return a sentence per place that sets a retired key: where it stands, and what took its place.

    Args:
        document: the configuration of the file alone.
        overridden: the same with what environment variables set.
        origin: the file with its lines, and the environment variables.
    """
    for key in RETIRED:
        places = []
        if _holds(document, key):
            places.append(dataclasses.replace(origin, variables={}).place(key))
        if _holds(overridden, key) and any(at == key[: len(at)] for at in origin.variables):
            places.append(dataclasses.replace(origin, lines={}).place(key))
        yield from (f"{place} has no effect any more: {RETIRED[key]}." for place in places)


def _holds(document: Mapping[str, Any], key: tuple[str, ...]) -> bool:
    here: Any = document
    for part in key:
        if not isinstance(here, Mapping) or part not in here:
            return False
        here = here[part]
    return True
