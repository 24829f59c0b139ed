"""One account of an edition, for viewers with access to it."""

import datetime as dt
import functools
from collections.abc import Callable

import polars as pl
from starlette.requests import Request
from starlette.responses import Response

from mailsignals.readmodel.queries.account import AccountRows, Row, account_exists, find_account
from mailsignals.readmodel.queries.scope import Scope
from mailsignals.web.access.identity_of_request import note_refusal
from mailsignals.web.given_feedback import feedback_on
from mailsignals.web.page import PageRequest, Show


class AccountPage(AccountRows):
    """An account that the viewer may see, with its feedback as of now."""

    def __init__(self, visit: PageRequest, found: AccountRows) -> None:
        super().__init__(found.scope, found.list_row)
        self._visit = visit

    @functools.cached_property
    def feedback(self) -> pl.DataFrame:
        """All feedback on it, in ``FEEDBACK_SCHEMA``."""
        return feedback_on(self._visit, self.id)


def of_account(show: Callable[[PageRequest, AccountPage], Response]) -> Show:
    """Return a page about the account in its URL; it answers 404 alike for unknown accounts and those of others."""

    def found(visit: PageRequest) -> Response:
        own = find_account(visit.scope, visit.request.path_params["account_id"])
        if own is None:
            note_unseen(visit.request, visit.scope, visit.request.path_params["account_id"])
            return visit.render("account_unknown.html.j2", status=404)
        return show(visit, AccountPage(visit, own))

    return found


def note_unseen(request: Request, scope: Scope, account_id: str) -> None:
    """Record in the audit log that a viewer requested an account that is not theirs.

    An unknown account is recorded too, because the viewer can't tell the two apart; but not for those who see all.
    """
    if scope.viewer.sees_all_accounts:
        return
    known = account_exists(scope, account_id)
    note_refusal(request, "another CSM's account" if known else "no such account", account_id=account_id)


def newest_flag(found: pl.DataFrame) -> Row | None:
    """Return the newest of an account's flags; None without any."""
    return found.row(0, named=True) if found.height else None


def days_until(day: dt.date | None, today: dt.date) -> int | None:
    """Return the number of days until a day; negative once it has passed, None without a day."""
    return None if day is None else (day - today).days
