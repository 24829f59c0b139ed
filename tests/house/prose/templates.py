"""The text of Jinja templates, without tags and expressions."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.prose.markdown import blank, filled
from tests.house.prose.passage import Kind, Passage

JINJA = re.compile(r"\{#(?P<comment>.*?)#\}|\{%(?P<statement>.*?)%\}|\{\{(?P<value>.*?)\}\}", re.DOTALL)
QUOTED = re.compile(r'"([^"\n]*)"|\'([^\'\n]*)\'')
INVISIBLE = re.compile(
    r"<(script|style|code|kbd|pre)\b.*?</\1>|<!--.*?-->|<!DOCTYPE[^>]*>", re.DOTALL | re.IGNORECASE
)
TAG = re.compile(r"</?[a-zA-Z][^>]*>", re.DOTALL)
ATTRIBUTE = re.compile(r"\b(?:title|alt|aria-label|placeholder|data-label|data-title)=\"([^\"]*)\"")
LABELLED = re.compile(
    r"<(h[1-6]|th|button|label|dt|legend|summary|caption|figcaption)\b[^>]*>(.*?)</\1>", re.DOTALL
)


def passages(root: Path, file: Path) -> Iterator[Passage]:
    """Yield the text of a template, its labels, the texts in its expressions, and its comments."""
    source = (root / file).read_text(encoding="utf-8")

    def at(place: int) -> int:
        return source.count("\n", 0, place) + 1

    for found in JINJA.finditer(source):
        if found["comment"]:
            yield Passage(file, at(found.start()), Kind.COMMENT, found["comment"])
            continue
        inside = found["statement"] or found["value"] or ""
        for text in QUOTED.finditer(inside):
            words = text[1] or text[2] or ""
            if re.search(r"[A-Za-z] [A-Za-z]", words):
                yield Passage(file, at(found.start() + 2 + text.start()), Kind.TEMPLATE, words)
    plain = JINJA.sub(lambda found: (filled if found["value"] else blank)(found[0]), source)
    if ".html" not in file.name:
        yield Passage(file, 1, Kind.TEMPLATE, plain)
        return
    plain = INVISIBLE.sub(lambda found: blank(found[0]), plain)
    for found in ATTRIBUTE.finditer(plain):
        yield Passage(file, at(found.start()), Kind.TEMPLATE, found[1])
    for found in LABELLED.finditer(plain):
        label = " ".join(TAG.sub(" ", found[2]).split())
        if label.strip("X "):
            yield Passage(file, at(found.start()), Kind.LABEL, label)
    yield Passage(file, 1, Kind.TEMPLATE, TAG.sub(lambda found: blank(found[0]), plain))
