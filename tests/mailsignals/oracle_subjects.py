"""Base subjects by their definition, apart from the engine; the shipped lists of words are data to both."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import connectors.mail

WORDS = Path(connectors.mail.__file__).parent / "words"

Kind = str
"""``prefix``, ``tag`` or ``answer``."""


def words(name: str) -> list[str]:
    """The words of a shipped list, in all languages and of all meanings."""
    tables = tomllib.loads((WORDS / f"{name}.toml").read_text(encoding="utf-8"))
    languages = [table for table in tables.values() if isinstance(table, dict)]
    return [word for table in languages for found in table.values() for word in found]


def either(choices: Iterable[str]) -> str:
    """A pattern for one of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(choices, key=len, reverse=True))


COLON = r"\s*[:\uFF1A]"
COUNTER = r"\s*(?:\[\d+\]|\(\d+\)|\^\d+|\d+)?"
TICKET = r"\[[^\[\]\d]*\d{3,}\s*\]|\(#\d{3,}\)"
FRONT: dict[Kind, re.Pattern[str]] = {
    "prefix": re.compile(rf"(?:{either(words('subject_prefixes'))}){COUNTER}{COLON}", re.IGNORECASE),
    "tag": re.compile(
        rf"\[[^\[\]\d]{{1,40}}\]|{TICKET}|\(external\)|\*\*\*spam\*\*\*|(?:external|caution|spam){COLON}",
        re.IGNORECASE,
    ),
    "answer": re.compile(rf"(?:{either(words('invitation_answers'))}){COLON}", re.IGNORECASE),
}
REMARK = re.compile(
    rf"(?:\((?:was|war){COLON}(?:[^()]|\([^()]*\))*\)|\[(?:was|war){COLON}(?:[^\[\]]|\[[^\[\]]*\])*\])$",
    re.IGNORECASE,
)
TICKET_AT_END = re.compile(rf"(?:{TICKET})$", re.IGNORECASE)


def folded(subject: str | None) -> str:
    """The subject with its white space folded; empty if there is none."""
    return " ".join((subject or "").split())


def front(subject: str, kinds: Iterable[Kind]) -> tuple[list[tuple[Kind, str]], str]:
    """The pieces of these kinds at the front of a subject, each with its kind, and the rest."""
    rest, pieces = folded(subject), []
    while found := next(((kind, match) for kind in kinds if (match := FRONT[kind].match(rest))), None):
        kind, match = found
        pieces.append((kind, match.group()))
        rest = rest[match.end() :].lstrip()
    return pieces, rest


def is_reply(subject: str) -> bool:
    """Whether the subject starts with a reply or forward prefix; tags before it do not count."""
    _, rest = front(subject, ["tag"])
    return FRONT["prefix"].match(rest) is not None


def base_subject(subject: str, *, answers: bool = False) -> str:
    """The base subject, empty if nothing is left; ``answers``: without the word of an answer to an invitation."""
    pieces, rest = front(subject, ["prefix", "tag", *(["answer"] if answers else [])])
    while found := REMARK.search(rest) or TICKET_AT_END.search(rest):
        if TICKET_AT_END.fullmatch(found.group()):
            pieces.append(("tag", found.group()))
        rest = rest[: found.start()].rstrip()
    tags = [text for kind, text in pieces if kind == "tag"]
    return (rest or " ".join(tags)).lower()
