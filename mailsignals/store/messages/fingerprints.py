"""Fingerprints of messages: which message a row is, and what it says."""

import functools
import hashlib
from collections.abc import Collection
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from mailsignals.schema import INSTANT, MESSAGE_SCHEMA

KEY = ("provider", "mailbox", "provider_id")
"""What makes two rows the same message."""

KEY_HASH = "key_hash"
CONTENT_HASH = "content_hash"

STORED_SCHEMA = pl.Schema({**MESSAGE_SCHEMA, KEY_HASH: pl.UInt64(), CONTENT_HASH: pl.UInt64()})
"""A message as the store keeps it: with its two fingerprints."""

GONE = 0
"""The content of a row that says that its message is no longer in the mailbox; all else in it but the key is null."""

STANDS = pl.col("mailbox").is_not_null()
"""Whether a row is a message, rather than word that one is gone."""

Hashes: TypeAlias = np.ndarray[tuple[Any, ...], np.dtype[np.uint64]]
"""One fingerprint a row."""

NO_KEYS: Hashes = np.empty(0, np.uint64)

_CONTENT = pl.struct(name for name in MESSAGE_SCHEMA if name not in KEY).hash().alias(CONTENT_HASH)

_TEXTS = pl.List(pl.String())

# U+001F between the three, which no address and no provider's id holds.
_KEY_TEXT = pl.concat_str([pl.col(name).fill_null("\0") for name in KEY], separator="\x1f").cast(pl.Binary)


def fingerprinted(messages: pl.DataFrame) -> pl.DataFrame:
    """The messages in ``STORED_SCHEMA``: with 64 bits for what they are and 64 for what they say.

    The key's are BLAKE2b, the same for ever: of 10 million keys two clash with a probability of 3 in a million.
    The content's are polars', ten times quicker, which hold as long as ``hashing`` stays the same.
    """
    texts, contents = messages.select(key=_KEY_TEXT, content=_CONTENT)
    keys = pl.Series(KEY_HASH, _digests(texts), dtype=pl.UInt64)
    return messages.hstack([keys, contents.alias(CONTENT_HASH)])


def _digests(texts: pl.Series) -> Hashes:
    blake = hashlib.blake2b
    digests = b"".join([blake(text, digest_size=8).digest() for text in texts.to_list()])
    return np.frombuffer(digests, "<u8").astype(np.uint64, copy=False)


def key_hashes(provider: str, mailbox: str, provider_ids: Collection[str]) -> Hashes:
    """The key's fingerprint of each of these messages of one mailbox, in their order."""
    ids = pl.DataFrame({"provider_id": pl.Series(list(provider_ids), dtype=pl.String)})
    keyed = ids.with_columns(provider=pl.lit(provider), mailbox=pl.lit(mailbox))
    return _digests(keyed.select(_KEY_TEXT).to_series())


def gone_keys(keys: Hashes) -> pl.DataFrame:
    """Rows in ``STORED_SCHEMA`` that take the messages of these keys out of the store."""
    rows = pl.DataFrame({KEY_HASH: pl.Series(keys, dtype=pl.UInt64)})
    return rows.select(
        *(pl.lit(None, dtype).alias(name) for name, dtype in MESSAGE_SCHEMA.items()),
        KEY_HASH,
        pl.lit(GONE, pl.UInt64).alias(CONTENT_HASH),
    )


def with_content_hash(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with what they say hashed anew."""
    return rows.with_columns(_CONTENT)


@functools.cache
def hashing() -> str:
    """The name of the content hash of this polars on this machine: a digest of what it makes of some texts.

    polars promises the same hashes within one version only; a store whose hashes have another name is
    hashed anew before its messages are compared with others.
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
