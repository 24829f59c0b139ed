"""One account of an edition, found for who may see it."""

import datetime as dt
import functools
from collections.abc import Callable

import polars as pl
from starlette.responses import Response

from mailsignals.readmodel.queries.account import AccountRows, Row, find_account
from mailsignals.web.given_feedback import said_of
from mailsignals.web.page import PageRequest, Show


class AccountPage(AccountRows):
    """An account that the viewer may see, with what people said of it up to this moment."""

    def __init__(self, visit: PageRequest, found: AccountRows) -> None:
        super().__init__(found.scope, found.list_row)
        self._visit = visit

    @functools.cached_property
    def said(self) -> pl.DataFrame:
        """The words of people about it, in ``FEEDBACK_SCHEMA``."""
        return said_of(self._visit, self.id)


def of_account(show: Callable[[PageRequest, AccountPage], Response]) -> Show:
    """A page about the account that its address names; whether there is none, or it is another's, nobody learns."""

    def found(visit: PageRequest) -> Response:
        own = find_account(visit.scope, visit.request.path_params["account_id"])
        if own is None:
            return visit.render("account_unknown.html.j2", status=404)
        return show(visit, AccountPage(visit, own))

    return found


def newest_flag(found: pl.DataFrame) -> Row | None:
    """The newest of an account's flags."""
    return found.row(0, named=True) if found.height else None


def days_until(day: dt.date | None, today: dt.date) -> int | None:
    """Return the number of days until a day; negative once it has passed, None without a day."""
    return None if day is None else (day - today).days
