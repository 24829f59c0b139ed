"""Partial answers: what ``fields`` selects (developers.google.com/workspace/gmail/api/guides/performance)."""

import functools
import re
from collections.abc import Mapping
from typing import cast

Mask = Mapping[str, "Mask"]
"""The names that are selected, each with what is selected below it; empty: everything."""

_TOKEN = re.compile(r"[^,/()]+|[,/()]")


@functools.lru_cache(maxsize=256)
def parse_fields(text: str) -> Mask:
    """``a,b/c,d(e,f)`` as a mask.

    Raises:
        ValueError: the text is no selection; the message is the part that is wrong.
    """
    tokens = _TOKEN.findall(text)
    mask = _selection(tokens, text)
    if tokens or not mask:
        raise ValueError(text)
    return mask


def _selection(tokens: list[str], text: str) -> dict[str, Mask]:
    """Paths with commas between them."""
    mask: dict[str, Mask] = {}
    while True:
        _merge(mask, _path(tokens, text))
        if not tokens or tokens[0] != ",":
            return mask
        tokens.pop(0)


def _path(tokens: list[str], text: str) -> dict[str, Mask]:
    """A name, and what is selected below it."""
    if not tokens or tokens[0] in ",/()":
        raise ValueError(text)
    name = tokens.pop(0)
    if tokens[:1] == ["/"]:
        tokens.pop(0)
        return {name: _path(tokens, text)}
    if tokens[:1] != ["("]:
        return {name: {}}
    tokens.pop(0)
    below = _selection(tokens, text)
    if tokens[:1] != [")"]:
        raise ValueError(text)
    tokens.pop(0)
    return {name: below}


def _merge(mask: dict[str, Mask], more: Mask) -> None:
    for name, below in more.items():
        if name not in mask or not below:
            mask[name] = below
        elif mask[name]:
            merged = dict(mask[name])
            _merge(merged, below)
            mask[name] = merged


def select(document: object, mask: Mask) -> object:
    """What the mask leaves of a document; a mask applies to each entry of a list."""
    if not mask:
        return document
    if isinstance(document, list):
        return [select(entry, mask) for entry in document]
    if not isinstance(document, dict):
        return document
    everything = mask.get("*")
    return {
        name: select(value, cast("Mask", mask.get(name, everything)))
        for name, value in document.items()
        if name in mask or everything is not None
    }


def paths(mask: Mask) -> list[str]:
    """The selected paths, with slashes."""
    return [
        f"{name}/{path}" if path else name for name, below in mask.items() for path in (paths(below) or [""])
    ]
