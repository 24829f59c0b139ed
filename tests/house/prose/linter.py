"""The linter: our rules as checks of proselint, beside checks of its own that suit a reference."""

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path

from proselint.checks import __register__ as own_checks
from proselint.registry import CheckRegistry
from proselint.registry.checks import Check, CheckFlags
from proselint.registry.checks.engine import Fancy
from proselint.registry.checks.types import ExistenceSimple
from proselint.tools import LintFile

from tests.house.prose.markdown import sentences, word_count
from tests.house.prose.passage import Document, Kind, Passage, documents
from tests.house.prose.rule import Rule
from tests.house.prose.rules import GRAMMAR
from tests.house.prose.vocabulary import VOCABULARY

RULES: tuple[Rule, ...] = (*GRAMMAR, *VOCABULARY)

OURS = "mailsignals"

PROSELINT = (
    "archaism",
    "cliches.hell",
    "cliches.misc.write_good",
    "hedging",
    "industrial_language",
    "malapropisms",
    "misc.back_formations",
    "misc.illogic",
    "misc.many_a",
    "misc.pretension",
    "misc.waxed",
    "mondegreens",
    "needless_variants",
    "nonwords",
    "oxymorons",
    "redundancy.misc.garner",
    "redundancy.misc.nordquist",
    "redundancy.ras_syndrome",
    "weasel_words.very",
)
"""Checks of proselint on top; the others are about typography, novels, or need the words of words.md themselves."""

LONGEST = 25
"""Words in a sentence of a page; the aim is twenty."""

LIMIT = 1_000_000


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    """A phrase that breaks a rule, and better words for it."""

    file: Path
    line: int
    rule: str
    phrase: str
    better: str
    kind: Kind = dataclasses.field(compare=False, default=Kind.DOCS)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.phrase} → {self.better}"


def registry() -> CheckRegistry:
    """Return proselint's registry with its own checks and our rules, each once."""
    made = CheckRegistry()
    if not made.checks:
        made.register_many(own_checks)
        made.register_many(tuple(map(as_check, RULES)))
    return made


def as_check(rule: Rule) -> Check:
    """Return a rule as a check of proselint; words in quotation marks count too."""
    return Check(
        check_type=ExistenceSimple(rule.expression),
        engine=Fancy(),
        path=f"{OURS}.{rule.name}",
        message=rule.better.replace("{", "{{").replace("}", "}}"),
        flags=CheckFlags(allow_quotes=True),
    )


def lint(passages: Iterable[Passage]) -> list[Finding]:
    """Return what breaks a rule, in the order of files and lines."""
    registry()
    return sorted({finding for document in documents(passages) for finding in lint_document(document)})


def lint_document(document: Document) -> Iterator[Finding]:
    """Yield what breaks a rule in one document, in any order."""
    enabled = dict.fromkeys((f"{OURS}.{rule.name}" for rule in RULES if document.kind in rule.kinds), True)
    enabled |= dict.fromkeys(PROSELINT, True)
    file = LintFile(document.kind.value, document.text)
    for result in file.lint({"max_errors": LIMIT, "checks": enabled}):
        found = result.check_result
        start, end = found.span
        if not found.check_path.startswith(OURS) and _inside_a_word(file.content, start, end):
            continue
        start += len(file.content[start:end]) - len(file.content[start:end].lstrip())
        row, _ = file.line_col_of(start)
        rule, phrase = found.check_path.removeprefix(f"{OURS}."), " ".join(file.content[start:end].split())
        yield Finding(*document.places[row - 1], rule, phrase, found.message, document.kind)


def _inside_a_word(text: str, start: int, end: int) -> bool:
    """Whether a match begins or ends within a word: proselint looks for the phrases of a set without their ends."""
    return text[start - 1 : start + 1].isalnum() or text[end - 1 : end + 1].isalnum()


def long_sentences(
    root: Path, files: Iterable[Path], *, above: int = LONGEST
) -> list[tuple[int, Path, int, str]]:
    """Return the sentences of pages with more than so many words, the longest first: words, file, line, text."""
    found = [
        (count, file, line, sentence)
        for file in files
        for line, sentence in sentences((root / file).read_text(encoding="utf-8"))
        if (count := word_count(sentence)) > above
    ]
    return sorted(found, key=lambda row: (-row[0], row[1], row[2]))


def lint_lengths(root: Path, files: Iterable[Path]) -> list[Finding]:
    """Return the sentences of pages that are too long, as findings."""
    return [
        Finding(
            file, line, "long-sentence", f"{count} words: {sentence[:60]}…", f"at most {LONGEST}; aim at 20"
        )
        for count, file, line, sentence in long_sentences(root, files)
    ]
