"""Downloads of tables as CSV and Parquet."""

import polars as pl
from starlette.responses import Response

from mailsignals.formats import csv_rows, parquet_rows


def csv_of(rows: pl.DataFrame, *, name: str) -> Response:
    """Return rows as a CSV download with a file name, in UTF-8 with a byte order mark for spreadsheets."""
    return _saved(csv_rows(rows, mark=True).encode(), name, "text/csv; charset=utf-8")


def parquet_of(rows: pl.DataFrame, *, name: str) -> Response:
    """Return rows as a Parquet download with a file name; texts are unchanged."""
    return _saved(parquet_rows(rows), name, "application/vnd.apache.parquet")


def _saved(content: bytes, name: str, kind: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)
