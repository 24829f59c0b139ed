"""How fresh everything is, and what is wrong with which mailbox: of what `mailsignals status` writes."""

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
    """A mailbox, and how it stands."""

    mailbox: str
    """Its address."""
    provider: str
    """Where it lives, or the kind of file that it came in."""
    messages: int
    """How many messages of it are stored."""
    oldest_at: pydantic.AwareDatetime | None
    """When the first of them was sent."""
    newest_at: pydantic.AwareDatetime | None
    """When the last of them was sent."""
    state: str | None
    """``ready``, or why it is not read; null of what was imported from files."""
    problem: str | None
    """What is wrong."""
    remedy: str | None
    """What to do."""
    since: pydantic.AwareDatetime | None
    """Since when it is so."""
    next_try_at: pydantic.AwareDatetime | None
    """When it is tried again."""
    synced_at: pydantic.AwareDatetime | None
    """When it was last read to its end."""


class Status(Row):
    """The freshness of the figures, and the state of every mailbox."""

    as_of: pydantic.AwareDatetime
    """The date and time of all figures; nothing later is in any answer."""
    accounts: int
    """The number of accounts."""
    mailboxes: list[Mailbox]
    """By address."""


class NoQuery(Query):
    """A query without parameters."""


@router.get("/status", response_model=Status, summary="How fresh everything is")
def status(
    query: Annotated[NoQuery, In()],  # noqa: ARG001  # refuses what nobody knows
    ask: Annotated[ApiRequest, Depends(asks(ROLES))],
) -> Response:
    """The instant of the figures, and each mailbox with what is wrong and what to do."""
    found = ask.edition.table("mailboxes").select(Mailbox.columns())
    accounts = ask.edition.table("accounts").height
    return answer(ask, {"accounts": f"{accounts}", "mailboxes": json_rows(found)})
