"""Decides what an error of Google's token endpoint means."""

import datetime as dt

import google.auth.exceptions

from connectors.base import ConnectorError, GiveUpError, RetryLaterError, SignInError
from connectors.gmail.errors import CONSOLE, SCOPE

_CLOCK = ("short-lived", " iat ", " exp ", "token used too early", "in the future", "timeframe")
_NOBODY = ("invalid email", "not a valid email", "user id", "impersonation", "no such user")
_DELETED = ("has been deleted", "account deleted")


def gmail_refusal(error: google.auth.exceptions.RefreshError) -> tuple[str, str]:
    """Return the code and the description of a rejected sign-in."""
    answer = next((part for part in error.args if isinstance(part, dict)), None)
    if answer is None:
        text = str(error.args[0]) if error.args else ""
        code, _, description = text.partition(":")
        return code.strip("(' "), description.strip()
    reason = answer.get("error", "")
    if isinstance(reason, dict):  # the form of Google's other services
        return str(reason.get("status", "")).lower(), str(reason.get("message", ""))
    return str(reason), str(answer.get("error_description", ""))


def gmail_sign_in_error(
    code: str, description: str, *, mailbox: str, client: str, scope: str = SCOPE
) -> ConnectorError:
    """Return the error for an answer of the token endpoint (RFC 6749, 5.2, and Google's own texts).

    ``client`` is the client id of the service account, which the Admin console requires.
    """
    text = description.lower()
    if code == "unauthorized_client":
        return SignInError(
            mailbox,
            "the service account is not authorised for this scope.",
            f"{CONSOLE}: add client ID {client or 'of the service account'} with exactly the scope {scope}. "
            "This can take up to 24 hours.",
            state="not authorised",
        )
    if code in {"invalid_grant", "invalid_request"}:
        return _invalid_grant(text, mailbox)
    if code in {"access_denied", "admin_policy_enforced", "org_internal"}:
        return SignInError(
            mailbox,
            "a policy of your Google Workspace forbids this sign-in.",
            "Allow the app: Admin console > Security > Access and data control > API controls > Manage app access.",
            state="blocked by policy",
        )
    if code == "invalid_scope":
        return SignInError(
            mailbox,
            "Google does not recognise the requested scope.",
            f"{CONSOLE}: set the scope to exactly {scope}.",
            state="scope missing",
            everywhere=True,
        )
    if code in {"disabled_client", "deleted_client", "invalid_client"}:
        return _key_rejected(mailbox, "the service account or OAuth client is disabled, deleted or unknown.")
    return SignInError(
        mailbox,
        f"Google rejected the sign-in ({code[:60] or 'no reason given'}).",
        "Run `mailsignals check`, and compare the permissions with docs/operate/google-workspace.md.",
        state="sign-in rejected",
    )


def google_unavailable(mailbox: str, *, after: float | None = None) -> RetryLaterError:
    """Return the error for a token endpoint that is unwell.

    Args:
        mailbox: the address for which a token was requested.
        after: the seconds that Google requests us to wait; None if it names none.
    """
    return RetryLaterError(
        mailbox,
        "Google's sign-in service does not answer, or its answers are incomplete.",
        "The next run tries again. If this recurs, check the proxy and firewall of this machine.",
        after=None if after is None else dt.timedelta(seconds=after),
        everywhere=True,
    )


def _invalid_grant(text: str, mailbox: str) -> ConnectorError:
    if any(sign in text for sign in _DELETED):
        return GiveUpError(
            mailbox,
            "the account was deleted.",
            "Restore it (Admin console > Directory > Users > Recently deleted), or remove the address from the "
            "configuration. Stored mail is kept.",
            state="deleted",
        )
    if any(sign in text for sign in _NOBODY):
        return GiveUpError(
            mailbox,
            "the user does not exist or is suspended.",
            "Check the user in Admin console > Directory > Users. Use a user's primary address, not an alias or group.",
            state="not found",
        )
    if "signature" in text:
        return _key_rejected(mailbox, "the service account's key is no longer valid.")
    if "robot is disabled" in text or "account disabled" in text:
        return _key_rejected(mailbox, "the service account is disabled.")
    if any(sign in text for sign in _CLOCK):
        return SignInError(
            mailbox,
            "Google rejected the sign-in, because the clock of this machine is wrong.",
            "Set the clock, or turn on time synchronisation.",
            state="clock skew",
        )
    return SignInError(
        mailbox,
        "the permission was revoked or has expired.",
        "Sign in again with `mailsignals check`.",
        state="signed out",
    )


def _key_rejected(mailbox: str, problem: str) -> SignInError:
    return SignInError(
        mailbox,
        problem,
        "Create a new key (Google Cloud console > IAM and admin > Service accounts > Keys), and replace the old one.",
        state="key rejected",
        everywhere=True,
    )
