"""Decodes pages of Graph by schema: the fields of a message that are read, and nothing else."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from connectors.transport.http import Answer


class EmailAddress(msgspec.Struct, gc=False):
    """A name and an address."""

    name: str | None = None
    address: str | None = None


class Recipient(msgspec.Struct, gc=False):
    """A sender or a recipient."""

    details: EmailAddress | None = msgspec.field(default=None, name="emailAddress")


class InternetHeader(msgspec.Struct, gc=False):
    """One internet header."""

    name: str
    value: str


class GraphItem(msgspec.Struct, kw_only=True, gc=False, rename="camel"):
    """A ``message`` resource; fields that are missing or of another type have no value."""

    id: str
    kind: str | None = msgspec.field(default=None, name="@odata.type")
    internet_message_id: str | None = None
    conversation_id: str | None = None
    conversation_index: str | None = None
    author: Recipient | None = msgspec.field(default=None, name="from")
    sender: Recipient | None = None
    to_recipients: list[Recipient] | None = None
    cc_recipients: list[Recipient] | None = None
    bcc_recipients: list[Recipient] | None = None
    reply_to: list[Recipient] | None = None
    sent_date_time: str | UnsetType | None = UNSET
    received_date_time: str | UnsetType | None = UNSET
    is_draft: bool | None = None
    importance: str | None = None
    subject: str | None = None
    internet_message_headers: list[InternetHeader] | None = None


class _WholeItem(GraphItem, kw_only=True, gc=False, rename="camel"):
    """An item of a page that is read by schema alone."""

    removed: UnsetType | None = msgspec.field(default=UNSET, name="@removed")


class _WholePage(msgspec.Struct, kw_only=True):
    """A page that is read by schema alone."""

    value: list[_WholeItem]
    next_link: str | None = msgspec.field(default=None, name="@odata.nextLink")
    delta_link: str | None = msgspec.field(default=None, name="@odata.deltaLink")


_WHOLE_PAGE = msgspec.json.Decoder(_WholePage)
_DATES = frozenset({"receivedDateTime", "sentDateTime"})
"""Fields that every complete item has, possibly without a value."""


@dataclasses.dataclass(frozen=True, slots=True)
class WalkPage:
    """A page of a walk."""

    entries: Sequence[GraphItem | dict[str, Any]]
    """Complete items; removed and partial ones as they came."""
    link: str | None
    """The address of the next page or the next round; None if there is none."""
    ended: bool
    """True if this page ends the round."""


def read_page(answer: Answer) -> WalkPage | None:
    """Return the page in an answer; None if it isn't a whole document.

    A page of complete items of the documented types is decoded by schema, any other one item by item.
    """
    try:
        page = _WHOLE_PAGE.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _mixed_page(answer)
    if not all(map(_is_whole, page.value)):
        return _mixed_page(answer)
    return _linked(page.value, page.next_link, page.delta_link)


def _is_whole(item: _WholeItem) -> bool:
    return item.removed is UNSET and not (item.sent_date_time is UNSET and item.received_date_time is UNSET)


def _mixed_page(answer: Answer) -> WalkPage | None:
    document = answer.document()
    if document is None:
        return None
    entries = [
        read_item(item) if "@removed" not in item and _DATES & item.keys() else item
        for item in items_of(document)
    ]
    return _linked(entries, document.get("@odata.nextLink"), document.get("@odata.deltaLink"))


def _linked(entries: Sequence[GraphItem | dict[str, Any]], following: object, delta: object) -> WalkPage:
    if isinstance(following, str):
        return WalkPage(entries, following, ended=False)
    ended = isinstance(delta, str)
    return WalkPage(entries, delta if isinstance(delta, str) else None, ended=ended)


def items_of(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the items of a page."""
    value = answer.get("value")
    return [item for item in _dicts(value) if isinstance(item.get("id"), str)]


def read_item(raw: Mapping[str, Any]) -> GraphItem:
    """Return the item of a decoded resource; a field of an unexpected type counts as missing."""
    headers = raw.get("internetMessageHeaders")
    return GraphItem(
        id=str(raw["id"]),
        kind=_text(raw.get("@odata.type")),
        internet_message_id=_text(raw.get("internetMessageId")),
        conversation_id=_text(raw.get("conversationId")),
        conversation_index=_text(raw.get("conversationIndex")),
        author=_recipient(raw.get("from")),
        sender=_recipient(raw.get("sender")),
        to_recipients=_recipients(raw.get("toRecipients")),
        cc_recipients=_recipients(raw.get("ccRecipients")),
        bcc_recipients=_recipients(raw.get("bccRecipients")),
        reply_to=_recipients(raw.get("replyTo")),
        sent_date_time=_text(raw.get("sentDateTime")),
        received_date_time=_text(raw.get("receivedDateTime")),
        is_draft=raw.get("isDraft") is True,
        importance=_text(raw.get("importance")),
        subject=_text(raw.get("subject")),
        internet_message_headers=[
            InternetHeader(header["name"], header["value"])
            for header in _dicts(headers)
            if isinstance(header.get("name"), str) and isinstance(header.get("value"), str)
        ],
    )


def _recipients(value: object) -> list[Recipient]:
    return [found for entry in _dicts(value) if (found := _recipient(entry)) is not None]


def _recipient(value: object) -> Recipient | None:
    if not isinstance(value, dict):
        return None
    details = value.get("emailAddress")
    if not isinstance(details, dict):
        return Recipient()
    return Recipient(EmailAddress(_text(details.get("name")), _text(details.get("address"))))


def _dicts(value: object) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
