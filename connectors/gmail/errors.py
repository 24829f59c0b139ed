"""Decides what an error answer of Gmail means.

Gmail reports the same problem in several forms (status, ``errors[].reason``, ``status``, ``details[].reason``,
or text alone), and proxies add pages of HTML, so all of them are examined.
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeAlias

from connectors.base import ConnectorError, GiveUpError, RetryLaterError, SignInError
from connectors.transport.limit_state import StandingWaitError
from connectors.transport.verdict import Verdict, error_of
from connectors.transport.waits import RETRIED

CONSOLE = "Admin console > Security > Access and data control > API controls > Domain-wide delegation"
SCOPE = "https://www.googleapis.com/auth/gmail.metadata"


class GmailErrorKind(StrEnum):
    """The kinds of error answers, by how to react to them."""

    RETRY = "retry"
    """Repeat the request after a while."""
    THROTTLED = "throttled"
    """Slow down, and wait for the quota's next minute."""
    CROWDED = "crowded"
    """Send fewer requests at once."""
    MISSING = "missing"
    """The item doesn't exist, or not yet."""
    REJECTED = "rejected"
    """The request is invalid because of a bookmark or an id."""
    BATCH_LIMIT = "batch limit"
    """Put fewer parts into a batch."""
    REFUSED = "refused"
    """This item can't be read."""
    FATAL = "fatal"
    """The mailbox can't be read; ``GmailVerdict.error`` is the reason."""


THROTTLED = frozenset({GmailErrorKind.THROTTLED, GmailErrorKind.CROWDED})

DAILY_PAUSE = dt.timedelta(hours=1)
"""The pause after an answer that the quota of a day is used up, before it is tried again."""

GmailVerdict: TypeAlias = Verdict[GmailErrorKind]


@dataclasses.dataclass(frozen=True, slots=True)
class Complaint:
    """The parts of an error body."""

    message: str
    reasons: frozenset[str]

    @classmethod
    def of(cls, body: bytes | str) -> "Complaint":
        """Return the parts of the body that a server sent with an error."""
        error, text = error_of(body)
        if error is None:
            return cls(text, frozenset())
        if not isinstance(error, dict):
            return cls(str(error)[:2_000], frozenset({str(error)}))
        parts = [*_dicts(error.get("errors")), *_dicts(error.get("details"))]
        words = [
            error.get("status"),
            *(part.get("reason") for part in parts),
            *(part.get("domain") for part in parts),
        ]
        return cls(str(error.get("message", ""))[:2_000], frozenset(str(word) for word in words if word))

    def mentions(self, *signs: str) -> bool:
        """Return whether one of the signs occurs in the reasons or in the message, ignoring case."""
        everything = " ".join([self.message, *self.reasons]).lower()
        return any(sign.lower() in everything for sign in signs)


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def judge_gmail_error(status: int, body: bytes | str, *, mailbox: str) -> GmailVerdict:
    """Return the verdict on an error answer of the Gmail API: its kind, and the error to raise if it is fatal."""
    complaint = Complaint.of(body)
    match status:
        case 400:
            return _bad_request(complaint, mailbox)
        case 401:
            return GmailVerdict(GmailErrorKind.FATAL, complaint.message, _signed_out(mailbox))
        case 403:
            return _forbidden(complaint, mailbox)
        case 404:
            kind = GmailErrorKind.MISSING
        case 429:
            if complaint.mentions(*_FOR_TODAY):
                return GmailVerdict(GmailErrorKind.FATAL, complaint.message, _daily(mailbox))
            if not complaint.mentions("too many concurrent"):
                return _throttled(complaint)
            kind = GmailErrorKind.CROWDED
        case _:
            kind = GmailErrorKind.RETRY if status in RETRIED or status >= 500 else GmailErrorKind.REFUSED
    return GmailVerdict(kind, complaint.message)


def _bad_request(complaint: Complaint, mailbox: str) -> GmailVerdict:
    if complaint.mentions("inner request count exceeds"):
        found = re.search(r"Limit:\s*(\d+)", complaint.message)
        return GmailVerdict(
            GmailErrorKind.BATCH_LIMIT, complaint.message, limit=int(found[1]) if found else None
        )
    if complaint.mentions("mail service not enabled"):
        error = GiveUpError(
            mailbox,
            "Gmail is turned off for this user.",
            "Give the user a licence with Gmail (Admin console > Directory > Users > Licences), "
            "or take the address out of the configuration.",
            state="no mailbox",
        )
        return GmailVerdict(GmailErrorKind.FATAL, complaint.message, error)
    if complaint.mentions("failedprecondition", "failed_precondition", "precondition check failed"):
        error = GiveUpError(
            mailbox,
            "Google does not allow access to this address.",
            "Use the primary address of a user of your Google Workspace, not an alias, a group or an external "
            "address.",
            state="not authorised",
        )
        return GmailVerdict(GmailErrorKind.FATAL, complaint.message, error)
    return GmailVerdict(GmailErrorKind.REJECTED, complaint.message)


