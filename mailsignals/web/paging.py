"""Long tables in pages, numbered from 1."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import polars as pl
from starlette.datastructures import QueryParams


@dataclasses.dataclass(frozen=True, kw_only=True)
class PagePlace:
    """One page of several."""

    page: int
    pages: int
    skip: int
    """Rows on the pages before it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Part:
    """One page of a table."""

    rows: Sequence[dict[str, Any]]
    total: int
    """Rows of the whole table."""
    page: int
    pages: int


def place_of(page: int, total: int, *, rows: int) -> PagePlace:
    """Return the page with a number, or the last one if there are fewer.

    Args:
        page: the number, at least 1.
        total: rows of the whole table.
        rows: the number of rows per page.
    """
    pages = max(1, math.ceil(total / rows))
    page = min(page, pages)
    return PagePlace(page=page, pages=pages, skip=(page - 1) * rows)


def part_at(table: pl.DataFrame, page: int, *, rows: int) -> Part:
    """Return the rows of a page, or of the last one if there are fewer pages."""
    place = place_of(page, table.height, rows=rows)
    found = table.slice(place.skip, rows).to_dicts()
    return Part(rows=found, total=table.height, page=place.page, pages=place.pages)


def part_of(table: pl.DataFrame, query: QueryParams, *, rows: int, name: str = "page") -> Part:
    """Return the page that a query parameter names; the first by default, the last if there are fewer."""
    asked = query.get(name, "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1
    return part_at(table, max(1, number), rows=rows)
