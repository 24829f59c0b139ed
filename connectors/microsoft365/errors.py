"""Decides what an error of Graph means (learn.microsoft.com/graph/errors)."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeAlias

from connectors.base import ConnectorError, GiveUpError, RetryLaterError
from connectors.transport.limit_state import StandingWaitError
from connectors.transport.verdict import LONGEST, Verdict, error_of
from connectors.transport.waits import RETRIED

NOT_AUTHORISED = "not authorised"
"""The state of a mailbox that the app may not read."""

RBAC = "Exchange Online PowerShell: Test-ServicePrincipalAuthorization"


class GraphErrorKind(StrEnum):
    """The kinds of error answers, by how to react to them."""

    RETRY = "retry"
    """Repeat the request after a while."""
    THROTTLED = "throttled"
    """Send no request for this mailbox for a while."""
    CROWDED = "crowded"
    """Send fewer requests at once for this mailbox."""
    MISSING = "missing"
    """The message or folder doesn't exist."""
    STALE = "stale"
    """The link is no longer accepted; the folder must be walked from its start."""
    CORRUPT = "corrupt"
    """Exchange can't return an item, or the page with it."""
    NO_HEADERS = "no headers"
    """Internet headers must not be requested."""
    EXPIRED = "expired"
    """The token is no longer accepted."""
    REFUSED = "refused"
    """This item can't be read."""
    FATAL = "fatal"
    """The mailbox can't be read; ``GraphVerdict.error`` is the reason."""


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
_CROWDED = ("mailboxconcurrency", "concurrent", "concurrency")
"""Signs of too many simultaneous requests, in codes and messages."""
THROTTLED = frozenset({GraphErrorKind.THROTTLED, GraphErrorKind.CROWDED})
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
            crowded = any(sign in f"{code} {message}".lower() for sign in _CROWDED)
            kind = GraphErrorKind.CROWDED if crowded else GraphErrorKind.THROTTLED
        case _ if status in RETRIED or status >= 500:
            kind = GraphErrorKind.RETRY
        case _:
            kind = (
                GraphErrorKind.MISSING if any(sign in code for sign in _MISSING) else GraphErrorKind.REFUSED
            )
    return GraphVerdict(kind, message)


def _said(body: bytes) -> tuple[str, str]:
    """Code and message of an error body; empty for HTML or no body."""
    error, text = error_of(body)
    if not isinstance(error, dict):
        return "", text
    return str(error.get("code", ""))[:200], str(error.get("message", ""))[:LONGEST]


def _no_mailbox(mailbox: str) -> GiveUpError:
    return GiveUpError(
        mailbox,
        "the mailbox is not in Exchange Online: it is on premises, deleted, or has no licence.",
        "Check Microsoft 365 admin center > Users > Active users > Licences and apps, or remove the address from "
        "the configuration.",
        state="no mailbox",
    )


def _nobody(mailbox: str) -> GiveUpError:
    return GiveUpError(
        mailbox,
        "the user is not in the directory.",
        "If the address has changed, correct it in the configuration. Stored mail is kept.",
        state="not found",
    )


def _denied(mailbox: str) -> GiveUpError:
    return GiveUpError(
        mailbox,
        "the app is not allowed to read this mailbox.",
        "Entra portal > App registrations > API permissions: add Mail.ReadBasic.All (application), with admin consent. "
        f"If the app is restricted to some mailboxes, add this one to their scope ({RBAC} shows it). "
        "Either can take up to two hours.",
        state=NOT_AUTHORISED,
    )


def _moving(mailbox: str) -> RetryLaterError:
    return RetryLaterError(
        mailbox, "Exchange is moving the mailbox.", "The next run continues.", state="being moved"
    )


_MAILBOX: tuple[tuple[tuple[str, ...], Callable[[str], ConnectorError]], ...] = (
    (("mailboxnotenabledforrestapi", "errornonexistentmailbox", "mailboxnotfound"), _no_mailbox),
    (("errorinvaliduser", "request_resourcenotfound", "usernotfound"), _nobody),
    (("erroraccessdenied", "authorization_requestdenied", "accessdenied"), _denied),
    (_MOVING, _moving),
)
"""Error codes that concern the whole mailbox."""


def resource_not_found(verdict: GraphVerdict, *, mailbox: str) -> GraphVerdict:
    """Return the verdict for a request about the mailbox itself.

    A missing answer is fatal there: the mailbox doesn't exist. Other verdicts stay as they are.
    """
    return (
        GraphVerdict(GraphErrorKind.FATAL, verdict.text, _no_mailbox(mailbox))
        if verdict.kind is GraphErrorKind.MISSING
        else verdict
    )


def whole_project(headers: Mapping[str, str]) -> bool:
    """Return whether an answer names a limit of the app or the tenant; ``headers`` have lower-case names."""
    scope = headers.get("x-ms-throttle-scope", "").partition("/")[0].lower()
    return scope.startswith(("tenant", "application"))


def pause_requested(mailbox: str, wait: StandingWaitError) -> RetryLaterError:
    """Return the error for a pause of more than a minute that Microsoft requested."""
    whose = "all mailboxes of the tenant" if wait.everywhere else "this mailbox"
    return RetryLaterError(
        mailbox,
        f"Microsoft requested a pause for {whose}, because there were too many requests.",
        "The sync continues automatically after the pause.",
        after=wait.after,
        state="waiting",
        everywhere=wait.everywhere,
    )
