"""Turns Graph's message resources into messages."""

import base64
import binascii
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.mail import MailOrigin, Own, headers_from_pairs, normalise_address, read_message
from connectors.mail.headers import kept_name
from connectors.mail.reader import Reading

PROVIDER = "microsoft365"
SENT = "sentitems"

SELECTED = (
    *("id", "internetMessageId", "conversationId", "conversationIndex", "from", "sender", "toRecipients"),
    *("ccRecipients", "bccRecipients", "replyTo", "sentDateTime", "receivedDateTime", "parentFolderId"),
    *("isDraft", "importance"),
)
SUBJECT = "subject"
HEADERS = "internetMessageHeaders"
"""The fields that are requested; never a body, a preview of one, or an attachment."""


def selected_fields(*, subjects: bool, headers: bool) -> str:
    """Return the fields to request for each message, as a query option."""
    return ",".join([*SELECTED, *([SUBJECT] if subjects else []), *([HEADERS] if headers else [])])


MAX_PARENTS = 50
"""Largest numbers of earlier messages of a conversation that become references: the first and the nearest."""

_ROOT_BYTES, _STEP_BYTES = 22, 5
"""Lengths in a conversation index: 22 bytes for the first message, and 5 for each reply (MS-OXOMSG, 2.2.1.3)."""

_RECIPIENTS = {"toRecipients": "To", "ccRecipients": "Cc", "bccRecipients": "Bcc", "replyTo": "Reply-To"}
_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_NOT_DELIVERED = re.compile(r"microsoftexchange[0-9a-f]{32}@", re.IGNORECASE)
_NOT_TAKEN = frozenset(
    {
        *("from", "to", "cc", "bcc", "subject", "message-id", "date", "importance", "reply-to", "received"),
        *("x-gm-thrid", "x-gmail-labels"),
    }
)
"""Headers that Graph reports as properties, and those that only Gmail's export adds."""


def parse_graph_message(raw: Mapping[str, Any], *, mailbox: str, folder: str | None, own: Own) -> Reading:
    """Return the message of a ``message`` resource, or the reason to skip it; never raises.

    ``folder`` is the well-known name of the folder that holds it.
    """
    origin = MailOrigin(
        mailbox=mailbox,
        provider=PROVIDER,
        provider_id=str(raw["id"]),
        provider_thread_id=_text(raw.get("conversationId")) or None,
        sent_at=_sent_at(raw, mailbox=mailbox, folder=folder),
        dated_at=read_date(raw.get("sentDateTime")),
        labels=(folder,) if folder else (),
    )
    return read_message(headers_from_pairs(_pairs(raw)), origin, own)


def _pairs(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The header block of the email, from its properties and, for all other headers, the internet headers."""
    internet = [
        (header["name"], header["value"])
        for header in _dicts(raw.get(HEADERS))
        if isinstance(header.get("name"), str) and isinstance(header.get("value"), str)
    ]
    yield from (
        (name, value) for name, value in internet if kept_name(name.strip()) not in {None, *_NOT_TAKEN}
    )
    yield "From", _author(raw, internet)
    for field, name in _RECIPIENTS.items():
        if mailboxes := ", ".join(_mailbox(entry) for entry in _dicts(raw.get(field))):
            yield name, mailboxes
    yield "Message-ID", _text(raw.get("internetMessageId"))
    yield "Importance", _text(raw.get("importance"))
    if isinstance(raw.get(SUBJECT), str):
        yield "Subject", raw[SUBJECT]
    yield from _signs(raw, {name.strip().lower() for name, _ in internet})


def _signs(raw: Mapping[str, Any], internet: set[str]) -> Iterator[tuple[str, str]]:
    """Headers for properties that only Exchange has."""
    kind = _text(raw.get("@odata.type"))
    if "eventMessage" in kind or "calendarSharing" in kind:
        yield "Content-Class", "urn:content-classes:calendarmessage"
    if _NOT_DELIVERED.match(_address(raw.get("from"))):
        yield "Return-Path", "<>"
    parents = parent_ids(raw.get("conversationIndex"))
    if parents and not internet & {"references", "in-reply-to"}:
        yield "References", " ".join(f"<{parent}>" for parent in parents)


def _author(raw: Mapping[str, Any], internet: list[tuple[str, str]]) -> str:
    """``From``: the property, which has the addresses of internal people; without an address in it, the header."""
    for entry in (raw.get("from"), raw.get("sender")):
        if isinstance(entry, dict) and normalise_address(_address(entry)):
            return _mailbox(entry)
    return next(
        (value for name, value in internet if name.strip().lower() == "from"), _mailbox(raw.get("from"))
    )


def _mailbox(entry: object) -> str:
    """A recipient in the form of a header."""
    details = entry.get("emailAddress") if isinstance(entry, dict) else None
    name = _text(details.get("name")) if isinstance(details, dict) else ""
    address = _address(entry)
    if not address:
        return ""
    quoted = " ".join(re.sub(r'["\\<>]', "", name).split())
    return f'"{quoted}" <{address}>' if quoted and quoted != address else f"<{address}>"


def _address(entry: object) -> str:
    details = entry.get("emailAddress") if isinstance(entry, dict) else None
    return _text(details.get("address")).strip() if isinstance(details, dict) else ""


def _sent_at(raw: Mapping[str, Any], *, mailbox: str, folder: str | None) -> dt.datetime | None:
    """The time at which an email from this mailbox was sent, or at which any other arrived."""
    sent, received = read_date(raw.get("sentDateTime")), read_date(raw.get("receivedDateTime"))
    is_sent = folder == SENT or normalise_address(_address(raw.get("from"))) == mailbox
    return (sent or received) if is_sent else (received or sent)


def read_date(value: object) -> dt.datetime | None:
    """Return a time of Graph's, with any number of decimals, in UTC; None if it isn't a time."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    fraction = (found[2] or ".0")[:7]
    try:
        at = dt.datetime.fromisoformat(f"{found[1]}{fraction.ljust(7, '0')}{found[3] or 'Z'}").astimezone(
            dt.UTC
        )
    except (ValueError, OverflowError):
        return None
    return at if 1990 <= at.year < 2100 else None


def parent_ids(index: object) -> tuple[str, ...]:
    """Return ids for the earlier messages of a conversation, the first one first; none for its first message.

    They are the beginnings of the conversation index, so that every reply to one message has the same id for it.
    """
    try:
        content = base64.b64decode(index, validate=True) if isinstance(index, str) else b""
    except (binascii.Error, ValueError):
        return ()
    ends = range(_ROOT_BYTES, len(content), _STEP_BYTES)
    chosen = [ends[0], *ends[1 - MAX_PARENTS :]] if len(ends) > MAX_PARENTS else ends
    return tuple(f"{content[:end].hex()}@conversation-index" for end in chosen)


def _dicts(value: object) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