def _forbidden(complaint: Complaint, mailbox: str) -> GmailVerdict:
    if complaint.mentions(*_THROTTLED) and not complaint.mentions(*_FOR_TODAY):
        return _throttled(complaint)
    for signs, error in _FORBIDDEN:
        if complaint.mentions(*signs):
            return GmailVerdict(GmailErrorKind.FATAL, complaint.message, error(mailbox))
    return GmailVerdict(GmailErrorKind.REFUSED, complaint.message)


def _throttled(complaint: Complaint) -> GmailVerdict:
    everywhere = complaint.mentions("queries per minute") and not complaint.mentions("per user")
    return GmailVerdict(GmailErrorKind.THROTTLED, complaint.message, everywhere=everywhere)


def gmail_pause(mailbox: str, wait: StandingWaitError) -> RetryLaterError:
    """Return the error for a wait of more than a minute: Google requested it, or the quota of a day is used up."""
    if not wait.demanded:
        error = _daily(mailbox)
        error.after = wait.after
        return error
    whose = "all mailboxes of the project" if wait.everywhere else "this mailbox"
    return RetryLaterError(
        mailbox,
        f"Google requested a pause for {whose}.",
        "The sync continues automatically after the pause; earlier requests would prolong it.",
        after=wait.after,
        state="waiting",
        everywhere=wait.everywhere,
    )


def _signed_out(mailbox: str) -> SignInError:
    return SignInError(
        mailbox,
        "Gmail no longer accepts the sign-in.",
        "Tokens last about an hour: get a new one. Otherwise run `mailsignals check` to see the reason.",
        state="signed out",
    )


def _daily(mailbox: str) -> RetryLaterError:
    return RetryLaterError(
        mailbox,
        "the project's quota of the Gmail API for today is used up.",
        "The sync continues automatically. The quota is in Google Cloud console > APIs and services > Gmail API.",
        after=DAILY_PAUSE,
        state="quota used up",
        everywhere=True,
    )


def _not_enabled(mailbox: str) -> GiveUpError:
    return GiveUpError(
        mailbox,
        "the Gmail API is not enabled in the Google Cloud project.",
        "Enable it in Google Cloud console > APIs and services > Library > Gmail API, then wait some minutes.",
        state="API not enabled",
        everywhere=True,
    )


def _scope(mailbox: str) -> SignInError:
    return SignInError(
        mailbox,
        "the sign-in lacks the permission to read metadata.",
        f"Grant the scope {SCOPE} and sign in again.",
        state="scope missing",
    )


def _policy(mailbox: str) -> GiveUpError:
    return GiveUpError(
        mailbox,
        "a policy of your Google Workspace forbids this access.",
        "Allow the app: Admin console > Security > Access and data control > API controls > Manage app access.",
        state="blocked by policy",
    )


def _metadata(mailbox: str) -> GiveUpError:
    return GiveUpError(
        mailbox,
        "Gmail rejected a request, because the permission gmail.metadata does not cover it.",
        "This is an error in mailsignals; please report it.",
        state="request rejected",
        everywhere=True,
    )


def _delegation(mailbox: str) -> GiveUpError:
    return GiveUpError(
        mailbox,
        "the sign-in belongs to another mailbox.",
        "A token or a person's sign-in can only read that person's mailbox. Configure that address, or use a "
        'service account (auth = "service_account").',
        state="not authorised",
    )


_FOR_TODAY = ("dailylimitexceeded", "daily limit", "per day")
_THROTTLED = ("ratelimitexceeded", "quota exceeded", "quotaexceeded", "per minute", "resource_exhausted")
_FORBIDDEN: tuple[tuple[tuple[str, ...], Callable[[str], ConnectorError]], ...] = (
    (_FOR_TODAY, _daily),
    (("accessnotconfigured", "service_disabled", "has not been used in project"), _not_enabled),
    (("metadata scope",), _metadata),
    (("insufficientpermissions", "insufficient authentication scopes", "scope_insufficient"), _scope),
    (("delegation denied",), _delegation),
    (("domainpolicy", "domain administrators have disabled", "admin_policy"), _policy),
)
"""The errors for status 403 by texts in the answer; the first match decides."""
