"""Filters messages by age, and strips subjects, before anything is stored."""

import datetime as dt
import functools
import hashlib
from collections.abc import Sequence
from typing import Literal, TypeAlias

import polars as pl

from mailsignals.secret_files import SecretFile
from mailsignals.store import Store
from mailsignals.sync.engine import MessageFilter
from mailsignals.touches.subjects import is_urgent, read_subjects

Subjects: TypeAlias = Literal["keep", "cues", "none"]

_STRICTNESS = {"keep": 0, "cues": 1, "none": 2}


def within_retention(messages: pl.DataFrame, since: dt.datetime | None) -> pl.DataFrame:
    """Return the messages that were sent at a time or later; None: all of them."""
    return messages if since is None else messages.filter(pl.col("sent_at") >= since)


def privacy_filter(
    store: Store, subjects: Subjects, *, urgency_words: Sequence[str], at: dt.datetime
) -> MessageFilter:
    """Return the filter of messages before they are stored.

    If it is stricter than the one before, it is applied to stored messages at once.

    Raises:
        UserError: the store can't be written.
    """
    through = _border(store, subjects, urgency_words=urgency_words)
    before = store.subjects
    if _STRICTNESS[subjects] > _STRICTNESS[before]:
        store.strip_subjects(subjects, through, at=at)
    elif subjects != before:
        store.name_subjects(subjects)
    return through


def _border(store: Store, subjects: Subjects, *, urgency_words: Sequence[str]) -> MessageFilter:
    if subjects == "keep":
        return lambda messages: messages
    if subjects == "none":
        return lambda messages: messages.with_columns(subject=pl.lit(None, pl.String))
    return functools.partial(cues, key=store.secret(SecretFile.SUBJECTS), urgency_words=urgency_words)


def cues(messages: pl.DataFrame, *, key: bytes, urgency_words: Sequence[str]) -> pl.DataFrame:
    """Return the messages with cues as subjects: ``Re: `` for a reply, an urgency word if there was one, and a hash.

    The hash is a keyed BLAKE2b of the base subject: emails with one topic have the same hash, which doesn't reveal the
    topic. Cues give the same results as subjects.
    """
    word = urgency_words[0] if urgency_words else ""
    read = read_subjects(messages.lazy().select("subject")).with_columns(
        urgent=is_urgent(pl.col("subject"), urgency_words)
    )
    topics = read.select("base_subject").unique().collect().to_series()
    hashed = pl.DataFrame({"base_subject": topics, "hash": [_hash(topic, key) for topic in topics]})
    prefix = pl.when("is_reply").then(pl.lit("Re: ")).otherwise(pl.lit(""))
    urgency = pl.when("urgent").then(pl.lit(f"{word} ")).otherwise(pl.lit(""))
    subjects = (
        read.join(hashed.lazy(), on="base_subject", how="left", maintain_order="left")
        .select(
            pl.when(pl.col("subject").is_not_null()).then(
                pl.concat_str(prefix, urgency, "hash").str.strip_chars_end()
            )
        )
        .collect()
        .to_series()
    )
    return messages.with_columns(subjects.alias("subject"))


def _hash(topic: str, key: bytes) -> str:
    return "#" + hashlib.blake2b(topic.encode(), key=key, digest_size=8).hexdigest() if topic else ""
