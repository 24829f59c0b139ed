"""Word lists in many languages for reading mail: shipped as data, one file per purpose.

A file ``words/NAME.toml`` names its ``sources`` and has a table for each meaning, with words by language.
"""

import functools
import tomllib
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import TypeAlias

Fold: TypeAlias = Callable[[str], str]
"""A function that returns the form in which words are compared."""


class WordListError(ValueError):
    """A list of words that can't be used, with the file and the key."""


@functools.cache
def words_of(name: str) -> Mapping[str, tuple[str, ...]]:
    """Return the words of a shipped list by meaning, each once.

    Raises:
        WordListError: the file can't be used.
    """
    return read_word_list(shipped_list(name), name=f"{name}.toml")


def shipped_list(name: str) -> str:
    """Return the text of a shipped list."""
    return files("connectors.mail").joinpath("words", f"{name}.toml").read_text(encoding="utf-8")


def read_word_list(text: str, *, name: str, fold: Fold = str.casefold) -> dict[str, tuple[str, ...]]:
    """Return the words of a list in TOML by meaning.

    Args:
        text: the file's content.
        name: the file's name, for error messages.
        fold: maps words to the form in which they are compared; equal words must have one meaning.

    Raises:
        WordListError: a word is empty or has two meanings, no source is named, or it isn't a word list.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WordListError(f"{name}: not valid TOML ({error}). Correct the file.") from error
    if not content.pop("sources", None):
        raise WordListError(f"{name}: sources is missing. Name the sources of the words.")
    places: dict[str, tuple[str, str]] = {}
    words: dict[str, dict[str, None]] = {}
    for meaning, languages in content.items():
        if not isinstance(languages, dict):
            raise WordListError(f"{name}: {meaning} is not a table of languages. Use LANGUAGE = [WORDS].")
        for language, listed in languages.items():
            key = f"{meaning}.{language}"
            for word in _listed(listed, fold, place=f"{name}: {key}"):
                other, place = places.setdefault(fold(word), (meaning, key))
                if other != meaning:
                    raise WordListError(
                        f'{name}: {key}: "{word}" is already in {place}. '
                        "Keep it in one of the two, or in neither."
                    )
                words.setdefault(meaning, {})[word] = None
    return {meaning: tuple(found) for meaning, found in words.items()}


def _listed(value: object, fold: Fold, *, place: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) and fold(word).strip() for word in value):
        raise WordListError(f"{place} is not a list of words.")
    return value


def alternatives(words: tuple[str, ...]) -> str:
    """Return a regular expression for any of these words, longer ones first."""
    return "|".join(_escaped(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def _escaped(word: str) -> str:
    """A word as a pattern that Python and polars read alike; a space stands for white space."""
    signs = (f"\\{sign}" if sign in r"\.^$*+?{}[]|()-#&~" else sign for sign in word)
    return r"\s+".join("".join(signs).split())
