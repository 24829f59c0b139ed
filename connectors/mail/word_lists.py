"""Words of many languages by which mail is read: shipped as data, one file a purpose.

A file ``words/NAME.toml`` names its ``sources`` and has a table for each meaning, which lists words by language.
"""

import functools
import tomllib
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import TypeAlias

Fold: TypeAlias = Callable[[str], str]
"""A word as it is compared with others."""


class WordListError(ValueError):
    """A list of words that cannot be used, with the file and the key."""


@functools.cache
def words_of(name: str) -> Mapping[str, tuple[str, ...]]:
    """The words of a shipped list by meaning, each once.

    Raises:
        WordListError: the file cannot be used.
    """
    return read_word_list(shipped_list(name), name=f"{name}.toml")


def shipped_list(name: str) -> str:
    """The text of a shipped list."""
    return files("connectors.mail").joinpath("words", f"{name}.toml").read_text(encoding="utf-8")


def read_word_list(text: str, *, name: str, fold: Fold = str.casefold) -> dict[str, tuple[str, ...]]:
    """The words by meaning of a list in TOML.

    Args:
        text: the file's content.
        name: the file's name, for messages.
        fold: words that it makes equal are one word, which has one meaning.

    Raises:
        WordListError: a word has two meanings or is none, no source is named, or it is no such list.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WordListError(f"{name}: it is not TOML ({error}).") from error
    if not content.pop("sources", None):
        raise WordListError(f"{name}: sources: it is missing. Name where the words are from.")
    places: dict[str, tuple[str, str]] = {}
    words: dict[str, dict[str, None]] = {}
    for meaning, languages in content.items():
        if not isinstance(languages, dict):
            raise WordListError(f"{name}: {meaning}: it is not a table of languages.")
        for language, listed in languages.items():
            key = f"{meaning}.{language}"
            for word in _listed(listed, fold, place=f"{name}: {key}"):
                other, place = places.setdefault(fold(word), (meaning, key))
                if other != meaning:
                    raise WordListError(
                        f'{name}: {key}: "{word}" already stands in {place}. '
                        "Keep it in one of the two, or in neither."
                    )
                words.setdefault(meaning, {})[word] = None
    return {meaning: tuple(found) for meaning, found in words.items()}


def _listed(value: object, fold: Fold, *, place: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) and fold(word).strip() for word in value):
        raise WordListError(f"{place}: it is not a list of words.")
    return value


def alternatives(words: tuple[str, ...]) -> str:
    """A regular expression for any of these words, longer ones first."""
    return "|".join(_escaped(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def _escaped(word: str) -> str:
    """A word as a pattern that Python and polars read alike; a space stands for white space."""
    signs = (f"\\{sign}" if sign in r"\.^$*+?{}[]|()-#&~" else sign for sign in word)
    return r"\s+".join("".join(signs).split())
