"""Lists as JSON pages, or whole as CSV or Parquet."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

import polars as pl
import pydantic
from pydantic_core import PydanticCustomError
from starlette.datastructures import URL
from starlette.responses import Response

from mailsignals.accounts.nearest import did_you_mean
from mailsignals.formats import csv_rows, json_rows, parquet_rows
from mailsignals.web.api.cursors import Cursor
from mailsignals.web.api.request import ApiRequest

USUAL_LIMIT, MOST = 100, 500

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"


class Row(pydantic.BaseModel):
    """A row of a list; its fields are the columns of a frame, in order."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True, extra="forbid")

    @classmethod
    def columns(cls) -> list[str]:
        """Return the names of the fields, in order."""
        return list(cls.model_fields)


R = TypeVar("R", bound=Row)


class Rows(pydantic.BaseModel, Generic[R]):
    """A page of a list."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True, extra="forbid")

    as_of: pydantic.AwareDatetime
    """The date and time of the figures, which contain nothing later."""
    rows: list[R]
    """The rows of this page."""
    next: str | None
    """The ``cursor`` of the next page; null on the last page."""


class Query(pydantic.BaseModel):
    """The parameters of a request; an unknown one is an error, so that a misspelled filter is noticed."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True, extra="forbid", frozen=True)

    @pydantic.model_validator(mode="before")
    @classmethod
    def _known(cls, given: Any) -> Any:  # noqa: ANN401  # not validated yet
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for name in given:
            if name not in known:
                hint = did_you_mean(name, known, what="parameters")
                raise PydanticCustomError("unknown", "{text}", {"text": f"{name}: unknown parameter{hint}"})
        return given


class ListQuery(Query):
    """The parameters of every list."""

    limit: Annotated[int, pydantic.Field(ge=1, le=MOST)] = USUAL_LIMIT
    """The number of rows on a page."""
    cursor: str | None = None
    """The ``next`` of the previous page; all other parameters must be the same."""
    format: Literal["json", "csv", "parquet"] | None = None
    """``csv`` and ``parquet`` return the whole list. By default ``Accept`` decides, else JSON."""

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Self:
        if self.format in {"csv", "parquet"} and self.model_fields_set & {"limit", "cursor"}:
            raise PydanticCustomError(
                "whole",
                "format: {format} returns the whole list. Remove limit and cursor",
                {"format": self.format},
            )
        return self


def list_answer(
    ask: ApiRequest,
    query: ListQuery,
    rows: pl.DataFrame | pl.LazyFrame,
    *wanted: pl.Expr,
    keys: pl.DataFrame | None = None,
) -> Response:
    """Return the rows that meet the conditions, in order: one page as JSON, or all as CSV or Parquet.

    Args:
        ask: the request.
        query: its parameters.
        rows: all rows with all fields; lazy for a table that is too large for memory.
        wanted: the conditions.
        keys: the columns of the conditions, for all rows in order, if they are kept in memory.
    """
    form = query.format or _accepted(ask)
    if form == "json":
        return _page(ask, query, rows.lazy(), wanted, keys)
    found = rows.lazy().filter(*wanted).collect()
    if form == "csv":
        return Response(csv_rows(found), media_type=CSV, headers=dict(ask.headers))
    return Response(parquet_rows(found), media_type=PARQUET, headers=dict(ask.headers))


def _accepted(ask: ApiRequest) -> str:
    kinds = {CSV: "csv", PARQUET: "parquet"}
    first = ask.request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip()
    return kinds.get(first, "json")


def _page(
    ask: ApiRequest,
    query: ListQuery,
    rows: pl.LazyFrame,
    wanted: Sequence[pl.Expr],
    keys: pl.DataFrame | None,
) -> Response:
    start = ask.cursor.place if ask.cursor else 0
    looked_at = rows if keys is None else keys.lazy()
    found = (
        looked_at.slice(start)
        .with_row_index("place", offset=start)
        .filter(*wanted)
        .head(query.limit + 1)
        .collect()
    )
    shown, more = found.head(query.limit), found.height > query.limit
    page = shown.drop("place") if keys is None else _at(rows, shown["place"])
    cursor = (
        Cursor(edition=ask.edition.name, place=found.item(query.limit, "place"), of=ask.list_of).text
        if more
        else None
    )
    headers = dict(ask.headers)
    if cursor:
        after = URL(str(ask.request.url)).include_query_params(cursor=cursor)
        headers["Link"] = f'<{after.path}?{after.query}>; rel="next"'
    return answer(ask, {"rows": json_rows(page), "next": json.dumps(cursor)}, headers=headers)


def _at(rows: pl.LazyFrame, places: pl.Series) -> pl.DataFrame:
    """Return the rows at some places; only the range from the first to the last is read."""
    if places.is_empty():
        return rows.head(0).collect()
    first, last = int(places[0]), int(places[-1])
    return rows.slice(first, last - first + 1).collect()[(places - first).to_list()]


def answer(ask: ApiRequest, parts: dict[str, str], *, headers: dict[str, str] | None = None) -> Response:
    """Return a JSON object of members that are already JSON, with ``as_of`` added."""
    as_of = ask.edition.as_of.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    members = {"as_of": json.dumps(as_of), **parts}
    text = ",".join(f"{json.dumps(name)}:{value}" for name, value in members.items())
    return Response(f"{{{text}}}", media_type="application/json", headers=headers or dict(ask.headers))


WHOLE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            CSV: {"schema": {"type": "string"}},
            PARQUET: {"schema": {"type": "string", "format": "binary"}},
        }
    }
}
"""The further media types of lists, for the description."""
