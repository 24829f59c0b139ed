"""My accounts: risk first, filtered, sorted and searched by what stands in the address."""

import datetime as dt
import math
from typing import Annotated, Literal

import polars as pl
import pydantic
from starlette.datastructures import URL
from starlette.responses import RedirectResponse, Response

from mailsignals.web.roles import Role, Viewer
from mailsignals.web.visit import Page, Visit

ROWS = 50
ROLES = frozenset({Role.CSM, Role.HEAD})

SORTS = {
    "risk": pl.int_range(pl.len()),  # the table's own order
    "name": pl.col("name").fill_null(pl.col("account_id")).str.to_lowercase(),
    "renewal": pl.col("renewal_on"),
    "arr": -pl.col("arr"),
    "silence": -pl.col("days_since_inbound"),
}


class Query(pydantic.BaseModel):
    """What to show; whatever makes no sense is left out rather than refused."""

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    q: str = ""
    csm: str = ""
    tier: str = ""
    level: Literal["", "high", "medium", "low"] = ""
    renewal: Annotated[int, pydantic.Field(ge=0, le=3650)] = 0
    sort: Literal["risk", "name", "renewal", "arr", "silence"] = "risk"
    page: Annotated[int, pydantic.Field(ge=1)] = 1


def visible(rows: pl.DataFrame, viewer: Viewer) -> pl.DataFrame:
    """The accounts that somebody may see."""
    if viewer.sees_all_accounts:
        return rows
    return rows.filter(pl.col("csm").str.to_lowercase() == (viewer.address or "").lower())


def chosen(rows: pl.DataFrame, query: Query, *, today: dt.date) -> pl.DataFrame:
    """Those that the filters let through, in the order asked for."""
    wanted = [pl.col("state").is_in(["scored", "not_enough_sight"])]
    if query.q:
        text = pl.col("account_id") + " " + pl.col("name").fill_null("")
        wanted.append(text.str.to_lowercase().str.contains(query.q.lower(), literal=True))
    wanted += [pl.col(name) == value for name in ("csm", "tier", "level") if (value := getattr(query, name))]
    if query.renewal:
        until = pl.lit(today) + pl.duration(days=query.renewal)
        wanted.append(pl.col("renewal_on").is_between(pl.lit(today), until))
    return rows.sort(SORTS[query.sort], nulls_last=True, maintain_order=True).filter(wanted)


def show(visit: Visit) -> Response:
    """The list."""
    query = _query(visit)
    mine = visible(visit.edition.table("accounts"), visit.viewer)
    found = chosen(mine, query, today=visit.edition.as_of.date())
    pages = max(1, math.ceil(found.height / ROWS))
    page = min(query.page, pages)
    return visit.render(
        "accounts.html.j2",
        query=query,
        rows=found[(page - 1) * ROWS : page * ROWS].to_dicts(),
        total=found.height,
        page=page,
        pages=pages,
        csms=mine["csm"].drop_nulls().unique().sort().to_list(),
        tiers=mine["tier"].drop_nulls().unique().sort().to_list(),
        link=lambda **changes: _link(visit, changes),
    )


def _query(visit: Visit) -> Query:
    given = dict(visit.query)
    try:
        return Query.model_validate(given)
    except pydantic.ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors()}
        return Query.model_validate({name: value for name, value in given.items() if name not in wrong})


def _link(visit: Visit, changes: dict[str, object]) -> str:
    """The address of the same list with something changed; the page begins anew unless it is what changes."""
    url = URL(str(visit.request.url)).remove_query_params(["page"])
    changed = url.include_query_params(**changes)
    return f"{changed.path}?{changed.query}"


def home(visit: Visit) -> Response:
    """Where somebody lands: the first page that is theirs."""
    menu = visit.request.app.state.menu(visit.viewer)
    return RedirectResponse(next(iter(menu)), status_code=303) if menu else visit.forbidden()


PAGES = (
    Page(path="/", roles=frozenset(Role), show=home),
    Page(path="/accounts", roles=ROLES, show=show, title="Accounts"),
)
