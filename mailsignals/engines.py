"""The polars engine for a number of rows."""

from typing import Literal

import polars as pl

Engine = Literal["in-memory", "streaming"]

STREAM_FROM = 250_000
"""Rows from which on the streaming engine pays for itself; below, it costs about twice the processor time."""


def engine_for(rows: int) -> Engine:
    """The engine that answers queries over so many rows with less processor time and no more memory than is there."""
    return "streaming" if rows >= STREAM_FROM else "in-memory"


def engine_of(frame: pl.LazyFrame) -> Engine:
    """The engine for queries over ``frame``, whose rows are counted; of a file, only the end is read for that."""
    return engine_for(frame.select(pl.len()).collect().item())
