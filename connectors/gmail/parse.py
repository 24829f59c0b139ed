"""Turns Gmail's resources into messages and ids."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from connectors.mail import MailOrigin, Own, headers_from_pairs, read_message
from connectors.mail.headers import HeaderNames
from connectors.mail.reader import Reading

PROVIDER = "gmail"

_EARLIEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
_LATEST = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

# Headers that an export adds; over the API they can only come from the sender.
_NAMES = HeaderNames(without=frozenset({"x-gm-thrid", "x-gmail-labels"}))


def parse_gmail_message(raw: Mapping[str, Any], *, mailbox: str, own: Own) -> Reading:
    """Return the reading of a ``users.messages`` resource in the format ``metadata``; never raises."""
    payload = raw.get("payload")
    fields = payload.get("headers") if isinstance(payload, dict) else None
    labels = raw.get("labelIds")
    thread = raw.get("threadId")
    origin = MailOrigin(
        mailbox=mailbox,
        provider=PROVIDER,
        provider_id=str(raw["id"]),
        provider_thread_id=thread if isinstance(thread, str) and thread else None,
        sent_at=internal_date(raw.get("internalDate")),
        labels=tuple(str(label) for label in labels) if isinstance(labels, list) else (),
    )
    pairs = [
        (field["name"], field["value"])
        for field in (fields if isinstance(fields, list) else [])
        if isinstance(field, dict)
        and isinstance(field.get("name"), str)
        and isinstance(field.get("value"), str)
    ]
    return read_message(headers_from_pairs(pairs, names=_NAMES), origin, own)


def internal_date(value: object) -> dt.datetime | None:
    """Return the time at which Gmail received an email, from milliseconds since 1970; None if missing or invalid."""
    try:
        milliseconds = int(str(value))
        at = _EPOCH + dt.timedelta(milliseconds=milliseconds)
    except (ValueError, OverflowError):
        return None
    return at if _EARLIEST <= at < _LATEST else None


def ids_in_listing(answer: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Return the message ids of a page of a listing, and the thread id by message id."""
    entries = answer.get("messages")
    threads = {
        entry["id"]: str(entry.get("threadId") or "")
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and isinstance(entry.get("id"), str)
    }
    return list(threads), {name: thread for name, thread in threads.items() if thread}
