"""The emails or turns behind a figure of an account, with the definition of the figure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import polars as pl
import pydantic
from starlette.responses import Response

from mailsignals.risk.marks import MARKS_BY_NAME
from mailsignals.signals.pipeline import SIGNALS_BY_NAME
from mailsignals.signals.provenance import (
    ALL_MAILS,
    INBOUND_MAILS,
    MAILS,
    OUTBOUND_MAILS,
    YEAR,
    Provenance,
    RowContext,
)
from mailsignals.signals.signal import Signal
from mailsignals.web import urls
from mailsignals.web.figures import figure_words
from mailsignals.web.one_account import AccountPage, of_account
from mailsignals.web.page import PageRequest, WebPage
from mailsignals.web.pages.accounts import ROLES
from mailsignals.web.paging import part_at

ROWS = 50
SIDES = {"inbound": INBOUND_MAILS, "outbound": OUTBOUND_MAILS}


class MailsQuery(pydantic.BaseModel):
    """A filter of an account's emails: by mark, signal, direction, contact or conversation."""

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    mark: str = ""
    signal: str = ""
    direction: Literal["", "inbound", "outbound"] = ""
    who: str = ""
    conversation: Annotated[int, pydantic.Field(ge=0)] = 0
    days: Annotated[int, pydantic.Field(ge=1, le=365)] = 90
    before: bool = False
    page: Annotated[int, pydantic.Field(ge=1)] = 1


def basis(query: MailsQuery) -> tuple[Signal | None, Provenance]:
    """Return the signal of a query (None without one) and the rule that selects the rows behind it."""
    mark = MARKS_BY_NAME.get(query.mark)
    if mark and mark.provenance:
        return SIGNALS_BY_NAME[mark.signal], mark.provenance
    signal = SIGNALS_BY_NAME.get(query.signal)
    if signal and (provenance := signal.provenance(query.days)):
        return signal, provenance
    if query.conversation:
        return None, Provenance(rows=ALL_MAILS, from_rows=None, days=YEAR)
    return None, Provenance(rows=SIDES.get(query.direction, ALL_MAILS), from_rows=None, days=query.days)


def row_context(
    query: MailsQuery, provenance: Provenance, account: AccountPage, visit: PageRequest
) -> RowContext:
    """Return the context in which rows are selected; with ``before``, that of the preceding window."""
    champions = account.table("account_contacts").filter("champion")["person"].to_list()
    earlier = query.before and provenance.rows.kind == MAILS
    shift = dt.timedelta(days=provenance.days if earlier else 0)
    return RowContext(
        as_of=visit.edition.as_of - shift,
        champion=champions[0] if champions else None,
        reply_horizon=dt.timedelta(days=visit.site.settings().signals.reply_horizon_days),
    )


def show(visit: PageRequest, account: AccountPage) -> Response:
    """Return the page with the emails or turns of a query, newest first."""
    query = urls.query_parameters(visit, MailsQuery)
    signal, provenance = basis(query)
    kind, context = provenance.rows.kind, row_context(query, provenance, account, visit)
    found = account.scan("account_mails" if kind == MAILS else "account_answers").collect()
    rows = provenance.select(found, context)
    figure = provenance.figure(rows, context)
    shown = _narrowed(account, rows, query)
    part = part_at(shown, query.page, rows=ROWS)
    path = urls.account_url(account.id, "mails")
    return visit.render(
        "account_mails.html.j2",
        row=account.row,
        query=query,
        of=kind,
        signal=signal,
        figure=figure_words(figure, signal.unit if signal else "emails") if figure is not None else None,
        reason=_reason(account, query.mark),
        since=provenance.since(context.as_of),
        until=context.as_of,
        days=provenance.days,
        fixed=provenance.rows.days is not None or query.mark in MARKS_BY_NAME,
        rows=_words(part.rows),
        total=part.total,
        page=part.page,
        pages=part.pages,
        link=lambda **changes: urls.address(path, query, **changes),
        account=urls.account_url,
    )


def _narrowed(account: AccountPage, rows: pl.DataFrame, query: MailsQuery) -> pl.DataFrame:
    """Return the rows of one person or conversation if the query has one, with addresses."""
    people = [name for name in ("person", "addressee", "answered_by") if name in rows.columns]
    named = account.with_addresses(rows, *people)
    if query.who:
        named = named.filter(pl.col("person") == query.who)
    if query.conversation:
        named = named.filter(pl.col("conversation") == query.conversation)
    return named


def _reason(account: AccountPage, mark: str) -> Mapping[str, Any] | None:
    """Return the account's reason with this mark; None without one."""
    return next((reason for reason in account.row["reasons"] if reason["mark"] == mark), None)


def _words(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with ``remarks``."""
    return [{**row, "remarks": _remarks(row)} for row in rows]


def _remarks(row: Mapping[str, Any]) -> list[str]:
    found = (
        ("starts a thread", row["opening"]),
        ("urgent", row.get("urgent")),
        ("chased us", row.get("again") and not row["outbound"]),
    )
    return [words for words, holds in found if holds]


PAGES = (WebPage(path="/accounts/{account_id:path}/mails", roles=ROLES, show=of_account(show)),)
