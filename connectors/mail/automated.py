"""Why a mail counts as not written by a person."""

import re
from collections.abc import Callable
from typing import NamedTuple

from connectors.mail.headers import Headers

_REPORT_TYPE = re.compile(r"""report-type\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_DAEMON = re.compile(r"(?:mailer-daemon|postmaster)(?:@|$)", re.IGNORECASE)
_DAEMON_NAME = re.compile(r"\bmailer-daemon\b", re.IGNORECASE)
_NO_REPLY = re.compile(
    r"(?:^|[._-])(?:no|do[._-]?not|dont|never)[._-]?(?:reply|respond|answer)(?:$|[._@\d-])"
)


class Rule(NamedTuple):
    """One reason for taking a mail as automated."""

    kind: str
    """One of ``connectors.base.AUTOMATED``."""
    header: str
    """The header that shows the sign; without it the rule does not apply."""
    source: str
    """Where the sign is defined."""
    applies: Callable[[Headers, str], bool]
    """Whether a mail with these headers from this sender shows the sign."""


def _report_type(headers: Headers) -> str | None:
    content_type = headers.first("content-type")
    if content_type[:16].lower() != "multipart/report":
        return None
    found = _REPORT_TYPE.search(content_type)
    return found[1].lower() if found else "delivery-status"


def _submitted(headers: Headers) -> str:
    """The keyword of ``Auto-Submitted``; empty where a person submitted the mail."""
    value = headers.first("auto-submitted")
    keyword = value.partition(";")[0].partition("(")[0].strip().lower()
    return "" if keyword == "no" else keyword


def _yes(value: str) -> bool:
    return value.lower() not in {"", "no"}


def _is_calendar(headers: Headers) -> bool:
    return headers.first("content-type")[:13].lower() == "text/calendar"


def _is_calendar_class(headers: Headers) -> bool:
    # Outlook puts the calendar into a part of its own, and says so on top.
    return headers.first("content-class").lower() == "urn:content-classes:calendarmessage"


def _is_daemon(headers: Headers, sender: str) -> bool:
    # Some name themselves without an address: "From: MAILER-DAEMON (Mail Delivery System)".
    return bool(_DAEMON.match(sender) or (not sender and _DAEMON_NAME.search(headers.first("from"))))


def _takes_posts(headers: Headers) -> bool:
    """Whether this is a list that people write to; ``List-Post: NO`` is one that they do not."""
    return headers.first("list-post").lower() not in {"", "no"}


# The first rule that applies decides. Explicit signs come first: automatic replies have a null return path
# as bounces have (RFC 3834, 3.3), and bounces call themselves auto-replied. `Precedence: list` and `List-Id`
# are no signs: a support address that is a group puts them on every customer's mail.
RULES = (
    Rule("bounce", "content-type", "RFC 3464, 2", lambda h, _: _report_type(h) == "delivery-status"),
    Rule("notification", "content-type", "RFC 6522, 3; RFC 8098", lambda h, _: _report_type(h) is not None),
    Rule(
        "auto_reply",
        "auto-submitted",
        "RFC 3834, 5; RFC 5230",
        lambda h, _: _submitted(h) == "auto-replied",
    ),
    Rule("auto_reply", "x-autoreply", "custom", lambda h, _: _yes(h.first("x-autoreply"))),
    Rule("auto_reply", "x-autorespond", "custom", lambda h, _: _yes(h.first("x-autorespond"))),
    Rule("auto_reply", "precedence", "custom", lambda h, _: h.first("precedence").lower() == "auto_reply"),
    Rule("calendar", "content-type", "RFC 6047, 2.4", lambda h, _: _is_calendar(h)),
    Rule("calendar", "content-class", "Exchange", lambda h, _: _is_calendar_class(h)),
    Rule("bounce", "return-path", "RFC 5321, 4.5.5", lambda h, _: h.first("return-path") == "<>"),
    Rule("bounce", "from", "RFC 2142; RFC 5321, 4.5.1", _is_daemon),
    Rule(
        "bulk",
        "precedence",
        "RFC 3834, 3.1.8",
        lambda h, _: h.first("precedence").lower() in {"bulk", "junk"},
    ),
    Rule("bulk", "list-unsubscribe", "RFC 2369, 3.2 and 3.4; RFC 8058", lambda h, _: not _takes_posts(h)),
    Rule("bulk", "feedback-id", "Gmail, Feedback Loop", lambda h, _: bool(h.first("feedback-id"))),
    Rule("notification", "auto-submitted", "RFC 3834, 5; RFC 5436", lambda h, _: bool(_submitted(h))),
    Rule("notification", "from", "custom", lambda _, sender: bool(_NO_REPLY.search(sender))),
)
"""Every sign of automated mail that is known, in the order of trust."""


def read_automated(headers: Headers, sender: str) -> str | None:
    """Return the kind of automated mail, such as ``bounce`` or ``bulk``; None if a person wrote it."""
    for rule in RULES:
        if rule.header in headers.values and rule.applies(headers, sender):
            return rule.kind
    return None
