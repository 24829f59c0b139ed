"""Synthetic messages, which the size determines, written slice by slice in constant memory.

The mail of a slice begins in one stretch of the two years, so that files are roughly in order of arrival. Threads
have 3.66 messages on average, accounts are Zipf distributed, and response times are log-normal with a tail of days.
30% of the messages are also in a shared mailbox, and 3% are referred to but missing.
"""

import datetime as dt
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from benchmarks.company import ACCOUNTS, AGENTS, BEGIN, DAYS, agent_address, contact_address
from benchmarks.files import MESSAGES
from benchmarks.measure import Figures
from mailsignals.schema import MESSAGE_SCHEMA

Array: TypeAlias = np.ndarray[tuple[Any, ...], np.dtype[Any]]

SLICE = 500_000
"""Number of messages per slice."""
THREAD_LENGTH = 3.66
MEDIAN_REPLY_MINUTES, REPLY_SIGMA = 47, 1.3
TAIL_SHARE, TURNING, AUTOMATED, MISSING, SHARED = 0.07, 0.75, 0.02, 0.03, 0.30
REFERENCES = 10
"""Largest number of ids in ``References``, in which mail programs keep the chain."""
GROWTH = 2.0
"""Growth of mail over the two years, as a ratio less one."""


def write_messages(folder: Path, *, messages: int) -> Figures:
    """Write ``messages`` rows in ``MESSAGE_SCHEMA`` as Parquet files of up to ``SLICE`` rows."""
    (folder / MESSAGES).mkdir(parents=True)
    slices = -(-messages // SLICE)
    for number in range(slices):
        rows = min(SLICE, messages - number * SLICE)
        frame = _slice(number, slices=slices, rows=rows)
        frame.write_parquet(folder / MESSAGES / f"{number:04}.parquet", compression="zstd")
    return {"rows": messages}


def _slice(number: int, *, slices: int, rows: int) -> pl.DataFrame:
    rng = np.random.default_rng([20_230_102, number])
    written = _messages(
        rng, number=number, slices=slices, messages=int(rows / (1 - MISSING) / (1 + SHARED)) + 1_000
    )
    shared = written.sample(fraction=SHARED, seed=number).with_columns(
        mailbox=pl.lit("help@us.example"),
        provider_id=pl.concat_str(pl.lit("s"), "provider_id"),
        provider_thread_id=pl.concat_str(pl.lit("s"), "provider_thread_id"),
        sent_at=pl.col("sent_at") + dt.timedelta(seconds=3),
    )
    both = pl.concat([written, shared])
    return both.sample(n=rows, shuffle=True, seed=number).sort(
        pl.col("sent_at").dt.truncate("1d"), maintain_order=True
    )


def _messages(rng: np.random.Generator, *, number: int, slices: int, messages: int) -> pl.DataFrame:
    """Return complete threads of at least ``messages`` messages in total, without the missing ones."""
    threads = int(messages / THREAD_LENGTH * 1.02)
    length = rng.geometric(1 / THREAD_LENGTH, size=threads)
    weights = 1 / np.arange(1, ACCOUNTS + 1)
    account = rng.choice(ACCOUNTS, size=threads, p=weights / weights.sum())
    people = 3 + (30 / np.sqrt(account + 1)).astype(np.int64)
    thread = np.repeat(np.arange(threads), length)
    size = len(thread)
    position = np.arange(size) - _of_first(np.arange(size), length)
    stray = rng.random(size) < 0.15
    contact = np.where(stray, rng.random(size), np.repeat(rng.random(threads) ** 2, length)) * people[thread]
    return (
        pl.DataFrame(
            {
                "thread": thread,
                "position": position,
                "sent_at": _sent_at(
                    rng, length=length, position=position, number=number, slices=slices, account=account
                ),
                "outbound": _outbound(rng, length=length, position=position),
                "account": account[thread],
                "contact": contact.astype(np.int64),
                "agent": (account[thread] * 7 + np.repeat(rng.integers(0, 3, size=threads), length)) % AGENTS,
                "automated": rng.random(size) < AUTOMATED,
                "high": rng.random(size) < 0.01,
                "word": rng.integers(0, 60, size=size),
                "missing": rng.random(size) < MISSING,
            }
        )
        .lazy()
        .with_columns(message_id=_message_id(number))
        .with_columns(references=_chain())
        .filter(~pl.col("missing"))
        .select(_columns(number))
        .cast(MESSAGE_SCHEMA)
        .collect()
    )


def _sent_at(
    rng: np.random.Generator,
    *,
    length: Array,
    position: Array,
    number: int,
    slices: int,
    account: Array,
) -> Array:
    """Return times in microseconds: openings in working hours of growing weeks, replies after the previous message."""
    quantile = (number + rng.random(len(length))) / slices
    grown = (np.sqrt(1 + quantile * ((1 + GROWTH) ** 2 - 1)) - 1) / GROWTH
    day = np.floor(grown * DAYS)
    weekend = day % 7 >= 5
    day -= np.where(weekend & (rng.random(len(day)) < 0.8), 2, 0)
    hour = rng.normal(13, 3.5, size=len(day)).clip(0, 23.9)
    pace = np.exp(0.4 * np.sin(account))
    delay = np.exp(rng.normal(np.log(MEDIAN_REPLY_MINUTES * 60), REPLY_SIGMA, size=len(position)))
    delay *= np.repeat(pace, length)
    late = rng.random(len(position)) < TAIL_SHARE
    delay += np.where(late, 86_400 * (1 + rng.pareto(1.5, size=len(position)).clip(0, 60)), 0)
    delay[position == 0] = 0
    elapsed = np.cumsum(delay)
    within = elapsed - _of_first(elapsed, length)
    seconds = np.repeat(day * 86_400 + hour * 3_600, length) + within
    since_epoch: Array = ((BEGIN.timestamp() + seconds) * 1e6).astype(np.int64)
    return since_epoch


def _outbound(rng: np.random.Generator, *, length: Array, position: Array) -> Array:
    """Return true for each outbound message; most threads begin inbound, and most replies change the direction."""
    flips = np.where(position == 0, rng.random(len(position)) < 0.42, rng.random(len(position)) < TURNING)
    total = np.cumsum(flips)
    outbound: Array = (total - _of_first(total - flips, length)) % 2 == 1
    return outbound


def _of_first(values: Array, length: Array) -> Array:
    """Return for each message the value of the first message of its thread."""
    firsts = np.cumsum(length) - length
    return np.repeat(values[firsts], length)


def _message_id(number: int) -> pl.Expr:
    row = pl.int_range(pl.len())
    return pl.concat_str(
        pl.lit(f"CA{number}."),
        row.cast(pl.String),
        pl.lit("."),
        row.hash(seed=number).cast(pl.String),
        pl.lit("@mail.example"),
    )


def _chain() -> pl.Expr:
    earlier = [
        pl.when(pl.col("position") >= back).then(pl.col("message_id").shift(back))
        for back in range(REFERENCES, 0, -1)
    ]
    return pl.concat_list(earlier).list.drop_nulls()


def _columns(number: int) -> list[pl.Expr]:
    contact, agent = contact_address(pl.col("account"), pl.col("contact")), agent_address(pl.col("agent"))
    word = pl.when(pl.col("word") == 0).then(pl.lit("urgent: ")).otherwise(pl.lit(""))
    prefix = pl.when(pl.col("position") > 0).then(pl.lit("Re: ")).otherwise(word)
    return [
        agent.alias("mailbox"),
        pl.lit("gmail").alias("provider"),
        pl.concat_str(pl.lit(f"g{number}x"), pl.int_range(pl.len()).cast(pl.String)).alias("provider_id"),
        pl.concat_str(pl.lit(f"t{number}x"), pl.col("thread").cast(pl.String)).alias("provider_thread_id"),
        pl.col("message_id", "references"),
        pl.from_epoch("sent_at", time_unit="us").dt.replace_time_zone("UTC"),
        pl.from_epoch("sent_at", time_unit="us")
        .dt.replace_time_zone("UTC")
        .dt.truncate("1s")
        .alias("dated_at"),
        pl.when("outbound").then(agent).otherwise(contact).alias("sender"),
        pl.concat_list(pl.when("outbound").then(contact).otherwise(agent)).alias("to"),
        pl.lit([], dtype=pl.List(pl.String)).alias("cc"),
        pl.lit([], dtype=pl.List(pl.String)).alias("bcc"),
        pl.concat_str(prefix, pl.lit("about the matter number "), pl.col("thread").cast(pl.String)).alias(
            "subject"
        ),
        pl.when("automated").then(pl.lit("bulk")).alias("automated"),
        pl.when("high").then(pl.lit("high")).otherwise(pl.lit("normal")).alias("importance"),
        pl.lit(["INBOX"]).alias("labels"),
    ]
