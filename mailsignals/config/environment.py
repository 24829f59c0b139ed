"""Keys of config.toml that the environment overrides."""

import tomllib
from collections.abc import Mapping
from typing import Any

from mailsignals.config.settings import Key
from mailsignals.errors import UserError

_PREFIX = "MAILSIGNALS_"


def override(
    document: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[dict[str, Any], dict[Key, str]]:
    """The document with each ``MAILSIGNALS_SECTION__KEY`` put in, and which variable set which key.

    A value is read as TOML where it is TOML, else as a string. Names without a double underscore are not ours.

    Raises:
        UserError: naming a variable that reaches into something that is no table.
    """
    result: dict[str, Any] = dict(document)
    variables: dict[Key, str] = {}
    for name in sorted(environ):
        if name.startswith(_PREFIX) and "__" in name:
            parts = name.removeprefix(_PREFIX).lower().split("__")
            key = _put(result, parts, _value(environ[name]), variable=name)
            variables[key] = name
    return result, variables


def _put(result: dict[str, Any], parts: list[str], value: object, *, variable: str) -> Key:
    table = result
    key: Key = ()
    for part in parts[:-1]:
        # A variable's name says nothing about capitals; the name of a calendar may have some.
        name = next((known for known in table if known.lower() == part), part)
        key = (*key, name)
        below = table.get(name, {})
        if not isinstance(below, dict):
            raise UserError(
                f"Environment variable {variable}: {'.'.join(map(str, key))} is no table of keys. Unset it."
            )
        table[name] = dict(below)
        table = table[name]
    table[parts[-1]] = value
    return (*key, parts[-1])


def _value(text: str) -> object:
    try:
        document = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return document["value"] if document.keys() == {"value"} else text
