"""What Graph's errors mean for us (learn.microsoft.com/graph/errors); decisions only."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

from connectors.base import ConnectorError, GiveUpError, RetryLaterError
from connectors.transport.verdict import LONGEST, Verdict, error_of
from connectors.transport.waits import RETRIED

RBAC = "Exchange Online PowerShell: Test-ServicePrincipalAuthorization"


class GraphErrorKind(StrEnum):
    """The kinds of error answers, by how to react to them."""

    RETRY = "retry"
    """Ask again after a while."""
    THROTTLED = "throttled"
    """Ask nothing of this mailbox for a while."""
    MISSING = "missing"
    """There is no such message or folder."""
    STALE = "stale"
    """The link is no longer accepted; the folder has to be walked from its start."""
    CORRUPT = "corrupt"
    """Exchange cannot give out an item, or the page that holds it."""
    NO_HEADERS = "no headers"
    """Internet headers may not be asked for."""
    EXPIRED = "expired"
    """The token is no longer accepted."""
    REFUSED = "refused"
    """This one cannot be had."""
    FATAL = "fatal"
    """The mailbox cannot be read: ``GraphVerdict.error`` says why."""


GraphVerdict: TypeAlias = Verdict[GraphErrorKind]

_STALE = (
    "syncstatenotfound",
    "syncstateinvalid",
    "resyncrequired",
    "invalidsyncstatedata",
    "resync",
    "fullsyncrequired",
)
_CORRUPT = (
    "errorcorruptdata",
    "errorinvalidrecipients",
    "errormimecontentinvalid",
    "errorpropertyvalidationfailure",
)
_MISSING = ("erroritemnotfound", "errorsyncfoldernotfound", "errorfoldernotfound", "errorinvalididmalformed")
_MOVING = ("mailboxinfostale", "errormailboxmoveinprogress")


def judge_graph_error(status: int, body: bytes, *, mailbox: str) -> GraphVerdict:
    """Return the verdict on an error answer of Graph: its kind, and the error to raise if it is fatal."""
    code, message = _said(body)
    text = f"{code} {message}".lower()
    if "sync state" in text or any(sign in code.lower() for sign in _STALE):
        return GraphVerdict(GraphErrorKind.STALE, message)
    if any(sign in code.lower() for sign in _CORRUPT):
        return GraphVerdict(GraphErrorKind.CORRUPT, message)
    for signs, error in _MAILBOX:
        if any(sign in code.lower() for sign in signs):
            return GraphVerdict(GraphErrorKind.FATAL, message, error(mailbox))
    if status in {400, 403} and "internetmessageheaders" in text:
        return GraphVerdict(GraphErrorKind.NO_HEADERS, message)
    return _by_status(status, code.lower(), message, mailbox)


def _by_status(status: int, code: str, message: str, mailbox: str) -> GraphVerdict:
    match status:
        case 401:
            return GraphVerdict(GraphErrorKind.EXPIRED, message)
        case 403:
            return GraphVerdict(GraphErrorKind.FATAL, message, _denied(mailbox))
        case 410:
            kind = GraphErrorKind.STALE
        case 404:
            kind = GraphErrorKind.MISSING
        case 429:
            kind = GraphErrorKind.THROTTLED
        case _ if status in RETRIED or status >= 500:
            kind = GraphErrorKind.RETRY
        case _:
            kind = (
                GraphErrorKind.MISSING if any(sign in code for sign in _MISSING) else GraphErrorKind.REFUSED
            )
    return GraphVerdict(kind, message)


def _said(body: bytes) -> tuple[str, str]:
    """Code and message of an error body, which may be HTML, or nothing."""
    error, text = error_of(body)
    if not isinstance(error, dict):
        return "", text
    return str(error.get("code", ""))[:200], str(error.get("message", ""))[:LONGEST]


def _no_mailbox(mailbox: str) -> GiveUpError:
    return GiveUpError(
        mailbox,
        "there is no mailbox in Exchange Online: it is on premises, deleted, or has no licence.",
        "Look in the Microsoft 365 admin center > Users > Active users > Licences and apps, or take the address out "
        "of the configuration.",
        state="no mailbox",
    )


def _nobody(mailbox: str) -> GiveUpError:
    return GiveUpError(
        mailbox,
        "the directory knows no such user.",
        "If the address has changed, correct it in the configuration; the mail that is stored stays.",
        state="not found",
    )


def _denied(mailbox: str) -> GiveUpError:
    return GiveUpError(
        mailbox,
        "the app may not read this mailbox.",
        "Entra portal > App registrations > API permissions: Mail.ReadBasic.All (application), with admin consent. "
        f"If the app is restricted to some mailboxes, add this one to their scope ({RBAC} shows it). "
        "Either takes up to two hours to work.",
        state="not authorised",
    )


def _moving(mailbox: str) -> RetryLaterError:
    return RetryLaterError(
        mailbox, "Exchange is moving the mailbox.", "The next run goes on.", state="being moved"
    )


_MAILBOX: tuple[tuple[tuple[str, ...], Callable[[str], ConnectorError]], ...] = (
    (("mailboxnotenabledforrestapi", "errornonexistentmailbox", "mailboxnotfound"), _no_mailbox),
    (("errorinvaliduser", "request_resourcenotfound", "usernotfound"), _nobody),
    (("erroraccessdenied", "authorization_requestdenied", "accessdenied"), _denied),
    (_MOVING, _moving),
)
"""Codes that concern the whole mailbox."""


def resource_not_found(verdict: GraphVerdict, *, mailbox: str) -> GraphVerdict:
    """Return the verdict for a request about the mailbox itself.

    A missing answer is fatal there: the mailbox doesn't exist. Other verdicts stay as they are.
    """
    return (
        GraphVerdict(GraphErrorKind.FATAL, verdict.text, _no_mailbox(mailbox))
        if verdict.kind is GraphErrorKind.MISSING
        else verdict
    )
