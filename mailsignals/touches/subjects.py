"""What a subject line tells: reply or not, the topic under prefixes and tags, and urgency."""

import re
from collections.abc import Sequence

import polars as pl

from connectors.mail.subjects import subject_patterns

_IDEOGRAPHIC = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def read_subjects(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Add what the ``subject`` tells: ``is_reply``, ``base_subject`` and ``topic``.

    ``is_reply``: a prefix of a reply or forward leads it. ``base_subject``: without prefixes, tags and remarks, in
    lower case, white space folded; empty if there is none. ``topic``: the same without the word of an answer to an
    invitation.
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
    """The line without its front and end; where nothing is left, its tags, whatever stands between them."""
    bare = line.str.replace(front, "").str.replace(subject_patterns().end, "")
    return (
        pl.when(bare != "")
        .then(bare)
        .otherwise(_folded(line.str.replace_all(pieces, "$1 ")))
        .str.to_lowercase()
    )


def _folded(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"\s+", " ").str.strip_chars()


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
