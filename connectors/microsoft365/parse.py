"""Turns Graph's message resources into messages."""

import base64
import binascii
import datetime as dt
import functools
import re
from collections.abc import Iterator
from operator import attrgetter

from connectors.mail import Headers, MailOrigin, Own, normalise_address, read_message
from connectors.mail.headers import HeaderValues, add_headers
from connectors.mail.reader import Reading
from connectors.microsoft365.items import GraphItem, Recipient

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

_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_NOT_DELIVERED = re.compile(r"microsoftexchange[0-9a-f]{32}@", re.IGNORECASE)
_NOT_TAKEN = frozenset(
    {
        *("from", "to", "cc", "bcc", "subject", "message-id", "date", "importance", "reply-to", "received"),
        *("x-gm-thrid", "x-gmail-labels"),
    }
)
"""Headers that Graph reports as properties, and those that only Gmail's export adds."""

_ANSWERS = frozenset({"references", "in-reply-to"})
_NAME_AND_VALUE = attrgetter("name", "value")


def parse_graph_message(item: GraphItem, *, mailbox: str, folder: str | None, own: Own) -> Reading:
    """Return the message of a ``message`` resource, or the reason to skip it; never raises.

    ``folder`` is the well-known name of the folder that holds it.
    """
    sent, received = read_date(item.sent_date_time), read_date(item.received_date_time)
    is_sent = folder == SENT or normalise_address(_address(item.author)) == mailbox
    origin = MailOrigin(
        mailbox=mailbox,
        provider=PROVIDER,
        provider_id=item.id,
        provider_thread_id=item.conversation_id or None,
        sent_at=(sent or received) if is_sent else (received or sent),
        dated_at=sent,
        labels=(folder,) if folder else (),
    )
    return read_message(_headers(item), origin, own)


def is_email(kind: str | None) -> bool:
    """Return whether ``@odata.type`` is that of an email; meeting requests are, appointments and contacts aren't."""
    return kind is None or "message" in kind.rpartition(".")[2].lower()


def _headers(item: GraphItem) -> Headers:
    """The headers of the email, from its properties and, for all other headers, the internet headers."""
    values: HeaderValues = {}
    defects: set[str] = set()
    add_headers(
        values, map(_NAME_AND_VALUE, item.internet_message_headers or ()), defects, without=_NOT_TAKEN
    )
    add_headers(values, _properties(item, answers=not _ANSWERS.isdisjoint(values)), defects)
    return Headers(values, tuple(sorted(defects)))


def _properties(item: GraphItem, *, answers: bool) -> Iterator[tuple[str, str]]:
    """The headers for properties; ``answers`` if the internet headers name the messages that it answers."""
    yield "from", _author(item)
    for name, recipients in (
        ("to", item.to_recipients),
        ("cc", item.cc_recipients),
        ("bcc", item.bcc_recipients),
        ("reply-to", item.reply_to),
    ):
        if recipients and (mailboxes := ", ".join(map(_mailbox, recipients))):
            yield name, mailboxes
    yield "message-id", item.internet_message_id or ""
    yield "importance", item.importance or ""
    if item.subject is not None:
        yield "subject", item.subject
    kind = item.kind
    if kind is not None and ("eventMessage" in kind or "calendarSharing" in kind):
        yield "content-class", "urn:content-classes:calendarmessage"
    if _NOT_DELIVERED.match(_address(item.author)):
        yield "return-path", "<>"
    if not answers and (parents := parent_ids(item.conversation_index)):
        yield "references", " ".join(f"<{parent}>" for parent in parents)


def _author(item: GraphItem) -> str:
    """``From``: the property, which has the addresses of internal people; without an address in it, the header."""
    for entry in (item.author, item.sender):
        if entry is not None and normalise_address(_address(entry)):
            return _mailbox(entry)
    for header in item.internet_message_headers or ():
        if header.name.strip().lower() == "from":
            return header.value
    return _mailbox(item.author)


def _mailbox(entry: Recipient | None) -> str:
    """A recipient in the form of a header."""
    details = entry and entry.details
    return _written(details.name or "", details.address or "") if details else ""


@functools.lru_cache(maxsize=16_384)
def _written(name: str, address: str) -> str:
    address = address.strip()
    if not address:
        return ""
    quoted = " ".join(re.sub(r'["\\<>]', "", name).split())
    return f'"{quoted}" <{address}>' if quoted and quoted != address else f"<{address}>"


def _address(entry: Recipient | None) -> str:
    details = entry and entry.details
    return (details.address or "").strip() if details else ""


def read_date(value: object) -> dt.datetime | None:
    """Return a time of Graph's, with any number of decimals, in UTC; None if it isn't a time."""
    if not isinstance(value, str):
        return None
    if usual := _usual_date(value):
        return usual
    found = _DATE.fullmatch(value)
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


def _usual_date(value: str) -> dt.datetime | None:
    """A time without decimals, in UTC; None for any other form."""
    if len(value) != 20 or f"{value[4]}{value[7]}{value[10]}{value[13]}{value[16]}{value[19]}" != "--T::Z":
        return None
    try:
        at = dt.datetime.fromisoformat(value)
    except ValueError:
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
