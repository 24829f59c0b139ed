"""The polars engine that suits a number of rows."""

from typing import Literal, TypeAlias

import polars as pl

Engine: TypeAlias = Literal["in-memory", "streaming"]

STREAM_FROM = 250_000
"""Rows from which on the streaming engine pays for itself; below, it costs about twice the processor time."""


def engine_for(rows: int) -> Engine:
    """Return the engine that answers queries over so many rows with the least processor time."""
    return "streaming" if rows >= STREAM_FROM else "in-memory"


def engine_of(frame: pl.LazyFrame) -> Engine:
    """Return the engine for queries over a frame, whose rows are counted; of a file, only its end is read for that."""
    return engine_for(frame.select(pl.len()).collect().item())
