"""A long table in pages, which are numbered from 1 in the address."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import polars as pl
from starlette.datastructures import QueryParams


@dataclasses.dataclass(frozen=True, kw_only=True)
class Part:
    """One page of a table."""

    rows: Sequence[dict[str, Any]]
    total: int
    """Rows of the whole table."""
    page: int
    pages: int


def part_of(table: pl.DataFrame, query: QueryParams, *, rows: int, name: str = "page") -> Part:
    """The page that the address asks for by a name; the first if it asks for none, the last if it asks for more."""
    asked = query.get(name, "")
    pages = max(1, math.ceil(table.height / rows))
    page = min(max(1, int(asked)), pages) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1
    found = table.slice((page - 1) * rows, rows).to_dicts()
    return Part(rows=found, total=table.height, page=page, pages=pages)
