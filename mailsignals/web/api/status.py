"""Endpoint for the age of the figures and the state of mailboxes."""

from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends
from fastapi import Query as In
from starlette.responses import Response

from mailsignals.formats import json_rows
from mailsignals.readmodel.roles import Role
from mailsignals.web.api.lists import Query, Row, answer
from mailsignals.web.api.request import ApiRequest, asks

router = APIRouter(tags=["status"])

ROLES = frozenset({Role.OPERATOR})


class Mailbox(Row):
    """A mailbox and its state."""

    mailbox: str
    """Its address."""
    provider: str
    """Its provider, or the kind of file that it was imported from."""
    messages: int
    """The number of its stored emails."""
    oldest_at: pydantic.AwareDatetime | None
    """The date and time of its oldest email."""
    newest_at: pydantic.AwareDatetime | None
    """The date and time of its newest email."""
    state: str | None
    """``ready``, or the reason why it can't be synced; null for mailboxes imported from files."""
    problem: str | None
    """The problem in words; null without one."""
    remedy: str | None
    """The next step; null without a problem."""
    since: pydantic.AwareDatetime | None
    """The start of this state."""
    next_try_at: pydantic.AwareDatetime | None
    """The time of the next attempt."""
    synced_at: pydantic.AwareDatetime | None
    """The time of the last complete sync."""


class Status(Row):
    """The freshness of the figures, and the state of every mailbox."""

    as_of: pydantic.AwareDatetime
    """The date and time of all figures."""
    accounts: int
    """The number of accounts."""
    mailboxes: list[Mailbox]
    """All mailboxes, by address."""


class NoQuery(Query):
    """A query without parameters."""


@router.get("/status", response_model=Status, summary="Get the age of the figures and the state of mailboxes")
def status(
    query: Annotated[NoQuery, In()],  # noqa: ARG001  # refuses unknown parameters
    ask: Annotated[ApiRequest, Depends(asks(ROLES))],
) -> Response:
    """The date and time of the figures, and each mailbox with its problem and the next step."""
    found = ask.edition.table("mailboxes").select(Mailbox.columns())
    accounts = ask.edition.table("accounts").height
    return answer(ask, {"accounts": f"{accounts}", "mailboxes": json_rows(found)})
