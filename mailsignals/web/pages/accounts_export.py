"""The list of accounts as a file: all that the filters let through, in the order shown, as CSV or Parquet."""

from collections.abc import Callable

import polars as pl
from starlette.responses import Response

from mailsignals.readmodel.queries.accounts import account_list
from mailsignals.readmodel.queries.columns import EXPORTED
from mailsignals.web import urls
from mailsignals.web.files import csv_of, parquet_of
from mailsignals.web.page import Page, PageRequest
from mailsignals.web.pages.accounts import ROLES, Query, account_filter, sort_order


def exported(found: pl.DataFrame) -> pl.DataFrame:
    """The rows in ``EXPORTED``; the reasons as one text."""
    texts = pl.col("reasons").list.eval(pl.element().struct.field("text")).list.join(" ")
    return found.with_columns(reasons=texts).select(EXPORTED)


def _export(visit: PageRequest, suffix: str, saved: Callable[..., Response]) -> Response:
    query = urls.asked(visit, Query)
    listed = account_list(visit.scope, account_filter(query), sort_order(query))
    return saved(exported(listed.selection), name=f"accounts-{visit.today.isoformat()}.{suffix}")


PAGES = (
    Page(path="/accounts.csv", roles=ROLES, show=lambda visit: _export(visit, "csv", csv_of)),
    Page(path="/accounts.parquet", roles=ROLES, show=lambda visit: _export(visit, "parquet", parquet_of)),
)
