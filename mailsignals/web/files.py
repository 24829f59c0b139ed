"""What a page shows, as a file: text that a spreadsheet would take for a formula is kept from being one."""

import polars as pl
from starlette.responses import Response

from mailsignals.formats import parquet_rows, plain

_FORMULA = r"^(?:\s*[=+\-@\x{ff0b}\x{ff0d}\x{ff1d}\x{ff20}]|[\t\r\n])"
"""How a text begins that a spreadsheet computes, also in full width and behind white space."""


def csv_of(rows: pl.DataFrame, *, name: str) -> Response:
    """Rows as CSV to be saved under a name, in UTF-8 with the mark by which spreadsheets know it."""
    text = plain(without_formulas(rows)).write_csv(include_bom=True)
    return _saved(text.encode(), name, "text/csv; charset=utf-8")


def parquet_of(rows: pl.DataFrame, *, name: str) -> Response:
    """Rows as Parquet to be saved under a name; every text is as it is."""
    return _saved(parquet_rows(rows), name, "application/vnd.apache.parquet")


def without_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before texts that a spreadsheet would obey."""
    text = pl.selectors.string()
    return frame.with_columns(
        pl.when(text.str.contains(_FORMULA)).then("'" + text).otherwise(text).name.keep()
    )


def _saved(content: bytes, name: str, kind: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)
