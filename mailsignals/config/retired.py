"""Obsolete keys of earlier versions, which only cause warnings, so that old configurations still work."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from mailsignals.config.problems import ConfigOrigin

RETIRED: Mapping[tuple[str, ...], str] = {
    ("risk", "high_score"): (
        "levels now follow the chance of going quiet or of churn. Use risk.high_risk and risk.medium_risk, which are "
        "shares such as 0.2"
    ),
}
"""The replacement of each obsolete key, as the rest of a sentence; adding an entry is enough to retire a key."""


def without_retired(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration without its obsolete keys."""
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
    """Yield a sentence for each place that sets an obsolete key: the place and the replacement.

    Args:
        document: the configuration of the file alone.
        overridden: the same, with environment variables applied.
        origin: the file with its lines, and the environment variables.
    """
    for key in RETIRED:
        places = []
        if _holds(document, key):
            places.append(dataclasses.replace(origin, variables={}).place(key))
        if _holds(overridden, key) and any(at == key[: len(at)] for at in origin.variables):
            places.append(dataclasses.replace(origin, lines={}).place(key))
        yield from (f"{place} no longer has an effect: {RETIRED[key]}." for place in places)


def _holds(document: Mapping[str, Any], key: tuple[str, ...]) -> bool:
    here: Any = document
    for part in key:
        if not isinstance(here, Mapping) or part not in here:
            return False
        here = here[part]
    return True
