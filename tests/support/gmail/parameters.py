"""Query parameters against the vendor's description of the method."""

import functools
import re
from collections.abc import Mapping

from tests.support.gmail import discovery, errors
from tests.support.gmail.discovery import Parameter
from tests.support.gmail.fields import parse_fields, paths
from tests.support.loopback import Answer, Request

_READABLE = {
    "integer": re.compile(r"\d{1,9}"),
    "boolean": re.compile(r"true|false"),
    "uint64": re.compile(r"\d{1,40}"),
}
_SHOWN = {"integer": "TYPE_UINT32", "boolean": "TYPE_BOOL", "uint64": "TYPE_UINT64"}


def wrong_parameters(method: str, request: Request) -> Answer | None:
    """What the API says of a query that the method does not have."""
    known = discovery.parameters(method)
    for name, values in request.query.items():
        if name not in known:
            return errors.unknown_parameter(name)
        for value in values:
            if not _readable(known[name], value):
                return errors.invalid_value(_snake(name), _shown(known, name), value)
    return _wrong_fields(method, request.one("fields")) if "fields" in request.query else None


@functools.lru_cache(maxsize=1024)
def _readable(parameter: Parameter, value: str) -> bool:
    if parameter.values:
        return value in parameter.values or value.lower() in parameter.values
    pattern = _READABLE.get(parameter.format) or _READABLE.get(parameter.kind)
    return pattern is None or not value or pattern.fullmatch(value) is not None


def _shown(known: Mapping[str, Parameter], name: str) -> str:
    return _SHOWN.get(known[name].format) or _SHOWN.get(known[name].kind) or "TYPE_ENUM"


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


@functools.lru_cache(maxsize=256)
def _wrong_fields(method: str, text: str) -> Answer | None:
    try:
        wrong = discovery.wrong_field(method, tuple(paths(parse_fields(text))))
    except ValueError:
        wrong = text
    return None if wrong is None else errors.invalid_field(wrong)
