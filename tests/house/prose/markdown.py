"""The sentences of Markdown pages, without code and addresses."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.prose.passage import Kind, Passage

FENCE = re.compile(r"^ *(```|~~~).*?^ *\1[^\n]*$", re.MULTILINE | re.DOTALL)
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
TARGET = re.compile(r"(?<=\])\([^)\s]*(?:\s+\"[^\"]*\")?\)|<https?://[^>]*>|https?://\S+")
TAG = re.compile(r"</?[a-zA-Z][^>\n]*>")

BULLET = re.compile(
    r"^\s*(?:[-*+]|\d+\.)\s+(?:\[[ x]\]\s+)?|^\s*#+\s+|^\s*>\s?|^\s*!!!.*$|^\s*\|[\s|:-]+\|\s*$"
)
SENTENCE_END = re.compile(r"(?<=[.!?])[)\"*_]*(?:\s*\n|\s+(?=[\"(*_\[]*[A-Z0-9]))")


def blank(text: str) -> str:
    """Return spaces in the place of a text, with its line ends kept."""
    return re.sub(r"[^\n]", " ", text)


def filled(text: str) -> str:
    """Return a word of capital X in the place of code, with its line ends kept."""
    return re.sub(r"[^\n]", "X", text)


def prose(text: str) -> str:
    """Return a page with code, addresses and tags blanked; each inline code becomes one word."""
    for pattern in (FRONT_MATTER, FENCE, COMMENT):
        text = pattern.sub(lambda found: blank(found[0]), text)
    text = CODE.sub(lambda found: filled(found[0]), text)
    for pattern in (TARGET, TAG):
        text = pattern.sub(lambda found: blank(found[0]), text)
    return text


def passages(root: Path, file: Path) -> Iterator[Passage]:
    """Yield the text of a Markdown page as one passage."""
    yield Passage(file, 1, Kind.DOCS, prose((root / file).read_text(encoding="utf-8")))


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a page with the line on which each begins; cells and list items are apart."""
    block, begins = list[str](), 0
    for number, row in enumerate([*prose(text).split("\n"), ""], start=1):
        bare = BULLET.sub("", row)
        new_block = bare != row or not row.strip() or row.lstrip().startswith("|")
        if new_block and block:
            yield from _split(block, begins)
            block = []
        if row.lstrip().startswith("|"):
            for cell in bare.strip().strip("|").split("|"):
                yield from _split([cell], number)
        elif bare.strip():
            begins = begins if block else number
            block.append(bare)


def _split(rows: list[str], line: int) -> Iterator[tuple[int, str]]:
    text = "\n".join(rows)
    start = 0
    for end in [*(found.end() for found in SENTENCE_END.finditer(text)), len(text)]:
        sentence = text[start:end]
        if sentence.strip():
            lead = len(sentence) - len(sentence.lstrip())
            yield line + text[: start + lead].count("\n"), " ".join(sentence.split())
        start = end


def word_count(sentence: str) -> int:
    """Return how many words a sentence has; a piece of code is one, a dash is none."""
    return sum(any(letter.isalnum() for letter in word) for word in sentence.split())
