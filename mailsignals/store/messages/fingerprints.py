"""Fingerprints of messages: a hash of the key and a hash of the content."""

import functools
import hashlib
from collections.abc import Collection
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from mailsignals.schema import INSTANT, MESSAGE_SCHEMA

KEY = ("provider", "mailbox", "provider_id")
"""The columns that identify a message."""

KEY_HASH = "key_hash"
CONTENT_HASH = "content_hash"

STORED_SCHEMA = pl.Schema({**MESSAGE_SCHEMA, KEY_HASH: pl.UInt64(), CONTENT_HASH: pl.UInt64()})
"""A stored message: ``MESSAGE_SCHEMA`` with its two fingerprints."""

GONE = 0
"""The content hash of a row for a removed message; all its columns except the key are null."""

STANDS = pl.col("mailbox").is_not_null()
"""An expression: whether a row is a message, and not the record of a removed one."""

Hashes: TypeAlias = np.ndarray[tuple[Any, ...], np.dtype[np.uint64]]
"""One fingerprint per row."""

NO_KEYS: Hashes = np.empty(0, np.uint64)

_CONTENT = pl.struct(name for name in MESSAGE_SCHEMA if name not in KEY).hash().alias(CONTENT_HASH)

_TEXTS = pl.List(pl.String())

# U+001F between the three, which addresses and ids never contain.
_KEY_TEXT = pl.concat_str([pl.col(name).fill_null("\0") for name in KEY], separator="\x1f").cast(pl.Binary)


def fingerprinted(messages: pl.DataFrame) -> pl.DataFrame:
    """Return the messages in ``STORED_SCHEMA``, with 64-bit hashes of key and content.

    Keys are hashed with BLAKE2b, permanently: two of 10 million keys collide with a probability of 3 in a million.
    Contents are hashed by polars, ten times faster, which is valid as long as ``hashing`` stays the same.
    """
    texts, contents = messages.select(key=_KEY_TEXT, content=_CONTENT)
    keys = pl.Series(KEY_HASH, _digests(texts), dtype=pl.UInt64)
    return messages.hstack([keys, contents.alias(CONTENT_HASH)])


def has_fingerprints(rows: pl.DataFrame, *, hashed: bool) -> bool:
    """Return whether stored messages have the fingerprints of their keys and, if ``hashed``, of their contents."""
    own = fingerprinted(rows.select(MESSAGE_SCHEMA.names()))
    names = [KEY_HASH, CONTENT_HASH] if hashed else [KEY_HASH]
    return own.select(names).equals(rows.select(names))


def _digests(texts: pl.Series) -> Hashes:
    blake = hashlib.blake2b
    digests = b"".join([blake(text, digest_size=8).digest() for text in texts.to_list()])
    return np.frombuffer(digests, "<u8").astype(np.uint64, copy=False)


def key_hashes(provider: str, mailbox: str, provider_ids: Collection[str]) -> Hashes:
    """Return the key fingerprints of messages of one mailbox, in their order."""
    ids = pl.DataFrame({"provider_id": pl.Series(list(provider_ids), dtype=pl.String)})
    keyed = ids.with_columns(provider=pl.lit(provider), mailbox=pl.lit(mailbox))
    return _digests(keyed.select(_KEY_TEXT).to_series())


def gone_keys(keys: Hashes) -> pl.DataFrame:
    """Return rows in ``STORED_SCHEMA`` that remove the messages of these keys from the store."""
    rows = pl.DataFrame({KEY_HASH: pl.Series(keys, dtype=pl.UInt64)})
    return rows.select(
        *(pl.lit(None, dtype).alias(name) for name, dtype in MESSAGE_SCHEMA.items()),
        KEY_HASH,
        pl.lit(GONE, pl.UInt64).alias(CONTENT_HASH),
    )


def with_content_hash(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with recomputed content hashes."""
    return rows.with_columns(_CONTENT)


@functools.cache
def hashing() -> str:
    """Return the name of polars' content hash on this machine: a digest of the hashes of some texts.

    polars guarantees equal hashes within one version only; a store with another name is hashed again before its
    messages are compared.
    """
    texts = pl.Series("subject", [None, *("x" * length for length in (*range(300), 1000))], pl.String)
    sample = texts.to_frame().with_columns(
        sent_at=texts.str.len_bytes().cast(INSTANT),
        to=pl.concat_list("subject", pl.lit("x")),
        cc=pl.lit([], _TEXTS),
    )
    sample = pl.concat([sample, pl.DataFrame(schema=MESSAGE_SCHEMA)], how="diagonal")
    return hashlib.blake2b(
        sample.select(_CONTENT).to_series().to_numpy().tobytes(), digest_size=8
    ).hexdigest()
