"""What a page shows, as a file: text that a spreadsheet would take for a formula is kept from being one."""

import polars as pl
from starlette.responses import Response

_FORMULA = r"^([=+\-@\t\r])"
"""How a text begins that a spreadsheet computes."""


def csv_of(rows: pl.DataFrame, *, name: str) -> Response:
    """Rows as CSV to be saved under a name: instants in ISO 8601 with ``Z``, nothing for what is not known."""
    plain = rows.with_columns(
        pl.selectors.string().str.replace(_FORMULA, "'$1"),
        pl.selectors.datetime().dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ"),
    )
    return Response(
        plain.write_csv(),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )
