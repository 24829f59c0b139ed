"""What a subject line tells: reply or not, the topic under the prefixes, and urgency."""

import re
from collections.abc import Sequence

import polars as pl

_PREFIX = r"(?i)^\s*(?:(?:re|r|fw|fwd|i|aw|wg|sv|vs|antw|tr|rv|odp|ynt)\s*(?:\[\d+\]\s*)?:\s*)+"
"""Reply and forward prefixes of a dozen mail programs, repeated, with counters as in ``Re[2]:``."""

_IDEOGRAPHIC = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def read_subjects(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Adds what the ``subject`` tells: ``is_reply`` (a prefix leads it) and ``base_subject`` (without prefixes).

    The base subject is in lower case, its white space folded; it is empty if there is none.
    """
    subject = pl.col("subject").fill_null("")
    topic = pl.col("base_subject")
    return rows.with_columns(base_subject=subject.str.replace(_PREFIX, "")).with_columns(
        is_reply=topic.str.len_bytes() < subject.str.len_bytes(),
        base_subject=topic.str.replace_all(r"\s+", " ").str.strip_chars().str.to_lowercase(),
    )


def is_urgent(subject: pl.Expr, words: Sequence[str]) -> pl.Expr:
    """Return an expression for whether the subject has one of the urgency ``words`` as a word of its own, in any case.

    In scripts that put no space between words a cue counts wherever it stands.
    """
    cues = [_cue(word) for word in words if word.strip()]
    if not cues:
        return pl.lit(value=False)
    return subject.str.contains("(?i)" + "|".join(cues)).fill_null(value=False)


def _cue(word: str) -> str:
    cue = word.strip()
    pattern = pl.escape_regex(cue).replace(" ", r"\s+")
    if _IDEOGRAPHIC.search(cue):
        return pattern
    start = r"\b" if cue[0].isalnum() else ""
    end = r"\b" if cue[-1].isalnum() else ""
    return f"{start}{pattern}{end}"
