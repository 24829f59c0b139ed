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
    """Return the document with each ``MAILSIGNALS_SECTION__KEY`` applied, and the variable that set each key.

    A value is read as TOML if it is valid TOML, else as a string. Names without a double underscore are ignored.

    Raises:
        UserError: a variable names a key inside a value that isn't a table.
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
        # Names of variables are upper-case, but the name of a calendar may have both cases.
        name = next((known for known in table if known.lower() == part), part)
        key = (*key, name)
        below = table.get(name, {})
        if not isinstance(below, dict):
            raise UserError(
                f"Environment variable {variable}: {'.'.join(map(str, key))} is not a table of keys. Unset it."
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
