"""What a client that reads metadata only must never ask for, nor be given."""

from typing import NamedTuple

from tests.support.loopback import Request

NEEDED = frozenset({"id", "threadId", "labelIds", "internalDate", "historyId", "sizeEstimate", "payload"})
"""What a client of ours may have of a message; and of the payload, the headers."""

USUAL_HEADERS = frozenset(
    name.lower()
    for name in (
        "From",
        "Sender",
        "To",
        "Cc",
        "Bcc",
        "Reply-To",
        "Date",
        "Received",
        "Subject",
        "Message-ID",
        "References",
        "In-Reply-To",
        "Auto-Submitted",
        "X-Autoreply",
        "X-Autorespond",
        "Precedence",
        "Content-Type",
        "Content-Class",
        "Return-Path",
        "List-Unsubscribe",
        "List-Post",
        "List-Id",
        "Feedback-ID",
        "Importance",
        "X-Priority",
        "Priority",
        "X-MSMail-Priority",
        "X-Original-From",
        "X-Original-Sender",
        "Thread-Index",
    )
)
"""Lower-case names of the headers that tell who wrote to whom, when, in answer to what, and whether by machine."""


class Violation(NamedTuple):
    """A request that asked for too much."""

    what: str
    request: Request


def asks_too_much(method: str, request: Request, allowed: frozenset[str]) -> str | None:
    """What is wrong with a request, before it is answered."""
    if {"access_token", "oauth_token"} & request.query.keys():
        return "a token in the URL"
    if method not in {"users.messages.get", "users.threads.get"}:
        return None
    form = request.one("format", "full").lower()
    if form == "minimal":
        return None
    if form != "metadata":
        return f"format {form}"
    names = {name.lower() for name in request.query.get("metadataHeaders", ())}
    if not names:
        return "all headers"
    strange = sorted(names.difference(allowed))
    return f"headers {', '.join(strange)}" if strange else None


def gives_too_much(document: object) -> str | None:
    """What is too much in a message or thread that is given out."""
    if not isinstance(document, dict):
        return None
    if "messages" in document:
        more = sorted(document.keys() - {"id", "historyId", "messages"})
        below = next(filter(None, map(gives_too_much, document["messages"])), None)
        return f"fields {', '.join(more)}" if more else below
    more = sorted(document.keys() - NEEDED) + sorted(document.get("payload", {}).keys() - {"headers"})
    return f"fields {', '.join(more)}" if more else None
