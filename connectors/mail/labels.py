"""Reads the labels and the thread of an email in Gmail's export (Takeout)."""

import re
from collections.abc import Iterable

from connectors.mail.folder_roles import folder_role
from connectors.mail.header_text import decode_words
from connectors.mail.headers import Headers

MAX_LABELS = 500
MAX_LABEL = 225
"""Largest number of labels of an email, and of characters of each."""

_LABEL = re.compile(r'\s*+(?:"([^"]*)"|([^,]+))')
_THREAD = re.compile(r"[0-9A-Za-z]{1,64}")

_SET_ASIDE = {
    "drafts": "draft",
    "junk": "spam",
    "chats": "chat",
    "templates": "template",
    "outbox": "outbox",
}


def read_labels(headers: Headers, given: tuple[str, ...], defects: set[str]) -> tuple[str, ...]:
    """Return the labels from the connector, then those of ``X-Gmail-Labels``, each once."""
    values = headers.all("x-gmail-labels")
    if not values:
        return given
    found = dict.fromkeys(given)
    for value in values:
        for quoted, plain in _LABEL.findall(decode_words(value, defects)):
            if label := " ".join((quoted or plain).split())[:MAX_LABEL]:
                found[label] = None
    if len(found) > MAX_LABELS:
        defects.add("cut_labels")
    return tuple(found)[:MAX_LABELS]


def read_thread(headers: Headers) -> str | None:
    """Return Gmail's thread id from ``X-GM-THRID``; None without one."""
    thread = headers.first("x-gm-thrid")
    return thread if _THREAD.fullmatch(thread) else None


def skip_reason(labels: Iterable[str]) -> str | None:
    """Return the reason for skipping an email with these labels; None if it is stored.

    The reasons are ``draft``, ``spam``, ``chat``, ``template`` and ``outbox``. Labels may be in any language.
    """
    return next((reason for label in labels if (reason := _SET_ASIDE.get(folder_role(label) or ""))), None)


def among_sent(labels: Iterable[str]) -> bool:
    """Return whether an email with these labels is in the sent mail of its mailbox."""
    return any(folder_role(label) == "sent" for label in labels)
