"""Turns pydantic's validation errors into messages about config.toml."""

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mailsignals.accounts.nearest import did_you_mean
from mailsignals.config.section import keys_of
from mailsignals.config.settings import Key, Settings
from mailsignals.config.source_lines import line_of
from mailsignals.errors import UserError

_SHOWN = 20
_WANTED = {
    "dict_type": "must be a table of keys",
    "mapping_type": "must be a table of keys",
    "model_type": "must be a table of keys",
    "tuple_type": "must be a list",
    "string_too_short": "must not be empty",
    "path_type": "must be a path in quotes",
    "string_type": "must be a text in quotes",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class ConfigOrigin:
    """The origin of the values: a file with its lines, and environment variables."""

    file: Path
    lines: dict[Key, int]
    variables: Mapping[Key, str]

    def place(self, key: Key) -> str:
        """Return the environment variable or the line of the file that sets a key, and the key."""
        variable = next((name for at, name in self.variables.items() if _touches(at, key)), None)
        if variable is not None and (key not in self.lines or key in self.variables):
            return f"Environment variable {variable}: {_dotted(key)}"
        line = line_of(key, self.lines)
        return f"{self.file}{f', line {line}' if line else ''}: {_dotted(key)}"


def explain(error: ValidationError, *, origin: ConfigOrigin) -> UserError:
    """Return an error with at most 20 lines, each with the place, the key, the value and the expected value."""
    found = [
        (_as_written(key, origin.lines), text)
        for details in error.errors(include_url=False)
        for key, text in _problems(details)
    ]
    found.sort(key=lambda problem: line_of(problem[0], origin.lines) or 0)
    texts = [f"{origin.place(key)}: {text}." for key, text in found[:_SHOWN]]
    if len(found) > _SHOWN:
        texts.append(f"{origin.file}: {len(found) - _SHOWN} more problems are not shown.")
    return UserError("\n".join(texts))


def _problems(details: ErrorDetails) -> Iterator[tuple[Key, str]]:
    key, kind, context = details["loc"], details["type"], details.get("ctx", {})
    if kind == "disagreement":
        yield from context["problems"]
    elif kind == "extra_forbidden":
        table = _model_at(key[:-1])
        hint = did_you_mean(str(key[-1]), keys_of(table) if table else (), what="keys")
        yield key, f"unknown key{hint}"
    elif kind == "missing":
        yield key, f"is missing; add it. {_description(key)}"
    elif kind == "value_error":
        yield key, str(context["error"])
    else:
        wanted = _WANTED.get(kind) or details["msg"].removeprefix("Input ")
        yield key, f"{_shown(details['input'])} {wanted}"


def _as_written(key: Key, lines: Mapping[Key, int]) -> Key:
    """The key without the number of a table that may be repeated, but exists once without a number."""
    kept: Key = ()
    for part in key:
        numbered = (*kept, part)
        if isinstance(part, str) or numbered in lines or kept not in lines or kept[0] != "calendars":
            kept = numbered
    return kept


def _touches(one: Key, other: Key) -> bool:
    """Return whether one key is the other or contains it."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _dotted(key: Key) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key).removeprefix(".")


def _shown(value: object) -> str:
    text = repr(value) if not isinstance(value, dict) else "a table"
    return text if len(text) <= 80 else f"{text[:77]}..."


def _description(key: Key) -> str:
    table = _model_at(key[:-1])
    field = keys_of(table).get(str(key[-1])) if table else None
    return (field.description or "").splitlines()[0].removesuffix(".") if field else ""


def _model_at(key: Key) -> type[BaseModel] | None:
    """The model of the table at a key; entries of a list or mapping of tables share theirs."""
    here: Any = Settings
    for part in key:
        if _is_model(here):
            field = keys_of(here).get(str(part))
            here = field.annotation if field else None
        else:
            here = next((each for each in reversed(get_args(here)) if each is not Ellipsis), None)
    return here if _is_model(here) else None


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
