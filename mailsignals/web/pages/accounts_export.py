"""The list of accounts as a file: all that the filters let through, in the order shown, as CSV or Parquet."""

import csv
import io
from collections.abc import Callable, Iterator

import polars as pl
from starlette.responses import Response, StreamingResponse

from mailsignals.web import asking
from mailsignals.web.columns import EXPORTED
from mailsignals.web.pages.accounts import ROLES, Query, chosen, visible
from mailsignals.web.visit import Page, Visit

ROWS_AT_ONCE = 500
_FORMULA = r"\s*[=+\-@\x{ff0b}\x{ff0d}\x{ff1d}\x{ff20}]|[\t\r\n]"
"""What a spreadsheet takes for a formula, also in full width and behind white space."""


def exported(found: pl.DataFrame) -> pl.DataFrame:
    """The rows in ``EXPORTED``; the reasons as one text."""
    texts = pl.col("reasons").list.eval(pl.element().struct.field("text")).list.join(" ")
    return found.with_columns(reasons=texts).select(EXPORTED)


def harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before texts that a spreadsheet would obey."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    return frame.with_columns(
        pl.when(pl.col(name).str.contains(f"^(?:{_FORMULA})"))
        .then("'" + pl.col(name))
        .otherwise(name)
        .alias(name)
        for name in texts
    )


def csv_lines(frame: pl.DataFrame) -> Iterator[bytes]:
    """A CSV file part by part, in UTF-8 with the mark by which spreadsheets know it."""
    plain = harmless(frame.with_columns(pl.selectors.date().dt.to_string("iso")))
    yield "\ufeff".encode() + _written([plain.columns])
    for part in plain.iter_slices(ROWS_AT_ONCE):
        yield _written(part.iter_rows())


def _written(rows: object) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)  # type: ignore[arg-type]  # rows of any cells
    return file.getvalue().encode()


def _parquet(frame: pl.DataFrame) -> Iterator[bytes]:
    file = io.BytesIO()
    frame.write_parquet(file)
    yield file.getvalue()


def _export(
    visit: Visit, suffix: str, kind: str, write: Callable[[pl.DataFrame], Iterator[bytes]]
) -> Response:
    query = asking.asked(visit, Query)
    mine = visible(visit.edition.table("accounts"), visit.viewer)
    found = exported(chosen(mine, query, today=visit.today))
    name = f"accounts-{visit.today.isoformat()}.{suffix}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(write(found), media_type=kind, headers=headers)


PAGES = (
    Page(
        path="/accounts.csv",
        roles=ROLES,
        show=lambda visit: _export(visit, "csv", "text/csv; charset=utf-8", csv_lines),
    ),
    Page(
        path="/accounts.parquet",
        roles=ROLES,
        show=lambda visit: _export(visit, "parquet", "application/vnd.apache.parquet", _parquet),
    ),
)
