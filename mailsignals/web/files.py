"""What a page shows, as a file."""

import polars as pl
from starlette.responses import Response

from mailsignals.formats import csv_rows, parquet_rows


def csv_of(rows: pl.DataFrame, *, name: str) -> Response:
    """Rows as CSV to be saved under a name, in UTF-8 with the mark by which spreadsheets know it."""
    return _saved(csv_rows(rows, mark=True).encode(), name, "text/csv; charset=utf-8")


def parquet_of(rows: pl.DataFrame, *, name: str) -> Response:
    """Rows as Parquet to be saved under a name; every text is as it is."""
    return _saved(parquet_rows(rows), name, "application/vnd.apache.parquet")


def _saved(content: bytes, name: str, kind: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)
