"""Recognises automated email by a table of evidence, in the order of the definition."""

import functools
import re
from collections.abc import Callable
from typing import NamedTuple

from connectors.base import AUTOMATED
from connectors.mail.addresses import normalise_address
from connectors.mail.headers import CALENDAR, Headers
from connectors.mail.sender import Own, is_daemon
from connectors.mail.subjects import folded_words, is_reply_subject, subject_opening

_REPORT_TYPE = re.compile(r"""report-type\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_NO_REPLY = re.compile(
    r"(?:^|[._-])(?:(?:no|do[._-]?not|dont|never)[._-]?(?:reply|respond|answer)"
    r"|(?:no|nao|non)[._-]?(?:responder|responda|respondas|rispondere)|ne[._-]?pas[._-]?repondre"
    r"|(?:nicht|niet)[._-]?(?:antworten|beantwoorden)|keine[._-]?antwort)(?:$|[._@\d-])"
)
_NULL_PATH = re.compile(r"<\s*>")
_BULK_PRECEDENCE = ("bulk", "junk")
_UNLIKE_BOUNCES = frozenset({"calendar", "auto_reply"})
_REPLY_PRECEDENCE = ("auto_reply", "auto-reply")


class MailFacts(NamedTuple):
    """The properties of an email that decide whether it is automated."""

    headers: Headers
    sender: str
    """The address of the sender, empty if there is none."""
    subject: str
    """The decoded subject on one line; empty if there is none."""
    is_sent: bool
    """True if the copy is in the sent mail of its mailbox."""
    own: Own

    @property
    def refers(self) -> bool:
        """Return whether the mail refers to another one."""
        return bool(self.headers.first("references") or self.headers.first("in-reply-to"))


class Evidence(NamedTuple):
    """One sign that a program wrote an email."""

    kind: str
    """One of ``connectors.base.AUTOMATED``."""
    header: str
    """The header that shows the sign; the sign is checked only if the header is present."""
    source: str
    """The standard or program that defines the sign."""
    applies: Callable[[MailFacts], bool]
    """Return whether an email shows the sign."""
    refuted: Callable[[MailFacts], bool] | None = None
    """Return whether the sign is refuted by something else; None if it can't be."""
    yields_to: tuple[str, ...] = ()
    """Kinds that take precedence if any of their own evidence applies."""
    words: str = ""
    """The sign in words, if the name of its header isn't clear enough."""

    @property
    def sign(self) -> str:
        """The sign in a few words, such as ``Precedence: bulk``; never a value from an email."""
        return self.words or self.header.title()


def _report_type(mail: MailFacts) -> str:
    """The type of a ``multipart/report``, a delivery report if it names none; empty for any other email."""
    content_type = mail.headers.first("content-type")
    if content_type[:16].lower() != "multipart/report":
        return ""
    found = _REPORT_TYPE.search(content_type)
    return found[1].lower() if found else "delivery-status"


def _keyword(value: str) -> str:
    """The keyword that a header begins with, in lower case, without comments and parameters."""
    return value.partition(";")[0].partition("(")[0].strip().lower()


def _submitted(mail: MailFacts) -> str:
    """The keyword of ``Auto-Submitted``; empty if a person submitted the email."""
    keyword = _keyword(mail.headers.first("auto-submitted"))
    return "" if keyword == "no" else keyword


def _notifies(mail: MailFacts) -> bool:
    """Return whether ``Auto-Submitted`` marks a notification rather than an absence notice."""
    return _submitted(mail) == "auto-generated" and not (mail.refers or _is_absence_notice(mail))


def _says_yes(header: str) -> Callable[[MailFacts], bool]:
    return lambda mail: _keyword(mail.headers.first(header)) not in {"", "no", "false"}


def _has_precedence(word: str) -> Callable[[MailFacts], bool]:
    return lambda mail: _keyword(mail.headers.first("precedence")) == word


@functools.lru_cache(maxsize=16_384)
def is_no_reply(address: str) -> bool:
    """Return whether a normalised address is a no-reply address by its name."""
    return _NO_REPLY.search(address) is not None


def _has_daemon(mail: MailFacts) -> bool:
    return not mail.is_sent and (
        is_daemon(mail.headers, mail.sender) or mail.sender.startswith("postmaster@")
    )


def _is_calendar_class(mail: MailFacts) -> bool:
    classes = mail.headers.all("content-class")
    return any(_keyword(each) == "urn:content-classes:calendarmessage" for each in classes)


def _is_answer(mail: MailFacts) -> bool:
    words, colon = subject_opening(mail.subject)
    return colon and words in folded_words("invitation_answers")


def _is_absence_notice(mail: MailFacts) -> bool:
    return subject_opening(mail.subject)[0] in folded_words("absence_notices")


def _is_no_bulk(mail: MailFacts) -> bool:
    """Return whether signs of bulk are refuted: a reply, a list that accepts posts, or one of our own lists."""
    if _keyword(mail.headers.first("list-post")) not in {"", "no"}:
        return True
    return mail.refers or is_reply_subject(mail.subject) or _is_own_list(mail)


def _is_own_list(mail: MailFacts) -> bool:
    """Return whether ``List-Id`` names one of our own addresses, its first dot read as an at-sign."""
    text = mail.headers.first("list-id")
    name = text.rpartition("<")[2].partition(">")[0] if "<" in text else text
    address = normalise_address(name.strip().replace(".", "@", 1))
    return address is not None and mail.own(address)


EVIDENCE = (
    Evidence(
        "bounce", "from", "RFC 2142; RFC 5321, 4.5.1", _has_daemon, words="a mailer daemon as the sender"
    ),
    Evidence(
        "bounce",
        "content-type",
        "RFC 3464, 2",
        lambda mail: _report_type(mail) == "delivery-status",
        words="Content-Type: multipart/report",
    ),
    Evidence("bounce", "x-failed-recipients", "Exim, Gmail", lambda _: True),
    Evidence(
        "bounce",
        "return-path",
        "RFC 5321, 4.5.5",
        lambda mail: _NULL_PATH.match(mail.headers.first("return-path")) is not None,
        yields_to=tuple(_UNLIKE_BOUNCES),  # automatic replies have a null return path too (RFC 3834, 3.3)
        words="Return-Path: <>",
    ),
    Evidence(
        "calendar",
        "content-type",
        "RFC 6047, 2.4",
        lambda mail: mail.headers.first("content-type")[:13].lower() == "text/calendar",
        words="Content-Type: text/calendar",
    ),
    Evidence(
        "calendar", "content-class", "Exchange; calendar parts", _is_calendar_class, words="a calendar part"
    ),
    Evidence(
        "calendar",
        CALENDAR,
        "Exchange, CDO",
        lambda _: True,
        words="X-MS-Exchange-Calendar or X-Microsoft-CDO",
    ),
    Evidence(
        "calendar",
        "subject",
        "words/invitation_answers.toml",
        _is_answer,
        words="a subject like a response to an invitation",
    ),
    Evidence(
        "auto_reply",
        "auto-submitted",
        "RFC 3834, 5; RFC 5230",
        lambda mail: bool(_submitted(mail)),
        refuted=_notifies,
    ),
    *(
        Evidence("auto_reply", header, "custom", _says_yes(header))
        for header in (
            "x-autoreply",
            "x-autorespond",
            "x-autogenerated",
            "x-autoreply-from",
            "x-mail-autoreply",
        )
    ),
    *(
        Evidence("auto_reply", "precedence", "custom", _has_precedence(word), words=f"Precedence: {word}")
        for word in _REPLY_PRECEDENCE
    ),
    Evidence(
        "auto_reply",
        "subject",
        "words/absence_notices.toml",
        _is_absence_notice,
        words="a subject like an absence notice",
    ),
    Evidence(
        "notification",
        "auto-submitted",
        "RFC 3834, 5; RFC 5436",
        _notifies,
        words="Auto-Submitted: auto-generated",
    ),
    Evidence(
        "notification", "from", "custom", lambda mail: is_no_reply(mail.sender), words="a no-reply sender"
    ),
    Evidence(
        "notification",
        "content-type",
        "RFC 6522, 3; RFC 5965; RFC 8098",
        lambda mail: bool(_report_type(mail)),
        words="Content-Type: multipart/report",
    ),
    Evidence("bulk", "list-unsubscribe", "RFC 2369, 3.2; RFC 8058", lambda _: True, refuted=_is_no_bulk),
    *(
        Evidence(
            "bulk",
            "precedence",
            "RFC 3834, 3.1.8",
            _has_precedence(word),
            refuted=_is_no_bulk,
            words=f"Precedence: {word}",
        )
        for word in _BULK_PRECEDENCE
    ),
)
"""Every sign of automated email, in the order of the definition: the first that applies decides.

``Feedback-ID``, ``List-Id``, ``Precedence: list`` and ``X-Auto-Response-Suppress`` aren't evidence, because relays and
shared support addresses add them to emails of people.
"""


_PLACES = {
    header: tuple(place for place, each in enumerate(EVIDENCE) if each.header == header)
    for header in {each.header for each in EVIDENCE}
}
"""The positions in ``EVIDENCE`` by header."""


def decisive_evidence(mail: MailFacts) -> Evidence | None:
    """Return the evidence that decides the kind of an automated email; None if a person wrote it."""
    places = [place for header in mail.headers.values for place in _PLACES.get(header, ())]
    found = [each for place in sorted(places) if (each := EVIDENCE[place]).applies(mail)]
    standing = [each for each in found if each.refuted is None or not each.refuted(mail)]
    kinds = {each.kind for each in standing}
    return next((each for each in standing if not kinds.intersection(each.yields_to)), None)


def judge_stored(mail: MailFacts, stored: str | None) -> str | None:
    """Return the kind of automated email of a stored message, which has only some of the headers; None for a person's.

    Args:
        mail: with the sender, the subject and whether it refers to another email.
        stored: the kind that was decided by all headers, with the rules at that time.
    """
    evidence = decisive_evidence(mail)
    told = evidence.kind if evidence else None
    if stored == "bulk" and (mail.refers or is_reply_subject(mail.subject)):
        return told
    if stored == "bounce" and told in _UNLIKE_BOUNCES:  # all have a null return path
        return told
    return min(filter(None, (stored, told)), key=AUTOMATED.index, default=None)
