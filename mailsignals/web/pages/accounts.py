"""My accounts: risk first, filtered, sorted and searched by what stands in the address."""

import datetime as dt
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import polars as pl
import pydantic
from starlette.responses import RedirectResponse, Response

from mailsignals.flags.episodes import HIGH
from mailsignals.flags.news import ENTERED, STILL
from mailsignals.risk.levels import LEVELS
from mailsignals.web import urls
from mailsignals.web.columns import ASCENDING, COLUMNS, Order
from mailsignals.web.page import Page, PageRequest
from mailsignals.web.risk_change import AGAINST, TOLD, Against, change, difference
from mailsignals.web.roles import Role, Viewer
from mailsignals.web.said import said_since

ROWS = 50
ROLES = frozenset({Role.CSM, Role.HEAD})
RENEWALS = (30, 60, 90, 180)
NEW_DAYS = 7
CURRENT = ("scored", "not_enough_sight")


class Query(pydantic.BaseModel):
    """What to show."""

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    q: str = ""
    csm: str = ""
    tier: str = ""
    level: Literal["", "high", "medium", "low", "none"] = ""
    flag: Literal["", "open", "new", "away"] = ""
    renewal: Annotated[int, pydantic.Field(ge=0, le=3650)] = 0
    state: Literal["", "left", "all"] = ""
    against: Against = TOLD
    sort: str = "risk"
    order: Order | Literal[""] = ""
    page: Annotated[int, pydantic.Field(ge=1)] = 1

    @pydantic.field_validator("sort")
    @classmethod
    def _known(cls, sort: str) -> str:
        if sort not in COLUMNS:
            raise ValueError(f"{sort!r} is no column")
        return sort

    @property
    def descending(self) -> bool:
        """Whether the greatest stands on top; each column has its own way to begin."""
        return (self.order or COLUMNS[self.sort].first) != ASCENDING


def visible(rows: pl.DataFrame, viewer: Viewer) -> pl.DataFrame:
    """The accounts that somebody may see."""
    if viewer.sees_all_accounts:
        return rows
    return rows.filter(pl.col("csm").str.to_lowercase() == (viewer.address or "").lower())


def chosen(rows: pl.DataFrame, query: Query, *, today: dt.date) -> pl.DataFrame:
    """Those that the filters let through, in the order asked for; what has no figure stands last either way."""
    wanted = [_in_state(query.state), _flagged(query.flag, today)]
    if query.q:
        text = pl.concat_str("account_id", pl.lit(" "), pl.col("name").fill_null(""))
        wanted.append(text.str.to_lowercase().str.contains(query.q.strip().lower(), literal=True))
    wanted += [pl.col(name) == value for name in ("csm", "tier") if (value := getattr(query, name))]
    if query.level:
        wanted.append(pl.col("level").fill_null("none") == query.level)
    if query.renewal:
        wanted.append(pl.col("renewal_on").is_between(today, today + dt.timedelta(days=query.renewal)))
    by = difference(query.against) if query.sort == "change" else COLUMNS[query.sort].by
    return rows.sort(by, descending=query.descending, nulls_last=True, maintain_order=True).filter(wanted)


def _in_state(state: str) -> pl.Expr:
    if state == "all":
        return pl.lit(value=True)
    return pl.col("state") == "churned" if state == "left" else pl.col("state").is_in(CURRENT)


def _flagged(flag: str, today: dt.date) -> pl.Expr:
    is_open = pl.col("news").is_in([ENTERED, STILL])
    return {
        "": pl.lit(value=True),
        "open": is_open,
        "new": is_open & _opened_lately(today),
        "away": pl.col("away").is_not_null(),
    }[flag]


def _opened_lately(today: dt.date) -> pl.Expr:
    """Within the week; where no scores are recorded, since yesterday."""
    lately = pl.col("flagged_on") > today - dt.timedelta(days=NEW_DAYS)
    return lately.fill_null(pl.col("news") == ENTERED)


def summary(mine: pl.DataFrame, *, today: dt.date) -> Mapping[str, Any]:
    """What the tiles say of all current customers that somebody may see."""
    current = mine.filter(_in_state(""))
    high = current.filter(pl.col("level") == HIGH)
    return {
        "accounts": current.height,
        "unjudged": current.filter(pl.col("state") != "scored").height,
        "high": high.height,
        "arr": current["arr"].sum() if current["arr"].count() else None,
        "arr_high": high["arr"].sum() if high["arr"].count() else None,
        "new": current.filter(_flagged("new", today)).height,
        "away": current.filter(pl.col("away").is_not_null()).height,
    }


def show(visit: PageRequest) -> Response:
    """The list."""
    query, mine = urls.asked(visit, Query), visible(visit.edition.table("accounts"), visit.viewer)
    today = visit.today
    found = chosen(mine, query, today=today)
    pages = max(1, math.ceil(found.height / ROWS))
    page = min(query.page, pages)
    rows = found[(page - 1) * ROWS : page * ROWS].to_dicts()
    said = said_since(visit, [row["account_id"] for row in rows])
    answer = visit.render(
        "accounts.html.j2",
        query=query,
        rows=[
            {**row, "change": change(row, query.against), "said": said.get(row["account_id"])} for row in rows
        ],
        columns=COLUMNS,
        total=found.height,
        first=(page - 1) * ROWS + 1,
        page=page,
        pages=pages,
        tiles=summary(mine, today=today),
        today=today,
        csms=mine["csm"].drop_nulls().unique().sort().to_list(),
        tiers=mine["tier"].drop_nulls().unique().sort().to_list(),
        levels=LEVELS,
        renewals=RENEWALS,
        against=AGAINST,
        link=lambda **changes: urls.address("/accounts", query, **changes),
        export=lambda suffix: urls.address(f"/accounts.{suffix}", query),
        account=urls.of_account,
    )
    answer.headers["HX-Push-Url"] = urls.address("/accounts", query)
    return answer


def home(visit: PageRequest) -> Response:
    """Where somebody lands: the first page that is theirs."""
    menu = visit.request.app.state.menu(visit.viewer)
    return RedirectResponse(next(iter(menu)), status_code=303) if menu else visit.forbidden()


PAGES = (
    Page(path="/", roles=frozenset(Role), show=home),
    Page(path="/accounts", roles=ROLES, show=show, title="Accounts"),
)
