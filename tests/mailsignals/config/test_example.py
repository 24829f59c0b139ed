import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mailsignals.config import Settings, load_settings
from mailsignals.config.section import keys_of
from mailsignals.config.tiers import DEFAULT_TIERS

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"


def _entries(field: FieldInfo) -> type[BaseModel] | None:
    """The model of the tables that a list or a mapping of tables, or of lists of them, holds."""
    within = [field.annotation]
    while within:
        each = within.pop()
        if isinstance(each, type) and issubclass(each, BaseModel) and each is not field.annotation:
            return each
        within += get_args(each)
    return None


def _tables(value: object) -> Iterator[Mapping[str, Any]]:
    """The tables of a list or a mapping of tables, or of lists of them."""
    for entry in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _tables(entry) if isinstance(entry, list) else (entry,)


def _keys(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every key of the models with its field; a list or mapping of tables is written ``tiers[]``."""
    for name, field in keys_of(model).items():
        if entries := _entries(field):
            yield from _keys(entries, f"{prefix}{name}[].")
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _keys(field.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field


def _present(table: Mapping[str, Any], model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every key of a document, in the notation of ``_keys``."""
    for name, value in table.items():
        field = keys_of(model)[name]
        if entries := _entries(field):
            for entry in _tables(value):
                yield from _present(entry, entries, f"{prefix}{name}[].")
        elif isinstance(value, dict) and isinstance(field.annotation, type):
            yield from _present(value, field.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


KEYS = dict(_keys(Settings))


@pytest.fixture(scope="module")
def text() -> str:
    """The example as text."""
    return EXAMPLE.read_text(encoding="utf-8")


def test_the_example_loads() -> None:
    """The example is a configuration as it stands."""
    assert load_settings(EXAMPLE, environ={}).company.name == "Example Ltd"


def test_the_example_and_the_models_have_the_same_keys(text: str) -> None:
    """Every key of the models stands in the example, and no other."""
    assert set(_present(tomllib.loads(text), Settings)) == set(KEYS)


@pytest.mark.parametrize(
    "key", [key for key, field in KEYS.items() if "[]" not in key and not field.is_required()]
)
def test_the_example_shows_the_defaults(text: str, key: str) -> None:
    """A key outside the lists of examples stands there with its default."""
    value: object = Settings.model_validate(tomllib.loads(text))
    for part in key.split("."):
        names = {field.alias or name: name for name, field in type(value).model_fields.items()}  # type: ignore[attr-defined]  # a section
        value = getattr(value, names[part])
    assert value == KEYS[key].default


def test_the_example_shows_the_default_tiers(text: str) -> None:
    """The tiers of the example are the default ones, apart from what it says is not."""
    tiers = Settings.model_validate(tomllib.loads(text)).tiers
    plain = [
        tier.model_copy(update={"calendar": None, "next_response_hours": None})
        for tier in tiers
        if tier.since is None
    ]
    assert plain == list(DEFAULT_TIERS)


def test_every_key_is_explained(text: str) -> None:
    """Every key has a description in the models, and a comment on its first line, or above it, in the example."""
    assert [key for key, field in KEYS.items() if not field.description] == []
    lines = text.splitlines()
    for key in KEYS:
        name = key.rpartition(".")[2]
        number = next(number for number, line in enumerate(lines) if line.startswith(f"{name} = "))
        assert "# " in lines[number] or lines[number - 1].startswith("# "), key
