"""Copies of emails in mailboxes, as a mail provider keeps them."""

import datetime as dt

import numpy as np
import numpy.typing as npt
import polars as pl

from connectors.base import MESSAGE_SCHEMA
from mailsignals.demo.letters import BCC, CC, TO
from mailsignals.demo.rhythm import Ints

PROVIDER = "demo"
"""An invented provider, so that no link leads to a missing mailbox."""
REFERENCES_KEPT = 10
UNSEEN = 0.03
"""Share of replies that also refer to an email that is in none of the mailboxes."""

Words = npt.NDArray[np.uint64]
_HEX_DIGITS = np.frombuffer("0123456789abcdef".encode("utf-32-le"), dtype=np.uint32)


def _scrambled(numbers: Ints, salt: int) -> Words:
    """Return distinct words for distinct numbers by the finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    word = numbers.astype(np.uint64) + np.uint64(salt)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def _hex(words: Words) -> pl.Series:
    """Return sixteen hexadecimal digits for each word."""
    nibbles = (words[:, None] >> np.arange(60, -1, -4, dtype=np.uint64)) & np.uint64(15)
    return pl.Series(_HEX_DIGITS[nibbles.astype(np.int64)].view("<U16").ravel(), dtype=pl.String)


def _listed(columns: tuple[str, ...]) -> pl.Expr:
    return pl.concat_list(columns).list.drop_nulls()


def _references(letters: pl.DataFrame, unseen: pl.Series) -> pl.Series:
    """Return the ids of the emails before each one, oldest first, at most ten; for some, an unknown id follows."""
    ids, parent = letters.get_column("message_id"), letters.get_column("parent")
    columns, ancestor = [unseen], parent
    for _ in range(REFERENCES_KEPT):
        columns.append(ids.gather(ancestor))
        ancestor = parent.gather(ancestor)
    names = [f"reference_{n}" for n in range(len(columns))]
    return (
        pl.DataFrame([column.alias(name) for column, name in zip(columns, names, strict=True)])
        .select(pl.concat_list(names[::-1]).list.drop_nulls())
        .to_series()
    )


def messages_of(letters: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return emails with ids, references and lists of recipients; parents are still row numbers."""
    salt = int(rng.integers(2**62))
    row = np.arange(letters.height)
    domain = letters.get_column("sender").str.split("@").list.last()
    numbered = letters.with_columns((_hex(_scrambled(row, salt)) + "@" + domain).alias("message_id"))
    shown = pl.Series(rng.random(letters.height) < UNSEEN)
    unseen = _hex(_scrambled(row + letters.height, salt)) + "@" + domain
    outside = numbered.select(
        pl.when(shown & pl.col("parent").is_not_null() & pl.col("automated").is_null())
        .then(unseen)
        .otherwise(None)
    ).to_series()
    return numbered.with_columns(
        _references(numbered, outside).alias("references"),
        _listed(TO).alias("to_list"),
        _listed(CC).alias("cc_list"),
    )


def copies(
    letters: pl.DataFrame, ours: pl.Series, origin: dt.datetime, rng: np.random.Generator
) -> pl.DataFrame:
    """Return one row per copy, in ``MESSAGE_SCHEMA``: one with the sender and one with each recipient.

    Args:
        letters: In ``LETTER_SCHEMA``, every row with a thread.
        ours: The addresses that have a mailbox in the company.
        origin: The time from which ``at`` counts.
        rng: The source of randomness.
    """
    messages = messages_of(letters, rng).with_row_index("letter")
    own = messages.select("letter", mailbox="sender").with_columns(sent=pl.lit(value=True))
    received = pl.concat(
        messages.select("letter", mailbox=column).with_columns(sent=pl.lit(value=False))
        for column in (*TO, *CC, *BCC)
    )
    held = pl.concat([own, received]).filter(pl.col("mailbox").is_in(ours.implode()))
    held = held.unique(["letter", "mailbox"], keep="first", maintain_order=True)
    travel = np.round(np.minimum(1.0 + rng.lognormal(1.0, 1.0, held.height), 120.0))
    lag = np.where(held.get_column("sent").to_numpy(), 0.0, travel)
    number = pl.Series(ours).rank("ordinal").cast(pl.Int64)
    place = held.get_column("mailbox").replace_strict(ours, number, return_dtype=pl.Int64).to_numpy()
    salt = int(rng.integers(2**62))
    joined = held.drop("letter").hstack(messages.drop("letter")[held.get_column("letter")])
    thread = joined.get_column("thread").to_numpy()
    return joined.select(
        "mailbox",
        pl.lit(PROVIDER).alias("provider"),
        _hex(_scrambled(np.arange(held.height), salt)).alias("provider_id"),
        _hex(_scrambled((place << 40) + thread, salt + 1)).alias("provider_thread_id"),
        "message_id",
        "references",
        _instant(origin, joined.get_column("at").to_numpy(), lag).alias("sent_at"),
        _instant(origin, joined.get_column("at").to_numpy(), np.zeros(joined.height)).alias("dated_at"),
        "sender",
        pl.col("to_list").alias("to"),
        pl.col("cc_list").alias("cc"),
        # Hidden recipients are seen in the sender's own copy only.
        pl.when("sent").then(_listed(BCC)).otherwise(pl.lit([], dtype=pl.List(pl.String))).alias("bcc"),
        "subject",
        "automated",
        "importance",
        _labels().alias("labels"),
    ).cast(MESSAGE_SCHEMA)


def _labels() -> pl.Expr:
    """Return the labels of each copy in Gmail."""
    return (
        pl.when("sent")
        .then(pl.lit(["SENT"]))
        .when(pl.col("automated") == "bulk")
        .then(pl.lit(["INBOX", "CATEGORY_PROMOTIONS"]))
        .otherwise(pl.lit(["INBOX"]))
    )


def _instant(
    origin: dt.datetime, at: npt.NDArray[np.float64], lag_seconds: npt.NDArray[np.float64]
) -> pl.Series:
    """Return the time of each copy in UTC, in full seconds."""
    seconds = np.floor(at * 3600.0) + lag_seconds
    microseconds = pl.Series((seconds * 1e6).astype(np.int64)).cast(pl.Duration("us"))
    return pl.select(pl.lit(origin).cast(pl.Datetime("us", "UTC")) + microseconds).to_series()
