"""What the vendor's own description of the API says about a method: its parameters, and the fields of its answer."""

import functools
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, NamedTuple


class Parameter(NamedTuple):
    """A query parameter."""

    kind: str
    """``string``, ``integer`` or ``boolean``."""
    values: frozenset[str]
    """The only values that it may have; empty: any."""
    format: str


@functools.cache
def document() -> dict[str, Any]:
    """The description that comes with google-api-python-client."""
    source = files("googleapiclient.discovery_cache.documents") / "gmail.v1.json"
    return dict(json.loads(source.read_text(encoding="utf-8")))


@functools.cache
def parameters(method: str) -> Mapping[str, Parameter]:
    """The query parameters of a method such as ``users.messages.get``."""
    described = {**document()["parameters"], **_method(method)["parameters"]}
    return {
        name: Parameter(one["type"], frozenset(one.get("enum", ())), one.get("format", ""))
        for name, one in described.items()
        if one["location"] == "query"
    }


@functools.cache
def scopes(method: str) -> frozenset[str]:
    """The scopes of which a token needs one."""
    return frozenset(_method(method)["scopes"])


@functools.lru_cache(maxsize=1024)
def wrong_field(method: str, selected: tuple[str, ...]) -> str | None:
    """The first of the paths that the answer of a method cannot have."""
    schema = _method(method)["response"]["$ref"]
    return next((path for path in selected if not _exists(schema, path.split("/"))), None)


def _method(method: str) -> dict[str, Any]:
    *resources, name = method.split(".")
    found: dict[str, Any] = document()
    for resource in resources:
        found = found["resources"][resource]
    return dict(found["methods"][name])


def _exists(schema: str | None, path: list[str]) -> bool:
    if not path or path == ["*"]:
        return True
    if schema is None:
        return False
    described = document()["schemas"][schema]["properties"]
    if path[0] not in described:
        return False
    one = described[path[0]]
    return _exists(one.get("$ref") or one.get("items", {}).get("$ref"), path[1:])
