"""Words of many languages by which mail is read: shipped as data, one file a purpose.

A file ``words/NAME.toml`` names its ``sources`` and has a table for each meaning, which lists words by language.
"""

import functools
import tomllib
from collections.abc import Mapping
from importlib.resources import files


@functools.cache
def words_of(name: str) -> Mapping[str, tuple[str, ...]]:
    """The words of a shipped list by meaning, each once.

    Raises:
        ValueError: the file cannot be used; it says which word of which table is wrong.
    """
    text = files("connectors.mail").joinpath("words", f"{name}.toml").read_text(encoding="utf-8")
    return read_word_list(text, name=f"{name}.toml")


def read_word_list(text: str, *, name: str) -> dict[str, tuple[str, ...]]:
    """The words by meaning of a list in TOML.

    Raises:
        ValueError: a word has two meanings, or is empty, or no source is named; the message names file and key.
    """
    content = tomllib.loads(text)
    if not content.pop("sources", None):
        raise ValueError(f"{name}: sources is missing; name where the words are from")
    meaning_of: dict[str, str] = {}
    words: dict[str, dict[str, None]] = {}
    for meaning, languages in content.items():
        for language, listed in languages.items():
            for word in listed:
                key = f"{name}: {meaning}.{language}"
                if not word.strip():
                    raise ValueError(f"{key} holds an empty word")
                other = meaning_of.setdefault(word.casefold(), meaning)
                if other != meaning:
                    raise ValueError(
                        f"{key}: {word!r} stands under {other} as well; it can mean one thing only"
                    )
                words.setdefault(meaning, {})[word] = None
    return {meaning: tuple(found) for meaning, found in words.items()}


def alternatives(words: tuple[str, ...]) -> str:
    """A regular expression for any of these words, longer ones first."""
    return "|".join(_escaped(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def _escaped(word: str) -> str:
    """A word as a pattern that Python and polars read alike; a space stands for white space."""
    signs = (f"\\{sign}" if sign in r"\.^$*+?{}[]|()-#&~" else sign for sign in word)
    return r"\s+".join("".join(signs).split())
