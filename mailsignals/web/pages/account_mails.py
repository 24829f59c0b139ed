"""What is this number: its definition, and the mails or turns behind it, one by one."""

import datetime as dt
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import polars as pl
import pydantic
from starlette.responses import Response

from mailsignals.web import urls
from mailsignals.web.behind import BEHIND, DEFINED, MAILS, MARKS, Behind, Window, figure_of, rows_behind
from mailsignals.web.figures import worded
from mailsignals.web.one_account import Account, of_account
from mailsignals.web.page import Page, PageRequest
from mailsignals.web.pages.accounts import ROLES

ROWS = 50
EVERY = Behind(of=MAILS, kept=pl.lit(value=True))
SIDES = {
    "inbound": Behind(of=MAILS, kept=~pl.col("outbound")),
    "outbound": Behind(of=MAILS, kept=pl.col("outbound")),
}


class Query(pydantic.BaseModel):
    """Which mails: those of a mark, of a signal, of one direction, one contact or one conversation, or all."""

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    mark: str = ""
    signal: str = ""
    direction: Literal["", "inbound", "outbound"] = ""
    who: str = ""
    conversation: Annotated[int, pydantic.Field(ge=0)] = 0
    days: Annotated[int, pydantic.Field(ge=1, le=365)] = 90
    before: bool = False
    page: Annotated[int, pydantic.Field(ge=1)] = 1


def basis(query: Query) -> tuple[str | None, Behind, int]:
    """The signal that is asked for, if one is, what is behind it, and the days of its window."""
    if query.mark in MARKS:
        mark = MARKS[query.mark]
        return mark.signal, mark.behind or BEHIND[mark.signal], mark.days
    if query.signal in BEHIND:
        behind = BEHIND[query.signal]
        return query.signal, behind, behind.days or query.days
    if query.conversation:
        return None, EVERY, 365
    return None, SIDES.get(query.direction, EVERY), query.days


def window(query: Query, behind: Behind, days: int, account: Account, visit: PageRequest) -> Window:
    """Since when and until when; the window before ends where this one begins."""
    champions = account.table("account_contacts").filter("champion")["person"].to_list()
    shift = dt.timedelta(days=days) if query.before and behind.of == MAILS else dt.timedelta()
    return Window(
        as_of=visit.edition.as_of - shift,
        days=days,
        champion=champions[0] if champions else None,
        reply_horizon=dt.timedelta(days=visit.site.settings().signals.reply_horizon_days),
    )


def show(visit: PageRequest, account: Account) -> Response:
    """The list of them."""
    query = urls.asked(visit, Query)
    signal, behind, days = basis(query)
    span = window(query, behind, days, account, visit)
    found = account.scan("account_mails" if behind.of == MAILS else "account_answers").collect()
    rows = rows_behind(found, behind, span)
    figure = figure_of(rows, behind, span)
    shown = _narrowed(account, rows, query)
    pages = max(1, math.ceil(shown.height / ROWS))
    page = min(query.page, pages)
    path = urls.of_account(account.id, "mails")
    return visit.render(
        "account_mails.html.j2",
        row=account.row,
        query=query,
        of=behind.of,
        signal=DEFINED.get(signal or ""),
        figure=worded(figure, _unit(signal)) if figure is not None else None,
        reason=_reason(account, query.mark),
        since=span.as_of - behind.windows * dt.timedelta(days=behind.days or days),
        until=span.as_of,
        days=days,
        fixed=behind.days is not None or query.mark in MARKS,
        rows=_words(shown[(page - 1) * ROWS : page * ROWS]),
        total=shown.height,
        page=page,
        pages=pages,
        link=lambda **changes: urls.address(path, query, **changes),
        account=urls.of_account,
    )


def _unit(signal: str | None) -> str:
    return DEFINED[signal].unit if signal else MAILS


def _narrowed(account: Account, rows: pl.DataFrame, query: Query) -> pl.DataFrame:
    """Of one person or one conversation, if asked for; with addresses."""
    people = [name for name in ("person", "addressee", "answered_by") if name in rows.columns]
    named = account.named(rows, *people)
    if query.who:
        named = named.filter(pl.col("person") == query.who)
    if query.conversation:
        named = named.filter(pl.col("conversation") == query.conversation)
    return named


def _reason(account: Account, mark: str) -> Mapping[str, Any] | None:
    """The reason of the account that is this mark."""
    return next((reason for reason in account.row["reasons"] if reason["mark"] == mark), None)


def _words(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows with what else there is to say of each."""
    return [{**row, "remarks": _remarks(row)} for row in rows.iter_rows(named=True)]


def _remarks(row: Mapping[str, Any]) -> list[str]:
    found = (
        ("opens a conversation", row["opening"]),
        ("urgent", row.get("urgent")),
        ("asked again", row.get("again") and not row["outbound"]),
    )
    return [words for words, holds in found if holds]


PAGES = (Page(path="/accounts/{account_id:path}/mails", roles=ROLES, show=of_account(show)),)
