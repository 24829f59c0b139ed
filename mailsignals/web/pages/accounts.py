"""The account list, riskiest first: filtered, sorted and searched by the query parameters of its URL."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

import polars as pl
import pydantic
from starlette.responses import RedirectResponse, Response

from mailsignals.readmodel.queries.account import notes_on_risk
from mailsignals.readmodel.queries.accounts import (
    AccountFilter,
    FlagFilter,
    SortOrder,
    account_list,
    summary,
)
from mailsignals.readmodel.queries.columns import ASCENDING, COLUMNS, EXPORTED, Direction
from mailsignals.readmodel.queries.risk_change import AGAINST, TOLD, Against, change, difference
from mailsignals.readmodel.roles import Role
from mailsignals.risk.levels import LEVELS
from mailsignals.risk.totals import CURRENT
from mailsignals.web import urls
from mailsignals.web.files import csv_of, parquet_of
from mailsignals.web.given_feedback import latest_feedback
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.paging import part_at
from mailsignals.wording.risk import NO_LEVEL, back_again_words
from mailsignals.wording.risk import STATES as STATE_NAMES

ROWS = 50
ROLES = frozenset({Role.CSM, Role.HEAD})
RENEWALS = (30, 60, 90, 180)
LEFT = "left"
STATES: Mapping[str, Collection[str]] = MappingProxyType(
    {"": CURRENT, **{name: (name,) for name in CURRENT}, LEFT: ("churned",), "all": ()}
)
"""The states that each choice of the filter includes; empty: all states."""
STATE_WORDS: Mapping[str, str] = MappingProxyType(
    {"": "current", **{name: STATE_NAMES[name] for name in CURRENT}, LEFT: "churned", "all": "all"}
)


class AccountsQuery(pydantic.BaseModel):
    """The filter, order and page of the list of accounts."""

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    q: str = ""
    csm: str = ""
    tier: str = ""
    level: Literal["", "high", "medium", "low", "none"] = ""
    flag: FlagFilter = ""
    renewal: Annotated[int, pydantic.Field(ge=0, le=3650)] = 0
    state: str = ""
    against: Against = TOLD
    sort: str = "risk"
    order: Direction | Literal[""] = ""
    page: Annotated[int, pydantic.Field(ge=1)] = 1

    @pydantic.field_validator("sort")
    @classmethod
    def _known(cls, sort: str) -> str:
        if sort not in COLUMNS:
            raise ValueError(f"{sort!r} is not a column")
        return sort

    @pydantic.field_validator("state")
    @classmethod
    def _known_state(cls, state: str) -> str:
        if state not in STATES:
            raise ValueError(f"{state!r} is not a state")
        return state

    @property
    def descending(self) -> bool:
        """Return whether the largest value comes first; by default the column decides."""
        return (self.order or COLUMNS[self.sort].first) != ASCENDING


def page_filter(query: AccountsQuery) -> AccountFilter:
    """Return the filter that the query parameters set."""
    return AccountFilter(
        csm=query.csm or None,
        tier=query.tier or None,
        level=query.level or None,
        states=STATES[query.state],
        flag=query.flag,
        renewal_within_days=query.renewal or None,
        text=query.q or None,
    )


def page_order(query: AccountsQuery) -> SortOrder:
    """Return the order that the query parameters set."""
    by = difference(query.against) if query.sort == "change" else COLUMNS[query.sort].by
    return SortOrder(by=by, descending=query.descending)


def show(visit: PageRequest) -> Response:
    """Return the page with the viewer's accounts."""
    query, today = urls.query_parameters(visit, AccountsQuery), visit.today
    listed = account_list(visit.scope, page_filter(query), page_order(query))
    mine, part = listed.rows, part_at(listed.selection, query.page, rows=ROWS)
    csms, tiles = _values(mine, "csm"), summary(mine, today=today)
    latest = latest_feedback(visit, [row["account_id"] for row in part.rows])
    answer = visit.render(
        "accounts.html.j2",
        query=query,
        rows=[
            {
                **row,
                "change": change(row, query.against),
                "latest": latest.get(row["account_id"]),
                "note": list_note(row),
            }
            for row in part.rows
        ],
        columns=COLUMNS,
        total=part.total,
        first=(part.page - 1) * ROWS + 1,
        page=part.page,
        pages=part.pages,
        tiles=tiles,
        sums=tiles.totals,
        today=today,
        csms=[(csm, csm) for csm in csms],
        csm=next((csm for csm in csms if csm.lower() == query.csm.strip().lower()), query.csm),
        tiers=_values(mine, "tier"),
        levels=LEVELS,
        states=STATE_WORDS,
        no_level=NO_LEVEL.get(query.state),
        notes=notes_on_risk(visit.scope),
        renewals=RENEWALS,
        against=AGAINST,
        link=lambda **changes: urls.address("/accounts", query, **changes),
        export=lambda suffix: urls.address(f"/accounts.{suffix}", query),
        account=urls.account_url,
    )
    answer.headers["HX-Push-Url"] = urls.address("/accounts", query)
    return answer


def list_note(row: Mapping[str, Any]) -> str:
    """Return the one line that a list has below an account: its first reason, else why it has no level.

    Low accounts show no reason in lists.
    """
    if row["state"] == "lapsed":
        return back_again_words(row["days_silent"], row["back_again"])
    if row["level"] is None:
        return NO_LEVEL[row["state"]]
    reasons = row["reasons"] if row["level"] != "low" else []
    return reasons[0]["text"] if reasons else ""


def _values(rows: pl.DataFrame, column: str) -> list[str]:
    return rows[column].drop_nulls().unique().sort().to_list()


def home(visit: PageRequest) -> Response:
    """Return a redirect to the first page that the viewer may see."""
    menu = visit.request.app.state.menu(visit.viewer)
    return RedirectResponse(next(iter(menu)), status_code=303) if menu else visit.forbidden()


def export_accounts(found: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the columns of ``EXPORTED``; ``reasons`` is one text."""
    texts = pl.col("reasons").list.eval(pl.element().struct.field("text")).list.join(" ")
    return found.with_columns(reasons=texts, away="hidden_because").select(EXPORTED)


def _export(visit: PageRequest, suffix: str, saved: Callable[..., Response]) -> Response:
    query = urls.query_parameters(visit, AccountsQuery)
    listed = account_list(visit.scope, page_filter(query), page_order(query))
    return saved(export_accounts(listed.selection), name=f"accounts-{visit.today.isoformat()}.{suffix}")


PAGES = (
    WebPage(path="/", roles=frozenset(Role), show=home),
    WebPage(path="/accounts", roles=ROLES, show=show, title="Accounts"),
    WebPage(path="/accounts.csv", roles=ROLES, show=lambda visit: _export(visit, "csv", csv_of)),
    WebPage(path="/accounts.parquet", roles=ROLES, show=lambda visit: _export(visit, "parquet", parquet_of)),
)
