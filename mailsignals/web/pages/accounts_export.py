"""The list of accounts as a file: all that the filters let through, in the order shown, as CSV or Parquet."""

from collections.abc import Callable

import polars as pl
from starlette.responses import Response

from mailsignals.web import urls
from mailsignals.web.columns import EXPORTED
from mailsignals.web.files import csv_of, parquet_of
from mailsignals.web.page import Page, PageRequest
from mailsignals.web.pages.accounts import ROLES, Query, chosen, visible


def exported(found: pl.DataFrame) -> pl.DataFrame:
    """The rows in ``EXPORTED``; the reasons as one text."""
    texts = pl.col("reasons").list.eval(pl.element().struct.field("text")).list.join(" ")
    return found.with_columns(reasons=texts).select(EXPORTED)


def _export(visit: PageRequest, suffix: str, saved: Callable[..., Response]) -> Response:
    query = urls.asked(visit, Query)
    mine = visible(visit.edition.table("accounts"), visit.viewer)
    found = exported(chosen(mine, query, today=visit.today))
    return saved(found, name=f"accounts-{visit.today.isoformat()}.{suffix}")


PAGES = (
    Page(path="/accounts.csv", roles=ROLES, show=lambda visit: _export(visit, "csv", csv_of)),
    Page(path="/accounts.parquet", roles=ROLES, show=lambda visit: _export(visit, "parquet", parquet_of)),
)
