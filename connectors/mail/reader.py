"""Turns the headers of one email into a message."""

import dataclasses
import datetime as dt
from collections.abc import Callable

from connectors.base import RAISED, Message
from connectors.mail.addresses import normalise_address, read_addresses
from connectors.mail.automated import MailFacts, decisive_evidence
from connectors.mail.dates import in_utc, read_dated_at, read_sent_at
from connectors.mail.header_text import MAX_ENCODED, clean_text, decode_words
from connectors.mail.headers import Headers
from connectors.mail.ids import read_message_id, read_references
from connectors.mail.labels import among_sent, read_labels, read_thread, skip_reason
from connectors.mail.sender import Own, read_sender
from connectors.unexpected import log_unexpected

SKIPPED = ("no readable date", "draft", "spam", "chat", "template", "outbox", RAISED)
"""Reasons for skipping an email."""

DEFECTS = (
    "broken_line",
    "cut_id",
    "cut_labels",
    "cut_recipients",
    "cut_references",
    "cut_subject",
    "header_too_long",
    "no_sender",
    "not_utf8",
    "too_many_headers",
    "undecodable_words",
    "unknown_zone",
    "unreadable_address",
    "unreadable_date",
    "unreadable_reference",
)
"""Kinds of unreadable or cut parts of a stored email."""

# The first of these headers with a value decides, by the first word of the value.
_IMPORTANCE = {
    "importance": {"high": "high", "normal": "normal", "low": "low"},
    "x-priority": {"1": "high", "2": "high", "3": "normal", "4": "low", "5": "low"},
    "x-msmail-priority": {"high": "high", "normal": "normal", "low": "low"},
    "priority": {"urgent": "high", "normal": "normal", "non-urgent": "low"},
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MailOrigin:
    """The origin of an email: its mailbox, provider, ids and labels, which the headers don't contain."""

    mailbox: str
    provider: str
    provider_id: str | None = None
    """The provider's id; None: the digest of the headers, which is the same in every export of the mailbox."""
    provider_thread_id: str | None = None
    sent_at: dt.datetime | None = None
    """The provider's own time, with a time zone; None: from the headers."""
    dated_at: dt.datetime | None = None
    """The time in the email's ``Date``, if the provider reports it; None: from the headers."""
    labels: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """The result of reading the headers of one email: a message or the reason to skip it, and the defects."""

    message: Message | None
    """The message; None if it was skipped."""
    skipped: str | None
    """The reason for skipping it, one of ``SKIPPED``."""
    defects: tuple[str, ...]
    """The kinds of unreadable or cut parts of a stored message, out of ``DEFECTS``."""
    sign: tuple[str, str] | None = None
    """The kind of an automated message and the sign that decided, in words; None if a person wrote it."""


def read_message(headers: Headers, origin: MailOrigin, own: Own) -> Reading:
    """Return the message that these headers describe, or the reason for skipping it; never raises.

    ``own`` decides which addresses are internal and which are contact forms: a rewritten ``From`` is restored only for
    internal lists and contact forms.
    """
    return read_safely(lambda: _read(headers, origin, own))


def read_safely(read: Callable[[], Reading]) -> Reading:
    """Return the result of a reading function; an email on which it fails unexpectedly is skipped as ``RAISED``."""
    try:
        return read()
    except Exception as error:  # noqa: BLE001  # one email must not keep the others from being read
        log_unexpected(__name__, "an email is skipped", error)
        return Reading(None, RAISED, ())


def _read(headers: Headers, origin: MailOrigin, own: Own) -> Reading:
    defects = set(headers.defects)
    labels = read_labels(headers, origin.labels, defects)
    if reason := skip_reason(labels):
        return Reading(None, reason, tuple(sorted(defects)))
    sent_at = in_utc(origin.sent_at) if origin.sent_at else read_sent_at(headers, defects)
    if sent_at is None:
        return Reading(None, "no readable date", tuple(sorted(defects)))
    sent = among_sent(labels)
    mailbox = normalise_address(origin.mailbox) if sent else None
    sender = read_sender(headers, own, defects, sent_by=mailbox)
    subject = _subject(headers, defects)
    to, cc, bcc = (read_addresses(headers.all(field), defects) for field in ("to", "cc", "bcc"))
    evidence = decisive_evidence(MailFacts(headers, sender, subject or "", sent, own))
    message = Message(
        mailbox=origin.mailbox,
        provider=origin.provider,
        provider_id=origin.provider_id or headers.digest(),
        provider_thread_id=origin.provider_thread_id or read_thread(headers),
        message_id=read_message_id(headers, defects),
        references=read_references(headers, (sender, *to, *cc), defects),
        sent_at=sent_at,
        dated_at=read_dated_at(headers, origin.dated_at),
        sender=sender,
        to=to,
        cc=cc,
        bcc=bcc,
        subject=subject,
        automated=evidence.kind if evidence else None,
        importance=_importance(headers),
        labels=labels,
    )
    sign = (evidence.kind, evidence.sign) if evidence else None
    return Reading(message, None, tuple(sorted(defects)) if defects else (), sign)


def _subject(headers: Headers, defects: set[str]) -> str | None:
    """The first subject, decoded and on one line; None if the mail has none."""
    if "subject" not in headers.values:
        return None
    written = headers.first("subject")
    if len(written) > MAX_ENCODED:
        defects.add("cut_subject")
    return clean_text(decode_words(written[:MAX_ENCODED], defects), defects)


def _importance(headers: Headers) -> str:
    for header, meanings in _IMPORTANCE.items():
        if header in headers.values:
            words = headers.first(header).lower().split(None, 1)
            if words and words[0] in meanings:
                return meanings[words[0]]
    return "normal"
