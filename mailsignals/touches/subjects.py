"""Facts from subject lines: replies, the topic without prefixes and tags, and urgency."""

import re
from collections.abc import Sequence

import polars as pl

from connectors.mail.subjects import subject_patterns

_IDEOGRAPHIC = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def read_subjects(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return the rows with ``is_reply``, ``base_subject`` and ``topic``, all from the column ``subject``.

    ``is_reply`` is true where a prefix of a reply or forward comes first. ``base_subject`` is the subject without
    prefixes, tags and remarks, in lower case with white space folded; empty without a subject. ``topic`` is the base
    subject without the prefix of a response to an invitation, such as "Accepted:".
    """
    patterns, line = subject_patterns(), pl.col("_line")
    return (
        rows.with_columns(_line=_folded(pl.col("subject").fill_null("")))
        .with_columns(
            is_reply=line.str.contains(patterns.reply),
            base_subject=_base(line, patterns.front, patterns.pieces),
            topic=_base(line, patterns.meeting_front, patterns.meeting_pieces),
        )
        .drop("_line")
    )


def _base(line: pl.Expr, front: str, pieces: str) -> pl.Expr:
    """The subject without its front and end; if nothing is left, its tags and the text between them."""
    bare = line.str.replace(front, "").str.replace(subject_patterns().end, "")
    # Null in nearly all rows, so the expression below is cheap.
    without_words = pl.when(bare == "").then(line)
    return pl.coalesce(_folded(without_words.str.replace_all(pieces, "$1 ")), bare).str.to_lowercase()


def _folded(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"\s+", " ").str.strip_chars()


def is_urgent(subject: pl.Expr, words: Sequence[str]) -> pl.Expr:
    """Return an expression for whether the subject has one of the urgency ``words`` as a word of its own, in any case.

    In scripts without spaces between words a cue counts in any position.
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
